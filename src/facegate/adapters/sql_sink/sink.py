"""The `ActivitySink` port in SQL: each record once, in whatever table is there."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DataError, SQLAlchemyError

from facegate.adapters.sql_sink.failures import refusal, translated
from facegate.adapters.sql_sink.rows import (
    Row,
    RowKey,
    Unfit,
    comparable,
    in_plain_letters,
    key_of,
    row_of,
)
from facegate.adapters.sql_sink.statements import LOOKED_UP_ROWS, insertion, look_up, sees_to_repetitions
from facegate.adapters.sql_sink.table_plan import TablePlan, find_or_make_table
from facegate.adapters.sql_sink.transactions import make_engine, writing_alone
from facegate.domain.errors import StoreFailed
from facegate.domain.terminals.activity import Activity

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """A record for which the table has no room."""

    activity_id: int
    reason: str


class SqlActivitySink:
    """Nothing is opened before the first write: a database that is down does not stop a start."""

    def __init__(self, engine: Engine, table_name: str) -> None:
        self._engine = engine
        self._table_name = table_name
        self._plan: TablePlan | None = None

    def write(self, activities: Sequence[Activity]) -> None:
        """Writes them in one transaction, each once however often it is written.

        A record for which the table has no room (a number beyond INT) or that it refuses (a constraint) is
        left out with a warning in the log, as long as others beside it are taken; when none is, something is
        wrong with the table.

        Raises:
            StoreFailed: nothing was written; try again later.
        """
        if not activities:
            return
        try:
            with translated(), writing_alone(self._engine) as connection:
                # Read anew after each failure: somebody may have mended the table.
                self._plan = self._plan or find_or_make_table(connection, self._table_name)
                left_out = _write(connection, self._plan, activities)
                if len(left_out) == len(activities):
                    raise StoreFailed(f"the activity copy takes no record: {left_out[0].reason}")
        except StoreFailed:
            self._plan = None
            raise
        for one in left_out:
            logger.warning("activity %d is not in the activity copy: %s", one.activity_id, one.reason)

    def close(self) -> None:
        """Releases the connection."""
        self._engine.dispose()


def open_sink(url: URL, table_name: str = "activity") -> SqlActivitySink:
    """A sink for this table, `schema.table` or `table`; the URL comes from `sink_url`.

    Raises:
        InvalidInput: no such kind of database is known.
        CapabilityMissing: its driver is not installed.
    """
    return SqlActivitySink(make_engine(url), table_name)


def _write(connection: Connection, plan: TablePlan, activities: Sequence[Activity]) -> list[_LeftOut]:
    rows: dict[RowKey, tuple[int, Row]] = {}
    left_out: list[_LeftOut] = []
    for activity in activities:
        try:
            row = row_of(plan, activity)
        except Unfit as unfit:
            left_out.append(_LeftOut(activity.activity_id, str(unfit)))
        else:
            rows.setdefault(key_of(plan, row), (activity.activity_id, row))
    if not sees_to_repetitions(plan):
        rows = _without_known(connection, plan, rows)
    if rows and _refused(connection, plan, [row for _, row in rows.values()]) is not None:
        left_out += _insert_singly(connection, plan, rows)
    return left_out


def _without_known(
    connection: Connection, plan: TablePlan, rows: dict[RowKey, tuple[int, Row]]
) -> dict[RowKey, tuple[int, Row]]:
    wanted = [row for _, row in rows.values()]
    known: set[RowKey] = set()
    for start in range(0, len(wanted), LOOKED_UP_ROWS):
        query = look_up(plan, wanted[start : start + LOOKED_UP_ROWS])
        known.update(comparable(list(found)) for found in connection.execute(query))
    return {key: row for key, row in rows.items() if key not in known}


def _insert_singly(
    connection: Connection, plan: TablePlan, rows: dict[RowKey, tuple[int, Row]]
) -> list[_LeftOut]:
    """Finds the rows that the database refuses, after it refused them together."""
    # A table without transactions (MyISAM) may have kept a part of them.
    remaining = _without_known(connection, plan, rows)
    left_out: list[_LeftOut] = []
    for activity_id, row in remaining.values():
        if _refused(connection, plan, [row]) is None:
            continue
        reason = _refused(connection, plan, [in_plain_letters(plan, row)])
        if reason is not None:
            left_out.append(_LeftOut(activity_id, reason))
    return left_out


def _refused(connection: Connection, plan: TablePlan, rows: list[Row]) -> str | None:
    """None when they were inserted; otherwise why not, and nothing of these rows is then written."""
    try:
        with connection.begin_nested():
            connection.execute(insertion(plan), rows)
    except DataError:
        return "the database refuses one of its values"
    except SQLAlchemyError as error:
        reason = refusal(error)
        if reason is None:
            raise
        return reason
    return None
