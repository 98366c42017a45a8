"""What happens at cameras, written into the history and told to those who want to hear it.

The picture first, then the event with its messages in one transaction, then whoever delivers is woken. A
crash in between leaves a picture without an event, which is swept, and nothing else.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from facegate.domain.alerts.messages import AlertKind
from facegate.domain.alerts.policy import Reason
from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.status import CameraStatus
from facegate.domain.cameras.visits import Visit, VisitChange, VisitChangeKind
from facegate.domain.events.concerned import DECIDED, with_decision_of
from facegate.domain.events.event import Event, EventDoor, EventKind, ReviewState, new_event_id
from facegate.domain.matching import Band
from facegate.domain.subjects import Subject
from facegate.use_cases.alerts.raise_alerts import Picture, RaiseAlerts, Raised
from facegate.use_cases.cameras.visit_shots import VisitShots
from facegate.use_cases.events.event_log import EventLog

MIN_STAY_S = 5.0
"""Who passes by more quickly has not left anything; the visit's own event says when it ended."""

_REMEMBERED_ENDS = 2000
"""So many visits that ended are known, for reports that come a second time."""

_MOST_OPEN = 20_000
"""More than all cameras have at once: beyond it the oldest are of ends that never came."""


@dataclass(slots=True)
class _OpenVisit:
    """A visit whose beginning is stored. `left_id` is its last event's, the same when it is tried again.

    `subject_id` is whom its event names; `had_shot` that it ever had a picture.
    """

    kept_quality: float | None
    was_told: bool
    left_id: str
    subject_id: str | None = None
    had_shot: bool = False

    @property
    def has_shot(self) -> bool:
        """Whether a picture was kept."""
        return self.kept_quality is not None

    def has_shot_with(self, stored: Event) -> bool:
        """Whether the event has a picture from now on; one that was taken from it does not come back."""
        return stored.has_shot or (self.has_shot and not self.had_shot)


