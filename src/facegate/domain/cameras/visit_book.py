"""The visits at one camera that have begun and not ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from facegate.domain.cameras.appearance import Appearance
from facegate.domain.cameras.people_in_view import PersonInView
from facegate.domain.cameras.visits import Visit, VisitChange, VisitChangeKind
from facegate.domain.cameras.votes import Verdict

_MOST_VISITS = 200
_MOST_SHOT_FRAMES = 12
"""Pictures kept for visits, 2.8 MB each; beyond it the visits seen longest ago do without."""

_MOST_TRACKS = 32

_HELD_TIMES = 2.0
"""A visit is held open by somebody who looks like its person, but is not known to be, for so many times
the pause that ends it."""


@dataclass(slots=True, eq=False)
class _OpenVisit:
    visit: Visit
    appearance: Appearance
    seen_s: float
    shot_score: float = 0.0
    track_ids: set[int] = field(default_factory=set)


class VisitBook:
    """Turns who is in view into visits. Times in seconds are monotonic.

    A person of the gallery is one visit, whatever tracks they have. Strangers are one visit where their
    tracks look alike and were not in view together.
    """

    def __init__(self, camera_id: str, leave_after_s: float, join_from: float) -> None:
        """`join_from` is the similarity from which two tracks are one person's."""
        self._camera_id = camera_id
        self._leave_after_s = leave_after_s
        self._join_from = join_from
        self._open: list[_OpenVisit] = []
        self._forgotten: list[VisitChange] = []
        """Ends of visits whose persons were deleted, until they are told."""

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Those that are open, in the order in which they began."""
        return tuple(entry.visit for entry in self._open)

    def shot_score(self, person: PersonInView) -> float:
        """How good the picture is that is kept of this person; 0 where there is none."""
        entry = self._of_track(person)
        if entry is None:
            return person.shot_score if person.shot is not None else 0.0
        return entry.shot_score if entry.visit.shot is not None else 0.0

    def subject_of(self, person: PersonInView) -> str | None:
        """Whose visit it is, as far as that is known."""
        entry = self._of_track(person)
        return None if entry is None else entry.visit.subject_id

    def subjects_to_tell(self, in_view: Sequence[PersonInView], at_s: float) -> set[str]:
        """Everybody whose name the next `update` may tell or show.

        Who of them is not in the gallery any more has to be forgotten before.
        """
        visits = self.due(at_s)
        subject_ids: set[str] = set()
        for person in in_view:
            entry = self._of_track(person)
            verdict = person.verdict
            told = None if entry is None else entry.visit
            if told is not None and told.subject_id is not None:
                subject_ids.add(told.subject_id)
            if verdict is not None and (told is None or told.subject_id != verdict.subject_id):
                subject_ids.update(candidate.subject_id for candidate in verdict.candidates)
                visits += [told] if told is not None else []
        for visit in visits:
            subject_ids.update(candidate.subject_id for candidate in visit.candidates)
            subject_ids.update([visit.subject_id] if visit.subject_id is not None else [])
        return subject_ids

    def update(self, in_view: Sequence[PersonInView], at: datetime, at_s: float) -> list[VisitChange]:
        """What becomes of the visits now that these are in view; the others are not."""
        changes = self._ends_of_forgotten()
        for person in in_view:
            if person.verdict is not None:
                changes += self._settle(person, person.verdict, in_view, at, at_s)
        held = [entry for entry in map(self._likely(in_view), in_view) if entry is not None]
        changes += self._expire(held, at_s)
        self._spare_memory()
        return changes

    def pass_time(self, at_s: float) -> list[VisitChange]:
        """Nobody was looked for: visits end all the same once their time is over."""
        return [*self._ends_of_forgotten(), *self._expire([], at_s)]

    def postpone(self, passed_s: float) -> None:
        """For so long nobody could look: that time counts for no visit."""
        for entry in self._open:
            entry.seen_s += passed_s

    def due(self, at_s: float) -> list[Visit]:
        """The visits that `pass_time` would end."""
        return [entry.visit for entry in self._open if at_s - entry.seen_s >= self._leave_after_s]

    def end_all(self) -> list[VisitChange]:
        """Every visit ends."""
        ended, self._open = self._open, []
        return [*self._ends_of_forgotten(), *(_ended(entry.visit) for entry in ended)]

    def forget_subject(self, subject_id: str) -> None:
        """The person was deleted: their visit ends as nobody's, and nobody may have been them."""
        theirs = [entry for entry in self._open if entry.visit.subject_id == subject_id]
        self._forgotten += [_ended(entry.visit.as_nobodys()) for entry in theirs]
        self._open = [entry for entry in self._open if entry not in theirs]
        for entry in self._open:
            candidates = entry.visit.candidates
            kept = tuple(candidate for candidate in candidates if candidate.subject_id != subject_id)
            if len(kept) < len(candidates):
                # The picture may show whoever was deleted.
                bare = replace(entry.visit, candidates=kept, confidence=None, similarity=None, shot=None)
                entry.visit = bare

    def _ends_of_forgotten(self) -> list[VisitChange]:
        told, self._forgotten = self._forgotten, []
        return told

    def _settle(
        self,
        person: PersonInView,
        verdict: Verdict,
        in_view: Sequence[PersonInView],
        at: datetime,
        at_s: float,
    ) -> list[VisitChange]:
        """The visit of somebody whose verdict is known begins, goes on or gets a name."""
        own = self._of_track(person)
        subject_id = verdict.subject_id
        named = self._of_subject(subject_id) if subject_id is not None else None
        changes: list[VisitChange] = []
        if own is not None and named is not None and own is not named:
            changes += self._released(own, person, in_view)
            own = named
        entry = own or named or self._joinable(person, verdict, in_view)
        if entry is None or self._is_anothers(entry, person, subject_id, in_view):
            if entry is not None:
                entry.track_ids.discard(person.track.track_id)
            return changes + self._begun(person, verdict, at, at_s)
        entry.track_ids = {*sorted(entry.track_ids)[-_MOST_TRACKS:], person.track.track_id}
        entry.appearance.merge(person.appearance)
        entry.seen_s = max(entry.seen_s, at_s)
        was = entry.visit.subject_id
        entry.visit = _seen_again(entry.visit, verdict, at)
        _take_shot(entry, person)
        if entry.visit.subject_id != was:
            changes.append(VisitChange(VisitChangeKind.NAMED, entry.visit))
        return changes

    def _is_anothers(
        self,
        entry: _OpenVisit,
        person: PersonInView,
        subject_id: str | None,
        in_view: Sequence[PersonInView],
    ) -> bool:
        """Whether the visit is somebody else's who is in view: this person needs one of their own."""
        if subject_id is None or entry.visit.subject_id == subject_id:
            return False
        return any(other is not person and other.track.track_id in entry.track_ids for other in in_view)

    def _released(
        self, entry: _OpenVisit, person: PersonInView, in_view: Sequence[PersonInView]
    ) -> list[VisitChange]:
        """The track belongs to another visit after all; a visit that nobody is left of ends."""
        entry.track_ids.discard(person.track.track_id)
        if entry.visit.subject_id is not None or any(p.track.track_id in entry.track_ids for p in in_view):
            return []
        self._open.remove(entry)
        return [_ended(entry.visit)]

    def _begun(self, person: PersonInView, verdict: Verdict, at: datetime, at_s: float) -> list[VisitChange]:
        changes = []
        if len(self._open) >= _MOST_VISITS:
            oldest = min(self._open, key=lambda entry: entry.seen_s)
            self._open.remove(oldest)
            changes.append(_ended(oldest.visit))
        appearance = Appearance(person.appearance.metric)
        appearance.merge(person.appearance)
        visit = Visit(
            camera_id=self._camera_id,
            subject_id=verdict.subject_id,
            band=verdict.band,
            began_at=min(person.began_at, at),
            last_seen_at=at,
            confidence=verdict.confidence,
            similarity=verdict.similarity,
            candidates=verdict.candidates,
            is_live=verdict.is_live,
        )
        entry = _OpenVisit(visit, appearance, at_s, track_ids={person.track.track_id})
        _take_shot(entry, person)
        self._open.append(entry)
        return [*changes, VisitChange(VisitChangeKind.BEGAN, entry.visit)]

    def _joinable(
        self, person: PersonInView, verdict: Verdict | None, in_view: Sequence[PersonInView]
    ) -> _OpenVisit | None:
        """The visit of somebody out of view who looks the same: their track broke and came back.

        One that has another name already is not, nor is a picture of somebody that of the person.
        """
        subject_id = None if verdict is None else verdict.subject_id
        is_fake = verdict is not None and verdict.is_live is False
        seen_ids = {other.track.track_id for other in in_view}
        free = [
            entry
            for entry in self._open
            if not entry.track_ids & seen_ids
            and (subject_id is None or entry.visit.subject_id is None)
            and is_fake == (entry.visit.is_live is False)
        ]
        found = person.appearance.most_alike([entry.appearance for entry in free], self._join_from)
        return None if found is None else free[found]

    def _likely(self, in_view: Sequence[PersonInView]) -> Callable[[PersonInView], _OpenVisit | None]:
        """For each without a verdict: whose visit it may be; that one is not ended over their head."""

        def find(person: PersonInView) -> _OpenVisit | None:
            if person.verdict is not None:
                return None
            return self._of_track(person) or self._joinable(person, None, in_view)

        return find

    def _expire(self, held: Sequence[_OpenVisit], at_s: float) -> list[VisitChange]:
        over = []
        for entry in self._open:
            is_held = any(entry is other for other in held)
            pause_s = self._leave_after_s * (_HELD_TIMES if is_held else 1.0)
            if at_s - entry.seen_s >= pause_s:
                over.append(entry)
        self._open = [entry for entry in self._open if entry not in over]
        return [_ended(entry.visit) for entry in over]

    def _spare_memory(self) -> None:
        frames: set[int] = set()
        for entry in sorted(self._open, key=lambda entry: entry.seen_s, reverse=True):
            if entry.visit.shot is None:
                continue
            frame_id = id(entry.visit.shot.frame)
            if frame_id not in frames and len(frames) >= _MOST_SHOT_FRAMES:
                entry.visit = replace(entry.visit, shot=None)
            else:
                frames.add(frame_id)

    def _of_track(self, person: PersonInView) -> _OpenVisit | None:
        track_id = person.track.track_id
        return next((entry for entry in self._open if track_id in entry.track_ids), None)

    def _of_subject(self, subject_id: str) -> _OpenVisit | None:
        return next((entry for entry in self._open if entry.visit.subject_id == subject_id), None)


def _seen_again(visit: Visit, verdict: Verdict, at: datetime) -> Visit:
    """The visit with what is known now; one that has a name keeps it until the votes are for another."""
    seen = replace(visit, last_seen_at=max(visit.last_seen_at, at))
    if verdict.subject_id is None and visit.subject_id is not None:
        return seen
    return replace(
        seen,
        subject_id=verdict.subject_id,
        band=verdict.band,
        confidence=verdict.confidence,
        similarity=verdict.similarity,
        candidates=verdict.candidates,
        is_live=verdict.is_live,
    )


def _take_shot(entry: _OpenVisit, person: PersonInView) -> None:
    """The person's new picture becomes the visit's where it is better, or where there is none."""
    if person.shot is None:
        return
    if entry.visit.shot is None or person.shot_score > entry.shot_score:
        entry.visit, entry.shot_score = replace(entry.visit, shot=person.shot), person.shot_score
    person.shot, person.shot_score = None, 0.0


def _ended(visit: Visit) -> VisitChange:
    return VisitChange(VisitChangeKind.ENDED, replace(visit, ended_at=visit.last_seen_at))
