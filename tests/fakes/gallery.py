"""A gallery, tokens, clients and a clock in memory. They pass the same contract suites as the real ones."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from facegate.domain.access import TokenRecord
from facegate.domain.errors import StoreFailed, SubjectNotFound
from facegate.domain.gallery import (
    Enrolment,
    EnrolmentOutcome,
    GalleryCounts,
    NewTemplate,
    surplus_template_ids,
)
from facegate.domain.images import FaceCutout
from facegate.domain.presence.clients import ClientStatus, PresenceClient
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate
from facegate.domain.terminals.enrolment_numbers import with_kept_numbers
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment


class FakeClock:
    """Stands still until `advance`."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
        self._monotonic_s = 1000.0

    def now_utc(self) -> datetime:
        return self._now

    def now_local(self) -> datetime:
        return self._now.astimezone()

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds


@dataclass
class _Content:
    subjects: dict[str, Subject] = field(default_factory=dict)
    templates: dict[str, StoredTemplate] = field(default_factory=dict)  # in order of arrival
    cutouts: dict[str, FaceCutout] = field(default_factory=dict)  # by template id
    change_number: int = 0
    clients: dict[str, PresenceClient] = field(default_factory=dict)  # each has its subject
    # By serial number, number and credential, with the digest of the photo.
    enrolments: dict[tuple[str, int, int], tuple[TerminalEnrolment, str | None]] = field(default_factory=dict)
    placements: dict[tuple[str, int], Placement] = field(default_factory=dict)
    given_numbers: set[int] = field(default_factory=set)  # to those who have gone, too

    def copy(self) -> "_Content":
        return _Content(
            dict(self.subjects),
            dict(self.templates),
            dict(self.cutouts),
            self.change_number,
            dict(self.clients),
            dict(self.enrolments),
            dict(self.placements),
            set(self.given_numbers),
        )


