"""Deciding who it was: confirm, correct, dismiss, and learn from it."""

import contextlib
import logging
import threading
from dataclasses import replace

from facegate.domain.errors import EventNotFound, FacegateError, InvalidInput, TemplateNotFound
from facegate.domain.events.event import Event, ReviewState
from facegate.domain.events.review import (
    Learned,
    check_reviewable,
    decided,
    learned_from,
    suggested,
)
from facegate.domain.subjects import parse_subject_id
from facegate.ports.clock import Clock
from facegate.ports.events.event_store import EventStore
from facegate.ports.events.shot_store import ShotStore
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos, EnrolPhotosRequest, Photo
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.gallery import Gallery

logger = logging.getLogger(__name__)

SOURCE = "review"
"""What templates that came this way say of where they are from."""


class ReviewEvents:
    """What people do with events of faces, those that wait for it and all others. Safe from several threads.

    A decision can be changed by another one; made again it does nothing. Two clicks at once are one after
    the other, and the second finds what the first did.
    """

    def __init__(  # noqa: PLR0913 - a decision touches all of these
        self,
        store: EventStore,
        shots: ShotStore,
        gallery: Gallery,
        enrol_photos: EnrolPhotos,
        rules: EnrolmentRules,
        log: EventLog,
        clock: Clock,
    ) -> None:
        self._store = store
        self._shots = shots
        self._gallery = gallery
        self._enrol_photos = enrol_photos
        # A click that was cut short, or comes twice, must not enrol the same picture twice.
        self._rules = replace(rules, skip_known=True)
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()

    def confirm(self, event_id: str, learn: bool = False) -> Event:
        """It was whom the event names, or else its first candidate. `learn` enrols the shot for them.

        Raises:
            EventNotFound: there is none.
            InvalidInput: nobody is named; or there is no picture to learn from.
            SubjectNotFound: the person is no longer enrolled.
            FaceRefused: the picture cannot be learned from (NoFace, PoorQuality …); nothing was decided.
            StoreFailed, EngineFailed: nothing was decided.
        """
        with self._lock:
            event = self._get(event_id)
            subject_id = suggested(event)
            if subject_id is None:
                raise InvalidInput("this event names nobody: say who it was", field="subject_id")
            state = ReviewState.CONFIRMED
            if event.review is ReviewState.CORRECTED:  # confirming a correction leaves it one
                state = ReviewState.CORRECTED
            return self._decide(event, state, subject_id, learn=learn)

    def correct(self, event_id: str, subject_id: str, learn: bool = False) -> Event:
        """It was somebody else; what was learned of it for the wrong person is removed.

        Raises:
            EventNotFound, SubjectNotFound: there is no such event or person.
            InvalidInput: an id that is none; or there is no picture to learn from.
            FaceRefused: the picture cannot be learned from (NoFace, PoorQuality …); nothing was decided.
            StoreFailed, EngineFailed: nothing was decided.
        """
        right_id = parse_subject_id(subject_id)
        with self._lock:
            return self._decide(self._get(event_id), ReviewState.CORRECTED, right_id, learn=learn)

    def dismiss(self, event_id: str) -> Event:
        """It was nobody of the gallery; what was learned of it is removed.

        Raises:
            EventNotFound: there is none.
            InvalidInput: the event is not of a face.
            StoreFailed: nothing was decided.
        """
        with self._lock:
            return self._decide(self._get(event_id), ReviewState.DISMISSED, None, learn=False)

    def _get(self, event_id: str) -> Event:
        event = self._store.find_event(event_id)
        if event is None:
            raise _not_found()
        check_reviewable(event)
        return event

    def _decide(self, event: Event, state: ReviewState, subject_id: str | None, *, learn: bool) -> Event:
        """What is right is enrolled first, what is wrong removed next, and the decision kept last.

        Cut short, the next click finds what was done, and goes on from there.
        """
        if subject_id is not None:
            self._gallery.get_subject(subject_id)
        before = learned_from(event)
        learned = before if before is not None and before.subject_id == subject_id else None
        is_new = learn and subject_id is not None and learned is None
        if is_new and subject_id is not None:
            learned = self._learn(event, subject_id)
        if before is not None and before != learned:
            self._unlearn(before)
        try:
            changed = self._log.change(
                event.event_id,
                lambda stored: decided(stored, state, subject_id, learned, self._clock.now_utc()),
            )
            if changed is None:
                raise _not_found()
        except FacegateError:
            if is_new and learned is not None:
                self._unlearn(learned)
            raise
        return changed

    def _learn(self, event: Event, subject_id: str) -> Learned | None:
        picture = self._shots.open_shot(event.event_id) if event.has_shot else None
        if picture is None:
            raise InvalidInput("no picture of this event is kept: decide without learning", field="learn")
        result = self._enrol_photos(
            EnrolPhotosRequest(subject_id, (Photo("shot", picture),), SOURCE, self._rules, must_exist=True)
        )
        if result.rejected:
            raise result.rejected[0].error
        accepted = result.accepted[0]
        if accepted.was_known and not self._is_from_review(subject_id, accepted.template_id):
            # They were enrolled with this very picture on another way: not ours to remove later.
            return None
        return Learned(accepted.template_id, subject_id)

    def _is_from_review(self, subject_id: str, template_id: str) -> bool:
        return any(
            stored.template_id == template_id and stored.source == SOURCE
            for stored in self._gallery.templates_of(subject_id)
        )

    def _unlearn(self, learned: Learned) -> None:
        with contextlib.suppress(TemplateNotFound):  # removed by hand, or replaced by a better one
            removed = self._gallery.remove_template(learned.template_id)
            logger.info("template %s, learned of a wrong match, was removed", removed.template_id)


def _not_found() -> EventNotFound:
    return EventNotFound("no event has this id, or it is no longer kept")
