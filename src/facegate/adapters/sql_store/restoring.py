"""Writing many enrolments, and what outlives a gallery that is replaced."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from facegate.adapters.sql_store.client_store import kept_clients, put_back
from facegate.adapters.sql_store.enrolling import GalleryChange
from facegate.adapters.sql_store.schema import subjects
from facegate.adapters.sql_store.terminal_people import forget_people, held_numbers
from facegate.adapters.sql_store.watching.subject_groups import kept_groups, put_groups_back
from facegate.domain.gallery import Enrolment
from facegate.domain.terminals.enrolment_numbers import with_kept_numbers


def replace_all(connection: Connection, change: GalleryChange, enrolments: Sequence[Enrolment]) -> None:
    """Empties the gallery and writes these.

    Who stays keeps the registration as a client, the groups, and the number by which terminals know the
    person. Of the others, what terminals enrolled goes too, and their placements become unwanted.
    """
    clients = kept_clients(connection)
    groups = kept_groups(connection)
    held = held_numbers(connection)
    known_before = _subject_ids(connection)
    change.remove_everything()
    write_all(change, with_kept_numbers(enrolments, held))
    put_back(connection, clients)
    put_groups_back(connection, groups)
    forget_people(connection, known_before - _subject_ids(connection))


def write_all(change: GalleryChange, enrolments: Sequence[Enrolment]) -> None:
    """Writes these; a template whose id is there already is passed over."""
    known_ids = change.known_template_ids()
    for enrolment in enrolments:
        unknown = tuple(new for new in enrolment.templates if new.template_id not in known_ids)
        todo = replace(enrolment, templates=unknown)
        if todo.max_templates is None:
            change.write(todo)
            known_ids.update(new.template_id for new in unknown)
        else:
            outcome = change.enrol(todo)
            known_ids.update(stored.template_id for stored in outcome.added)
            known_ids.difference_update(outcome.removed_template_ids)


def _subject_ids(connection: Connection) -> set[str]:
    return set(connection.execute(select(subjects.c.subject_id)).scalars())
