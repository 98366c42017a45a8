"""Adding and removing templates inside one transaction, with the change log that goes with it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from facegate.adapters.sql_store.rows import (
    OLDEST_FIRST,
    TEMPLATE_COLUMNS,
    cutout_row,
    search_text_of,
    select_subjects,
    stored_template,
    subject_of,
    to_us,
    vector_to_blob,
)
from facegate.adapters.sql_store.schema import cutouts, gallery_state, subjects, template_changes, templates
from facegate.adapters.sql_store.terminal_people import forget_people, note_numbers
from facegate.domain.errors import InvalidInput, SubjectNotFound
from facegate.domain.gallery import Enrolment, EnrolmentOutcome, NewTemplate, surplus_template_ids
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate

KEPT_CHANGES = 100_000
"""Older changes are forgotten; who has missed more of them reads the whole gallery."""

# Built once: building them anew for each row took half the time of a restore.
_FIND_SUBJECT = select_subjects().where(subjects.c.subject_id == bindparam("wanted_id"))
_FIND_NAME = select(subjects.c.display_name, subjects.c.updated_at_us).where(
    subjects.c.subject_id == bindparam("wanted_id")
)
_UPDATE_SUBJECT = (
    update(subjects)
    .where(subjects.c.subject_id == bindparam("wanted_id"))
    .values(
        display_name=bindparam("display_name"),
        search_text=bindparam("search_text"),
        updated_at_us=bindparam("updated_at_us"),
    )
)
_INSERT_SUBJECT, _INSERT_TEMPLATE, _INSERT_CUTOUT = insert(subjects), insert(templates), insert(cutouts)


class GalleryChange:
    """One transaction's changes of templates. Call `finish` before the transaction ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # The lock on this row puts writers in line, so change numbers become visible in order.
        self._number: int = connection.execute(
            select(gallery_state.c.change_number).with_for_update()
        ).scalar_one()
        self._log: list[dict[str, object]] = []

    def enrol(self, enrolment: Enrolment) -> EnrolmentOutcome:
        """Writes one enrolment by the rules of the port."""
        was_created = self.write(enrolment)
        dropped = self._drop_surplus(enrolment)
        kept = {new.template_id for new in enrolment.templates}.difference(dropped)
        subject = self.find_subject(enrolment.subject_id)
        if subject is None:
            raise AssertionError("the subject was written in this transaction")
        return EnrolmentOutcome(
            subject=subject,
            was_created=was_created,
            added=tuple(_stored(enrolment, new) for new in enrolment.templates if new.template_id in kept),
            removed_template_ids=tuple(
                gone for gone in dropped if gone not in {new.template_id for new in enrolment.templates}
            ),
        )

    def write(self, enrolment: Enrolment) -> bool:
        """Writes subject and templates without looking at the limit; whether the subject was created."""
        was_created = self._write_subject(enrolment)
        if enrolment.enrolment_number is not None:
            self._give_number(enrolment.subject_id, enrolment.enrolment_number)
        at_us = to_us(enrolment.enrolled_at)
        self._insert([self._template_row(enrolment.subject_id, new, at_us) for new in enrolment.templates])
        return was_created

    def add_sister(
        self, original: StoredTemplate, cutout_id: str | None, sister: NewTemplate, created_at_us: int
    ) -> None:
        """Adds a template made from the same cutout as `original`."""
        self._insert([self._template_row(original.subject_id, sister, created_at_us, cutout_id)])

    def remove(self, template_ids: Iterable[str]) -> None:
        """Removes templates that exist, and cutouts that nothing refers to any more."""
        for template_id in template_ids:
            cutout_id = self._connection.execute(
                select(templates.c.cutout_id).where(templates.c.template_id == template_id)
            ).scalar()
            self._connection.execute(delete(templates).where(templates.c.template_id == template_id))
            if cutout_id is not None:
                still_used = select(templates.c.template_id).where(templates.c.cutout_id == cutout_id)
                self._connection.execute(
                    delete(cutouts).where(cutouts.c.cutout_id == cutout_id, ~still_used.exists())
                )
            self._note("remove", template_id)

    def remove_subject(self, subject_id: str) -> tuple[str, ...]:
        """Removes the subject, its templates and cutouts (which the foreign keys take along).

        What terminals enrolled of the person goes too; where the person is placed, that becomes unwanted.
        """
        template_ids = self._template_ids_of(subject_id)
        for template_id in template_ids:
            self._note("remove", template_id)
        self._connection.execute(delete(templates).where(templates.c.subject_id == subject_id))
        self._connection.execute(delete(subjects).where(subjects.c.subject_id == subject_id))
        forget_people(self._connection, [subject_id])
        return template_ids

    def remove_everything(self) -> None:
        """Empties the gallery."""
        for template_id in self._connection.execute(select(templates.c.template_id)).scalars().all():
            self._note("remove", template_id)
        for table in (templates, cutouts, subjects):
            self._connection.execute(delete(table))

    def known_template_ids(self) -> set[str]:
        """Ids of all templates."""
        return set(self._connection.execute(select(templates.c.template_id)).scalars())

    def find_subject(self, subject_id: str) -> Subject | None:
        """The subject as it is now, inside the transaction."""
        row = self._connection.execute(_FIND_SUBJECT, {"wanted_id": subject_id}).one_or_none()
        return None if row is None else subject_of(row)

    def finish(self) -> None:
        """Writes the log and the new change number."""
        if not self._log:
            return
        self._connection.execute(insert(template_changes), self._log)
        self._connection.execute(update(gallery_state).values(change_number=self._number))
        self._connection.execute(
            delete(template_changes).where(template_changes.c.change_number <= self._number - KEPT_CHANGES)
        )

    def _note(self, operation: str, template_id: str) -> int:
        self._number += 1
        self._log.append({"change_number": self._number, "operation": operation, "template_id": template_id})
        return self._number

    def _template_ids_of(self, subject_id: str) -> tuple[str, ...]:
        found = self._connection.execute(
            select(templates.c.template_id)
            .where(templates.c.subject_id == subject_id)
            .order_by(*OLDEST_FIRST)
        )
        return tuple(found.scalars())

    def _write_subject(self, enrolment: Enrolment) -> bool:
        """Creates, renames or touches the subject; whether it was created."""
        at_us = to_us(enrolment.enrolled_at)
        subject_id, wanted_name = enrolment.subject_id, enrolment.display_name
        known = self._connection.execute(_FIND_NAME, {"wanted_id": subject_id}).one_or_none()
        if known is None and enrolment.must_exist:
            raise SubjectNotFound("nobody with this id is enrolled")
        if known is None:
            name = subject_id if wanted_name is None else wanted_name
            row = {
                "subject_id": subject_id,
                "display_name": name,
                "search_text": search_text_of(subject_id, name),
                "created_at_us": at_us,
                "updated_at_us": at_us,
            }
            self._connection.execute(_INSERT_SUBJECT, row)
            return True
        name = known.display_name if wanted_name is None else wanted_name
        if enrolment.templates or name != known.display_name:
            row = {
                "wanted_id": subject_id,
                "display_name": name,
                "search_text": search_text_of(subject_id, name),
                "updated_at_us": max(at_us, known.updated_at_us),
            }
            self._connection.execute(_UPDATE_SUBJECT, row)
        return False

    def _give_number(self, subject_id: str, number: int) -> None:
        """Gives it to a subject without one, unless somebody has it already."""
        holder = select(subjects.c.subject_id).where(subjects.c.enrolment_number == number)
        if self._connection.execute(holder).scalar() is None:
            given = self._connection.execute(
                update(subjects)
                .where(subjects.c.subject_id == subject_id, subjects.c.enrolment_number.is_(None))
                .values(enrolment_number=number)
            )
            if given.rowcount:
                note_numbers(self._connection, [number])

    def _insert(self, rows: list[dict[str, object]]) -> None:
        if rows:
            self._connection.execute(_INSERT_TEMPLATE, rows)

    def _template_row(
        self, subject_id: str, new: NewTemplate, created_at_us: int, cutout_id: str | None = None
    ) -> dict[str, object]:
        """The row, with its cutout kept and its change noted."""
        if cutout_id is None and new.cutout is not None:
            cutout_id = self._keep_cutout(cutout_row(subject_id, new.cutout))
        return {
            "template_id": new.template_id,
            "subject_id": subject_id,
            "model_id": new.template.model_id,
            "dimension": int(new.template.vector.size),
            "vector": vector_to_blob(new.template.vector),
            "source": new.source,
            "quality": new.quality,
            "created_at_us": created_at_us,
            "added_change": self._note("add", new.template_id),
            "cutout_id": cutout_id,
        }

    def _keep_cutout(self, row: dict[str, object]) -> str:
        cutout_id = str(row["cutout_id"])
        known = self._connection.execute(
            select(cutouts.c.cutout_id).where(cutouts.c.cutout_id == cutout_id)
        ).scalar()
        if known is None:
            self._connection.execute(_INSERT_CUTOUT, row)
        return cutout_id

    def _drop_surplus(self, enrolment: Enrolment) -> tuple[str, ...]:
        if enrolment.max_templates is None:
            return ()
        dropped: list[str] = []
        for model_id in dict.fromkeys(new.template.model_id for new in enrolment.templates):
            added_count = sum(1 for new in enrolment.templates if new.template.model_id == model_id)
            held = self._templates_of(enrolment.subject_id, model_id)
            dropped += surplus_template_ids(held, enrolment.max_templates, added_count=added_count)
        self.remove(dropped)
        return tuple(dropped)

    def _templates_of(self, subject_id: str, model_id: str) -> Sequence[StoredTemplate]:
        rows = self._connection.execute(
            select(*TEMPLATE_COLUMNS)
            .where(templates.c.subject_id == subject_id, templates.c.model_id == model_id)
            .order_by(*OLDEST_FIRST)
        )
        return [stored_template(row) for row in rows]


def check_storable(texts: Iterable[str]) -> None:
    """Refuses what a row cannot hold.

    Raises:
        InvalidInput: a text holds NUL or half a character.
    """
    for text in texts:
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise InvalidInput("an id or a name holds a character that cannot be stored")


def _stored(enrolment: Enrolment, new: NewTemplate) -> StoredTemplate:
    return StoredTemplate(
        template_id=new.template_id,
        subject_id=enrolment.subject_id,
        template=new.template,
        source=new.source,
        quality=new.quality,
        created_at=enrolment.enrolled_at,
        has_cutout=new.cutout is not None,
    )