class InMemoryGalleryStore:
    """A change works on a copy that replaces the content when it is complete, like a transaction."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self._clock = clock or FakeClock()
        self._lock = threading.RLock()
        self._content = _Content()
        self._reports: dict[str, str] = {}
        self._is_closed = False

    def enrol(self, enrolment: Enrolment) -> EnrolmentOutcome:
        with self._lock:
            content = self._open().copy()
            outcome = _enrol(content, enrolment)
            self._content = content
            return outcome

    def restore(self, enrolments: Sequence[Enrolment], *, replace: bool) -> int:
        with self._lock:
            content = self._open().copy()
            before = content
            if replace:
                enrolments = with_kept_numbers(enrolments, _numbers(content))
                content = _Content(change_number=content.change_number + len(content.templates))
                content.enrolments, content.placements = before.enrolments, before.placements
                content.given_numbers = before.given_numbers
            for enrolment in enrolments:
                unknown = [new for new in enrolment.templates if new.template_id not in content.templates]
                _enrol(content, _with_templates(enrolment, unknown))
            content.clients = {one: held for one, held in before.clients.items() if one in content.subjects}
            unwanted(content, before.subjects.keys() - content.subjects.keys())
            self._content = content
            return len({enrolment.subject_id for enrolment in enrolments})

    def find_subject(self, subject_id: str) -> Subject | None:
        content = self._open()
        subject = content.subjects.get(subject_id)
        return None if subject is None else _counted(content, subject)

    def list_subjects(
        self, *, after: str | None = None, limit: int | None = None, containing: str | None = None
    ) -> list[Subject]:
        content = self._open()
        needle = (containing or "").casefold()
        found = [
            _counted(content, subject)
            for subject_id, subject in sorted(content.subjects.items())
            if (after is None or subject_id > after)
            and (needle in subject_id.casefold() or needle in subject.display_name.casefold())
        ]
        return found if limit is None else found[: max(0, limit)]

    def rename_subject(self, subject_id: str, display_name: str) -> Subject | None:
        with self._lock:
            content = self._open().copy()
            subject = content.subjects.get(subject_id)
            if subject is None:
                return None
            now = self._clock.now_utc()
            content.subjects[subject_id] = replace(subject, display_name=display_name, updated_at=now)
            self._content = content
            return self.find_subject(subject_id)

    def remove_subject(self, subject_id: str) -> tuple[str, ...] | None:
        with self._lock:
            content = self._open().copy()
            if subject_id not in content.subjects:
                return None
            removed_ids = tuple(stored.template_id for stored in _templates_of(content, subject_id))
            _remove(content, removed_ids)
            del content.subjects[subject_id]
            content.clients.pop(subject_id, None)
            unwanted(content, {subject_id})
            self._content = content
            return removed_ids

    def find_template(self, template_id: str) -> StoredTemplate | None:
        return self._open().templates.get(template_id)

    def templates_of(self, subject_id: str, *, model_id: str | None = None) -> list[StoredTemplate]:
        return _templates_of(self._open(), subject_id, model_id)

    def remove_template(self, template_id: str) -> StoredTemplate | None:
        with self._lock:
            content = self._open().copy()
            removed = content.templates.get(template_id)
            if removed is not None:
                _remove(content, [template_id])
            self._content = content
            return removed

    def iterate_templates(self, model_id: str | None = None) -> Iterator[StoredTemplate]:
        for _, stored in sorted(self._open().templates.items()):
            if model_id in (None, stored.template.model_id):
                yield stored

    def counts(self) -> GalleryCounts:
        content = self._open()
        by_model: dict[str, int] = {}
        for stored in content.templates.values():
            by_model[stored.template.model_id] = by_model.get(stored.template.model_id, 0) + 1
        return GalleryCounts(len(content.subjects), len(content.templates), by_model)

    def cutout_of(self, template_id: str) -> FaceCutout | None:
        return self._open().cutouts.get(template_id)

    def templates_to_reembed(self, model_id: str, limit: int) -> list[StoredTemplate]:
        content = self._open()
        done = {_cutout_key(content, held) for held in _of_model(content, model_id)}
        waiting: dict[object, StoredTemplate] = {}
        for template_id, stored in sorted(content.templates.items()):
            key = _cutout_key(content, stored)
            if template_id in content.cutouts and key not in done:
                waiting.setdefault(key, stored)
        return list(waiting.values())[: max(0, limit)]

    def add_sister_template(self, template_id: str, sister: NewTemplate) -> StoredTemplate | None:
        with self._lock:
            content = self._open().copy()
            original = content.templates.get(template_id)
            if original is None:
                return None
            cutout = content.cutouts.get(template_id, sister.cutout)
            added = _insert(
                content, original.subject_id, replace(sister, cutout=cutout), self._clock.now_utc()
            )
            self._content = content
            return added

    def change_number(self) -> int:
        return self._open().change_number

    def save_report(self, kind: str, report_json: str) -> None:
        self._open()
        self._reports[kind] = report_json

    def load_report(self, kind: str) -> str | None:
        self._open()
        return self._reports.get(kind)

    def close(self) -> None:
        self._is_closed = True

    @contextmanager
    def changing(self) -> Iterator[_Content]:
        """A copy that becomes the content when the block ends without an error."""
        with self._lock:
            content = self._open().copy()
            yield content
            self._content = content

    def content(self) -> _Content:
        """What is in it now; not to be changed."""
        return self._open()

    def _open(self) -> _Content:
        if self._is_closed:
            raise StoreFailed("the gallery is closed")
        return self._content


class InMemoryTokenStore:
    """Token records in a list."""

    def __init__(self) -> None:
        self._records: dict[str, TokenRecord] = {}

    def add_token(self, record: TokenRecord) -> None:
        self._records[record.token_id] = record

    def list_tokens(self) -> list[TokenRecord]:
        return sorted(self._records.values(), key=lambda record: (record.created_at, record.token_id))

    def remove_token(self, token_id: str) -> bool:
        return self._records.pop(token_id, None) is not None


class InMemoryClientStore:
    """Clients in the content of the gallery, so that they go with their subjects."""

    def __init__(self, gallery: InMemoryGalleryStore) -> None:
        self._gallery = gallery

    def add_client(self, client: PresenceClient) -> bool:
        with self._gallery.changing() as content:
            if client.client_id not in content.subjects:
                raise SubjectNotFound("nobody with this id is enrolled")
            return content.clients.setdefault(client.client_id, client) is client

    def find_client(self, client_id: str) -> PresenceClient | None:
        return self._gallery.content().clients.get(client_id)

    def list_clients(
        self, *, after: str | None = None, limit: int | None = None, status: ClientStatus | None = None
    ) -> list[PresenceClient]:
        found = [
            client
            for client_id, client in sorted(self._gallery.content().clients.items())
            if (after is None or client_id > after) and status in (None, client.status)
        ]
        return found if limit is None else found[: max(0, limit)]

    def change_client(
        self, client_id: str, change: Callable[[PresenceClient], PresenceClient]
    ) -> PresenceClient | None:
        with self._gallery.changing() as content:
            known = content.clients.get(client_id)
            if known is None:
                return None
            changed = replace(change(known), client_id=client_id, created_at=known.created_at)
            content.clients[client_id] = changed
            return changed

    def remove_client(self, client_id: str) -> bool:
        with self._gallery.changing() as content:
            return content.clients.pop(client_id, None) is not None


def given_number(content: _Content, subject_id: str, number: int) -> None:
    """Gives a number to a subject, and remembers it for ever."""
    content.subjects[subject_id] = replace(content.subjects[subject_id], enrolment_number=number)
    content.given_numbers.add(number)


def unwanted(content: _Content, subject_ids: Collection[str]) -> None:
    """What removing subjects does to terminals: enrolments go, placements wait to be undone."""
    theirs = {
        at for at, one in content.placements.items() if one.subject_id in subject_ids and one.was_placed
    }
    theirs.update(
        key[:2] for key, (enrolment, _) in content.enrolments.items() if enrolment.subject_id in subject_ids
    )
    for key, (enrolment, _) in list(content.enrolments.items()):
        is_waiting = enrolment.status is ReviewStatus.WAITING
        if enrolment.subject_id in subject_ids or (is_waiting and key[:2] in theirs):
            del content.enrolments[key]
    for at, placement in content.placements.items():
        if placement.subject_id in subject_ids and placement.state is not PlacementState.UNWANTED:
            content.placements[at] = replace(
                placement, state=PlacementState.UNWANTED, photo=None, attempt_count=0, last_error=""
            )


def _numbers(content: _Content) -> dict[str, int]:
    return {
        subject.subject_id: subject.enrolment_number
        for subject in content.subjects.values()
        if subject.enrolment_number is not None
    }


def _enrol(content: _Content, enrolment: Enrolment) -> EnrolmentOutcome:
    was_created = _write_subject(content, enrolment)
    written, number = content.subjects[enrolment.subject_id], enrolment.enrolment_number
    taken = {subject.enrolment_number for subject in content.subjects.values()}
    if number is not None and written.enrolment_number is None and number not in taken:
        given_number(content, enrolment.subject_id, number)
    new_ids = {new.template_id for new in enrolment.templates}
    added = [
        _insert(content, enrolment.subject_id, new, enrolment.enrolled_at) for new in enrolment.templates
    ]
    dropped: list[str] = []
    if enrolment.max_templates is not None:
        for model_id in dict.fromkeys(new.template.model_id for new in enrolment.templates):
            added_count = sum(1 for new in enrolment.templates if new.template.model_id == model_id)
            held = _templates_of(content, enrolment.subject_id, model_id)
            dropped += surplus_template_ids(held, enrolment.max_templates, added_count=added_count)
    _remove(content, dropped)
    return EnrolmentOutcome(
        subject=_counted(content, content.subjects[enrolment.subject_id]),
        was_created=was_created,
        added=tuple(stored for stored in added if stored.template_id not in dropped),
        removed_template_ids=tuple(gone for gone in dropped if gone not in new_ids),
    )


def _write_subject(content: _Content, enrolment: Enrolment) -> bool:
    subject_id, at = enrolment.subject_id, enrolment.enrolled_at
    known = content.subjects.get(subject_id)
    if known is None and enrolment.must_exist:
        raise SubjectNotFound("nobody with this id is enrolled")
    if known is None:
        name = subject_id if enrolment.display_name is None else enrolment.display_name
        content.subjects[subject_id] = Subject(subject_id, name, at, at, 0)
        return True
    name = known.display_name if enrolment.display_name is None else enrolment.display_name
    if enrolment.templates or name != known.display_name:
        updated_at = max(at, known.updated_at)
        content.subjects[subject_id] = replace(known, display_name=name, updated_at=updated_at)
    return False


def _insert(content: _Content, subject_id: str, new: NewTemplate, created_at: datetime) -> StoredTemplate:
    if new.template_id in content.templates:
        raise StoreFailed("something with this id is already in the gallery")
    stored = StoredTemplate(
        template_id=new.template_id,
        subject_id=subject_id,
        template=new.template,
        source=new.source,
        quality=new.quality,
        created_at=created_at,
        has_cutout=new.cutout is not None,
    )
    content.templates[new.template_id] = stored
    if new.cutout is not None:
        content.cutouts[new.template_id] = new.cutout
    content.change_number += 1
    return stored


def _remove(content: _Content, template_ids: Sequence[str]) -> None:
    for template_id in template_ids:
        del content.templates[template_id]
        content.cutouts.pop(template_id, None)
        content.change_number += 1


def _templates_of(content: _Content, subject_id: str, model_id: str | None = None) -> list[StoredTemplate]:
    own = [
        stored
        for stored in content.templates.values()
        if stored.subject_id == subject_id and model_id in (None, stored.template.model_id)
    ]
    return sorted(own, key=lambda stored: stored.created_at)


def _of_model(content: _Content, model_id: str) -> list[StoredTemplate]:
    return [stored for stored in content.templates.values() if stored.template.model_id == model_id]


def _counted(content: _Content, subject: Subject) -> Subject:
    return replace(subject, template_count=len(_templates_of(content, subject.subject_id)))


def _cutout_key(content: _Content, stored: StoredTemplate) -> object:
    """Templates of one subject made from equal cutouts are sisters."""
    cutout = content.cutouts.get(stored.template_id)
    if cutout is None:
        return None
    return stored.subject_id, cutout.encoded_image, cutout.landmarks.points_xy_px.tobytes()


def _with_templates(enrolment: Enrolment, templates: Sequence[NewTemplate]) -> Enrolment:
    return replace(enrolment, templates=tuple(templates))
