"""The `SubjectGroupStore` port in SQL, and how groups outlive a restore of the gallery."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import is_storable
from facegate.adapters.sql_store.schema import subjects
from facegate.adapters.sql_store.watching.tables import subject_groups as table
from facegate.domain.errors import SubjectNotFound

_columns = table.c


class SqlSubjectGroups:
    """Memberships beside the subjects; the foreign key takes them along with a subject."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def groups_of(self, subject_id: str) -> frozenset[str]:
        """Empty for nobody."""
        if not is_storable(subject_id):
            return frozenset()
        query = select(_columns.group_name).where(_columns.subject_id == subject_id)
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def set_groups(self, subject_id: str, groups: Collection[str]) -> None:
        """One transaction.

        Raises:
            SubjectNotFound: nobody with this id is enrolled.
            InvalidInput: a name cannot be stored.
        """
        check_storable(groups)
        if not is_storable(subject_id):
            raise SubjectNotFound("nobody with this id is enrolled")
        rows = [{"subject_id": subject_id, "group_name": name} for name in sorted(set(groups))]
        with self._database.writing() as connection:
            # In the order in which a restore locks them.
            _lock_table(connection, "ROW EXCLUSIVE")
            subject = select(subjects.c.subject_id).where(subjects.c.subject_id == subject_id)
            if connection.execute(subject.with_for_update()).scalar() is None:
                raise SubjectNotFound("nobody with this id is enrolled")
            connection.execute(delete(table).where(_columns.subject_id == subject_id))
            if rows:
                connection.execute(insert(table), rows)

    def list_groups(self) -> dict[str, int]:
        """In order of code points."""
        query = select(_columns.group_name, func.count()).group_by(_columns.group_name)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_columns.group_name)).all()
        return {name: count for name, count in rows}  # noqa: C416 - rows, not pairs


def kept_groups(connection: Connection) -> Sequence[Mapping[str, Any]]:
    """All memberships as rows, for `put_groups_back` later in this transaction; others wait to write."""
    _lock_table(connection, "EXCLUSIVE")
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def put_groups_back(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Of those whose subject is there (again)."""
    if not rows:
        return
    known_ids = set(connection.execute(select(subjects.c.subject_id)).scalars())
    returned = [row for row in rows if row["subject_id"] in known_ids]
    if returned:
        connection.execute(insert(table), returned)


def _lock_table(connection: Connection, mode: str) -> None:
    """On SQLite the writing transaction holds the whole database already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE subject_groups IN {mode} MODE"))
