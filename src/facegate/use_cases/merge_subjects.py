"""One person who was enrolled as two becomes one."""

from collections.abc import Callable
from dataclasses import dataclass

from facegate.domain.errors import InvalidInput, StoreFailed
from facegate.domain.events.event import EventQuery
from facegate.domain.events.renaming import with_person_replaced
from facegate.domain.gallery import Enrolment, NewTemplate
from facegate.domain.images import FaceCutout
from facegate.domain.merging import (
    SisterTemplates,
    best_to_move,
    is_known_among,
    merged_template_id,
    sisters_of,
)
from facegate.domain.subjects import Subject, parse_subject_id
from facegate.domain.templates import StoredTemplate
from facegate.ports.clock import Clock
from facegate.ports.events.event_store import EventStore
from facegate.ports.subject_groups import SubjectGroupStore
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.gallery import Gallery

_PAGE = 500

_MAX_ROUNDS = 5
"""So often somebody may be enrolled with another photo while they are merged."""


@dataclass(frozen=True, slots=True)
class MergedSubjects:
    """The person who is left. `left_out_count` templates were known already or not among the best."""

    subject: Subject
    moved_count: int
    left_out_count: int
    event_count: int


@dataclass(frozen=True, slots=True, eq=False)
class MergeStores:
    """What is kept of persons beside the gallery and moves with them."""

    events: EventStore
    groups: SubjectGroupStore
    cutout_of: Callable[[str], FaceCutout | None]
    rename_in_rules: Callable[[str, str], object] = lambda _from_id, _into_id: None
    """Whoever chose the first person to be told of means the second one."""


class MergeSubjects:
    """Moves templates, groups, rules and events of one person to another, then removes the first.

    Everything is with the second person before the first one goes: cut short, both are there, and merging
    them again goes on. Workstations, terminals, evidence and alerts lose the first as after any removal.
    """

    def __init__(
        self, gallery: Gallery, stores: MergeStores, log: EventLog, clock: Clock, max_templates: int | None
    ) -> None:
        self._gallery = gallery
        self._stores = stores
        self._log = log
        self._clock = clock
        self._max_templates = max_templates

    def __call__(self, subject_id: str, into_id: str) -> MergedSubjects:
        """Merges the first person into the second one.

        Raises:
            InvalidInput: an id that is none, or twice the same.
            SubjectNotFound: one of them is not enrolled.
            StoreFailed: both are still there.
        """
        from_id, into_id = parse_subject_id(subject_id), parse_subject_id(into_id)
        if from_id == into_id:
            raise InvalidInput("a person cannot be merged into themselves", field="into")
        self._gallery.get_subject(from_id)
        self._gallery.get_subject(into_id)
        moved_count = event_count = 0
        for _ in range(_MAX_ROUNDS):
            theirs = self._gallery.templates_of(from_id)
            moved_count += self._move_templates(theirs, into_id)
            self._move_groups(from_id, into_id)
            self._stores.rename_in_rules(from_id, into_id)
            event_count += self._move_events(from_id, into_id)
            if self._gallery.remove_if_it_has_no_others(from_id, {one.template_id for one in theirs}):
                return MergedSubjects(
                    self._gallery.get_subject(into_id), moved_count, len(theirs) - moved_count, event_count
                )
        raise StoreFailed("this person is being enrolled all the time: merge them once that has ended")

    def _move_templates(self, theirs: list[StoredTemplate], into_id: str) -> int:
        """How many were written for the other person."""
        cutouts = {
            stored.template_id: cutout
            for stored in theirs
            if stored.has_cutout and (cutout := self._stores.cutout_of(stored.template_id)) is not None
        }
        own = self._gallery.templates_of(into_id)
        own_ids = {stored.template_id for stored in own}
        groups = sisters_of(theirs, cutouts, self._gallery.model_id)
        moved_before = [
            one for one in groups if merged_template_id(one.first.template_id, into_id) in own_ids
        ]
        new = [one for one in groups if one not in moved_before and not is_known_among(one.first, own)]
        moving = best_to_move(own, new, self._max_templates)
        if moving:
            self._gallery.enrol(
                Enrolment(
                    into_id,
                    tuple(_moved(one.first, into_id, one.cutout) for one in moving),
                    self._clock.now_utc(),
                    max_templates=self._max_templates,
                    must_exist=True,
                )
            )
        sister_count = sum(self._move_sisters(one, into_id, own_ids) for one in (*moved_before, *moving))
        return len(moving) + sister_count

    def _move_sisters(self, group: SisterTemplates, into_id: str, own_ids: set[str]) -> int:
        first_id = merged_template_id(group.first.template_id, into_id)
        count = 0
        for sister in group.others:
            moved = _moved(sister, into_id, None)
            if moved.template_id not in own_ids:
                count += self._gallery.add_sister_template(first_id, moved) is not None
        return count

    def _move_groups(self, from_id: str, into_id: str) -> None:
        theirs = self._stores.groups.groups_of(from_id)
        own = self._stores.groups.groups_of(into_id)
        if not theirs <= own:
            self._stores.groups.set_groups(into_id, own | theirs)

    def _move_events(self, from_id: str, into_id: str) -> int:
        """How many were theirs; those where they were merely a candidate change too."""
        named = self._change_events(self._ids_of(from_id), from_id, into_id)
        # All ids before the first write, so that no page shifts under what is changed.
        maybe = [
            event.event_id
            for event in self._stores.events.iterate_events(EventQuery(is_stranger=True))
            if any(one.subject_id == from_id for one in event.candidates)
        ]
        self._change_events(maybe, from_id, into_id)
        return named

    def _ids_of(self, from_id: str) -> list[str]:
        found: list[str] = []
        while True:
            query = EventQuery(subject_id=from_id, before_id=found[-1] if found else None)
            page = self._stores.events.list_events(query, limit=_PAGE)
            found += [event.event_id for event in page]
            if len(page) < _PAGE:
                return found

    def _change_events(self, event_ids: list[str], from_id: str, into_id: str) -> int:
        count = 0
        for event_id in event_ids:
            changed = self._log.change(
                event_id,
                lambda event: with_person_replaced(
                    event, from_id, into_id, lambda template_id: merged_template_id(template_id, into_id)
                ),
                is_told=False,
            )
            count += changed is not None
        return count


def _moved(stored: StoredTemplate, into_id: str, cutout: FaceCutout | None) -> NewTemplate:
    return NewTemplate(
        template_id=merged_template_id(stored.template_id, into_id),
        template=stored.template,
        source=stored.source,
        quality=stored.quality,
        cutout=cutout,
    )