class ReportVisits:
    """See VisitReports. One event per visit, one more when somebody who stayed has left."""

    def __init__(
        self,
        log: EventLog,
        raise_alerts: RaiseAlerts,
        find_subject: Callable[[str], Subject | None],
        shots: VisitShots,
        wake: Callable[[], None],
    ) -> None:
        """`wake` is called when something new is to be delivered."""
        self._log = log
        self._raise = raise_alerts
        self._find_subject = find_subject
        self._shots = shots
        self._wake = wake
        self._open: dict[str, _OpenVisit] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def visits_changed(self, camera: Camera, changes: Sequence[VisitChange]) -> None:
        """See VisitReports. A beginning that was never stored is made up for by what comes next."""
        for change in changes:
            visit = self._without_gone(change.visit)
            if visit.visit_id in self._ended:
                continue
            known = self._open.get(visit.visit_id)
            if known is None:
                known = self._begin(camera, visit)
            elif change.kind is VisitChangeKind.NAMED and visit.subject_id is not None:
                self._name(camera, visit, known)
            if change.kind is VisitChangeKind.ENDED:
                self._end(camera, change.visit, visit, known)

    def camera_down(self, camera: Camera, status: CameraStatus) -> None:
        """See VisitReports."""
        fault = {} if status.fault is None else {"fault": status.fault.value}
        self._health(camera, status, EventKind.CAMERA_DOWN, {**fault, "trouble": status.trouble}, None)

    def camera_up(self, camera: Camera, status: CameraStatus, was_down_s: float | None) -> None:
        """See VisitReports. The first pictures since a start are news only where a failure was told."""
        duration = {} if was_down_s is None else {"duration_s": round(was_down_s, 1)}
        self._health(camera, status, EventKind.CAMERA_UP, duration, was_down_s)

    def _begin(self, camera: Camera, visit: Visit) -> _OpenVisit:
        known = _OpenVisit(None, False, new_event_id())
        self._keep_better(visit, known)
        event = replace(_seen(camera, visit), has_shot=known.has_shot)
        raised = self._told(camera, visit, event)
        event = replace(event, facts={**event.facts, "alert": raised.reason.value})
        self._log.record([event], raised.messages, raised.marks)
        known.was_told = bool(raised.messages)
        known.subject_id, known.had_shot = event.subject_id, event.has_shot
        self._open[visit.visit_id] = known
        while len(self._open) > _MOST_OPEN:
            del self._open[next(iter(self._open))]
        if raised.messages:
            self._wake()
        return known

    def _name(self, camera: Camera, visit: Visit, known: _OpenVisit) -> None:
        """Told first, then written: told twice it has the same key, written twice it is the same."""
        self._keep_better(visit, known)
        event = _seen(camera, visit)
        raised = self._told(camera, visit, event)
        if raised.messages or raised.marks:
            self._log.record([], raised.messages, raised.marks)
        if raised.messages:
            known.was_told = True
            self._wake()

        def named(stored: Event) -> Event:
            facts = {**stored.facts, **event.facts}
            if raised.messages:
                facts["alert"] = raised.reason.value
            newer = replace(
                event,
                place_name=stored.place_name,
                ended_at=stored.ended_at,
                has_shot=known.has_shot_with(stored),
                reviewed_at=stored.reviewed_at,
                facts=facts,
            )
            return with_decision_of(stored, newer)

        changed = self._log.change(visit.visit_id, named)
        known.subject_id = visit.subject_id
        known.had_shot |= changed is not None and changed.has_shot

    def _end(self, camera: Camera, reported: Visit, visit: Visit, known: _OpenVisit) -> None:
        """`visit` is what was reported without those who were deleted meanwhile."""
        ended_at = visit.ended_at or visit.last_seen_at
        stayed_s = max(0.0, (ended_at - visit.began_at).total_seconds())
        self._keep_better(visit, known)
        # A visit that has a name keeps it, or gets another: without one its person was deleted.
        was_deleted = reported.subject_id != visit.subject_id
        was_deleted |= visit.subject_id is None and known.subject_id is not None

        def ended(stored: Event) -> Event:
            is_theirs = stored.subject_id == visit.subject_id or stored.review in DECIDED
            # The picture may show whoever was deleted.
            may_keep = is_theirs and visit is reported and not was_deleted
            return replace(
                stored,
                ended_at=ended_at,
                has_shot=known.has_shot_with(stored) if may_keep else stored.has_shot,
                facts={**stored.facts, "duration_s": round(stayed_s, 1)},
            )

        changed = self._log.change(visit.visit_id, ended)
        if known.has_shot and (changed is None or not changed.has_shot):
            self._shots.drop(visit.visit_id)
        if not was_deleted:
            self._tell_left(camera, visit, known, stayed_s)
        self._ended[visit.visit_id] = None
        del self._open[visit.visit_id]
        while len(self._ended) > _REMEMBERED_ENDS:
            self._ended.popitem(last=False)

    def _tell_left(self, camera: Camera, visit: Visit, known: _OpenVisit, stayed_s: float) -> None:
        duration = {"duration_s": round(stayed_s, 1)}
        seen = _seen(camera, visit)
        seen = replace(seen, ended_at=visit.ended_at or visit.last_seen_at, facts={**seen.facts, **duration})
        raised = self._raise.for_visit(
            camera, seen, AlertKind.LEFT, was_told=known.was_told, known_at=seen.ended_at
        )
        if stayed_s < MIN_STAY_S and not raised.messages:
            return
        left = replace(
            seen,
            event_id=known.left_id,
            kind=EventKind.LEFT,
            occurred_at=seen.ended_at or seen.occurred_at,
            ended_at=None,
            candidates=(),
            review=ReviewState.NOT_NEEDED,
            origin=f"visit:{visit.visit_id}:left",
            facts={**duration, "visit_id": visit.visit_id, "alert": raised.reason.value},
        )
        self._log.record([left], raised.messages, raised.marks)
        if raised.messages:
            self._wake()

    def _health(
        self,
        camera: Camera,
        status: CameraStatus,
        kind: EventKind,
        facts: Mapping[str, object],
        was_down_s: float | None,
    ) -> None:
        event = Event(
            event_id=new_event_id(),
            kind=kind,
            door=EventDoor.CAMERAS,
            occurred_at=status.since,
            place_id=camera.camera_id,
            place_name=camera.nickname,
            origin=f"{kind.value}:{camera.camera_id}:{status.since.isoformat()}",
            facts=facts,
        )
        raised = self._raise.for_health(camera, event, AlertKind(kind.value), was_down_s)
        is_start = kind is EventKind.CAMERA_UP and was_down_s is None
        if is_start and raised.reason is Reason.BEGINNING_NOT_TOLD:
            return
        event = replace(event, facts={**facts, "alert": raised.reason.value})
        self._log.record([event], raised.messages, raised.marks)
        if raised.messages:
            self._wake()

    def _keep_better(self, visit: Visit, known: _OpenVisit) -> None:
        """Keeps this visit's picture where it is better than what is kept already."""
        shot = visit.shot
        if shot is None or not self._log.keeps(EventDoor.CAMERAS):
            return
        is_better = known.kept_quality is None or shot.quality > known.kept_quality
        if is_better and self._shots.keep(visit.visit_id, shot):
            known.kept_quality = shot.quality

    def _told(self, camera: Camera, visit: Visit, event: Event) -> Raised:
        picture = self._picture(camera, visit, event)
        return self._raise.for_visit(camera, event, AlertKind.SEEN, picture, known_at=visit.last_seen_at)

    def _picture(self, camera: Camera, visit: Visit, event: Event) -> Picture | None:
        shot = visit.shot
        if shot is None:
            return None
        return lambda: self._shots.draw(shot, self._raise.label(camera, event), visit.band)

    def _without_gone(self, visit: Visit) -> Visit:
        """The visit without persons who were deleted since it was seen: they must not come back by it."""
        ids = {one.subject_id for one in visit.candidates}
        if visit.subject_id is not None:
            ids.add(visit.subject_id)
        gone = {subject_id for subject_id in ids if self._find_subject(subject_id) is None}
        if not gone:
            return visit
        candidates = tuple(one for one in visit.candidates if one.subject_id not in gone)
        visit = replace(visit, candidates=candidates, shot=None)
        if visit.subject_id in gone:
            return replace(visit, subject_id=None, band=Band.UNKNOWN, confidence=None, similarity=None)
        if visit.band is Band.REVIEW and not candidates:
            return replace(visit, band=Band.UNKNOWN)
        return visit


def _seen(camera: Camera, visit: Visit) -> Event:
    facts: dict[str, object] = {} if visit.is_live is None else {"is_live": visit.is_live}
    is_review = visit.band is Band.REVIEW
    return Event(
        event_id=visit.visit_id,
        kind=EventKind.SEEN,
        door=EventDoor.CAMERAS,
        occurred_at=visit.began_at,
        place_id=camera.camera_id,
        place_name=camera.nickname,
        subject_id=visit.subject_id,
        band=visit.band,
        confidence=visit.confidence,
        similarity=visit.similarity,
        candidates=visit.candidates,
        review=ReviewState.PENDING if is_review else ReviewState.NOT_NEEDED,
        origin=f"visit:{visit.visit_id}",
        facts=facts,
    )
