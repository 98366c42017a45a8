"""The `GalleryStore` port in SQL; the writing of templates is in `enrolling.py`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, delete, func, insert, select, update

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.enrolling import GalleryChange, check_storable
from facegate.adapters.sql_store.restoring import replace_all, write_all
from facegate.adapters.sql_store.rows import (
    OLDEST_FIRST,
    TEMPLATE_COLUMNS,
    cutout_of_row,
    from_us,
    is_storable,
    search_text_of,
    select_subjects,
    stored_template,
    subject_of,
    to_us,
)
from facegate.adapters.sql_store.schema import cutouts, gallery_state, reports, subjects, templates
from facegate.domain.gallery import Enrolment, EnrolmentOutcome, GalleryCounts, NewTemplate
from facegate.domain.images import FaceCutout
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate
from facegate.ports.clock import Clock

_ROWS_AT_ONCE = 1000

_MAX_NEEDLE_CHARS = 400
"""Longer than any id and name together; SQLite refuses patterns of 50,000."""


class SqlGalleryStore:
    """Subjects and templates in SQLite or PostgreSQL."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @contextmanager
    def _changing(self) -> Iterator[tuple[Connection, GalleryChange]]:
        with self._database.writing() as connection:
            change = GalleryChange(connection)
            yield connection, change
            change.finish()

    def enrol(self, enrolment: Enrolment) -> EnrolmentOutcome:
        """One transaction, durable on return.

        Raises:
            InvalidInput: an id or a name cannot be stored.
            StoreFailed: nothing was written.
        """
        _check_enrolment(enrolment)
        with self._changing() as (_, change):
            outcome = change.enrol(enrolment)
        return outcome

    def restore(self, enrolments: Sequence[Enrolment], *, replace: bool) -> int:
        """Everything in one transaction; the number of distinct subjects.

        Clients of subjects that are there afterwards stay registered, paused and blocked as they were;
        terminals know these subjects by the same numbers, and they stay in their groups.
        """
        for enrolment in enrolments:
            _check_enrolment(enrolment)
        with self._changing() as (connection, change):
            if replace:
                replace_all(connection, change, enrolments)
            else:
                write_all(change, enrolments)
        if replace:
            self._database.wipe_journal()
        return len({enrolment.subject_id for enrolment in enrolments})

    def find_subject(self, subject_id: str) -> Subject | None:
        """The subject, or None."""
        if not is_storable(subject_id):
            return None
        with self._database.reading() as connection:
            return _find_subject(connection, subject_id)

    def list_subjects(
        self, *, after: str | None = None, limit: int | None = None, containing: str | None = None
    ) -> list[Subject]:
        """In order of code points; `containing` ignores upper and lower case."""
        query = select_subjects().order_by(subjects.c.subject_id)
        if after is not None:
            # Half a character sorts like the character before it would: cut there.
            query = query.where(subjects.c.subject_id > after.encode("utf-8", "replace").decode())
        if limit is not None:
            query = query.limit(max(0, limit))
        if containing:
            needle = containing.casefold()
            if len(needle) > _MAX_NEEDLE_CHARS or "\n" in needle or not is_storable(needle):
                return []
            query = query.where(subjects.c.search_text.contains(needle, autoescape=True))
        with self._database.reading() as connection:
            return [subject_of(row) for row in connection.execute(query)]

    def rename_subject(self, subject_id: str, display_name: str) -> Subject | None:
        """The renamed subject, or None."""
        check_storable([display_name])
        if not is_storable(subject_id):
            return None
        with self._database.writing() as connection:
            connection.execute(
                update(subjects)
                .where(subjects.c.subject_id == subject_id)
                .values(
                    display_name=display_name,
                    search_text=search_text_of(subject_id, display_name),
                    updated_at_us=to_us(self._clock.now_utc()),
                )
            )
            return _find_subject(connection, subject_id)

    def remove_subject(self, subject_id: str) -> tuple[str, ...] | None:
        """Overwrites and removes everything of the subject."""
        if not is_storable(subject_id):
            return None
        with self._changing() as (_, change):
            if change.find_subject(subject_id) is None:
                return None
            removed_ids = change.remove_subject(subject_id)
        self._database.wipe_journal()
        return removed_ids

    def find_template(self, template_id: str) -> StoredTemplate | None:
        """The template, or None."""
        if not is_storable(template_id):
            return None
        with self._database.reading() as connection:
            return _find_template(connection, template_id)

    def templates_of(self, subject_id: str, *, model_id: str | None = None) -> list[StoredTemplate]:
        """Oldest first."""
        if not is_storable(subject_id):
            return []
        query = select(*TEMPLATE_COLUMNS).where(templates.c.subject_id == subject_id).order_by(*OLDEST_FIRST)
        if model_id is not None:
            query = query.where(templates.c.model_id == model_id)
        with self._database.reading() as connection:
            return [stored_template(row) for row in connection.execute(query)]

    def remove_template(self, template_id: str) -> StoredTemplate | None:
        """The template that was removed, or None."""
        if not is_storable(template_id):
            return None
        with self._changing() as (connection, change):
            found = _find_template(connection, template_id)
            if found is not None:
                change.remove([template_id])
        if found is not None:
            self._database.wipe_journal()
        return found

    def iterate_templates(self, model_id: str | None = None) -> Iterator[StoredTemplate]:
        """In order of id, from one statement and so one snapshot; close the iterator when leaving early."""
        query = select(*TEMPLATE_COLUMNS).order_by(templates.c.template_id)
        if model_id is not None:
            query = query.where(templates.c.model_id == model_id)
        with self._database.reading() as connection:
            streamed = connection.execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE)
            with streamed.execute(query) as rows:
                for row in rows:
                    yield stored_template(row)

    def counts(self) -> GalleryCounts:
        """Subjects and templates, counted now."""
        with self._database.reading() as connection:
            subject_count = connection.execute(select(func.count()).select_from(subjects)).scalar_one()
            by_model = connection.execute(
                select(templates.c.model_id, func.count())
                .group_by(templates.c.model_id)
                .order_by(templates.c.model_id)
            )
            counted = {model_id: count for model_id, count in by_model}  # noqa: C416 - rows, not pairs
        return GalleryCounts(subject_count, sum(counted.values()), counted)

    def cutout_of(self, template_id: str) -> FaceCutout | None:
        """The kept piece of picture, or None."""
        if not is_storable(template_id):
            return None
        query = (
            select(cutouts.c.encoded_image, cutouts.c.landmarks)
            .join(templates, templates.c.cutout_id == cutouts.c.cutout_id)
            .where(templates.c.template_id == template_id)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else cutout_of_row(row)

    def templates_to_reembed(self, model_id: str, limit: int) -> list[StoredTemplate]:
        """One template per cutout that has none of this model yet, in order of id."""
        sisters = templates.alias("sisters")
        has_sister = (
            select(sisters.c.template_id)
            .where(sisters.c.cutout_id == templates.c.cutout_id, sisters.c.model_id == model_id)
            .exists()
        )
        # Of several old models' templates of one cutout, one is enough to make the sister from.
        first_of_cutout = (
            select(func.min(templates.c.template_id))
            .where(templates.c.cutout_id.is_not(None), templates.c.model_id != model_id, ~has_sister)
            .group_by(templates.c.cutout_id)
        )
        query = (
            select(*TEMPLATE_COLUMNS)
            .where(templates.c.template_id.in_(first_of_cutout))
            .order_by(templates.c.template_id)
            .limit(max(0, limit))
        )
        with self._database.reading() as connection:
            return [stored_template(row) for row in connection.execute(query)]

    def add_sister_template(self, template_id: str, sister: NewTemplate) -> StoredTemplate | None:
        """Shares the cutout of the template that it was made beside."""
        check_storable([sister.template_id, sister.source])
        if not is_storable(template_id):
            return None
        now_us = to_us(self._clock.now_utc())
        with self._changing() as (connection, change):
            original = _find_template(connection, template_id)
            if original is None:
                return None
            cutout_id = connection.execute(
                select(templates.c.cutout_id).where(templates.c.template_id == template_id)
            ).scalar()
            change.add_sister(original, cutout_id, sister, now_us)
        return StoredTemplate(
            template_id=sister.template_id,
            subject_id=original.subject_id,
            template=sister.template,
            source=sister.source,
            quality=sister.quality,
            created_at=from_us(now_us),
            has_cutout=cutout_id is not None or sister.cutout is not None,
        )

    def change_number(self) -> int:
        """Begins at a random number in each new gallery."""
        with self._database.reading() as connection:
            number: int = connection.execute(select(gallery_state.c.change_number)).scalar_one()
        return number

    def save_report(self, kind: str, report_json: str) -> None:
        """Replaces the report of this kind."""
        check_storable([kind, report_json])
        with self._database.writing() as connection:
            connection.execute(delete(reports).where(reports.c.kind == kind))
            connection.execute(
                insert(reports).values(
                    kind=kind, report_json=report_json, saved_at_us=to_us(self._clock.now_utc())
                )
            )

    def load_report(self, kind: str) -> str | None:
        """The newest report of a kind, or None."""
        with self._database.reading() as connection:
            return connection.execute(select(reports.c.report_json).where(reports.c.kind == kind)).scalar()

    def close(self) -> None:
        """Closes the database under it, which other stores may share."""
        self._database.close()


def _find_subject(connection: Connection, subject_id: str) -> Subject | None:
    row = connection.execute(select_subjects().where(subjects.c.subject_id == subject_id)).one_or_none()
    return None if row is None else subject_of(row)


def _find_template(connection: Connection, template_id: str) -> StoredTemplate | None:
    query = select(*TEMPLATE_COLUMNS).where(templates.c.template_id == template_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else stored_template(row)


def _check_enrolment(enrolment: Enrolment) -> None:
    check_storable([enrolment.subject_id, enrolment.display_name or ""])
    for new in enrolment.templates:
        check_storable([new.template_id, new.template.model_id, new.source])
