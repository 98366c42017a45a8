"""The `TerminalStore` port in SQL."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import (
    from_us,
    is_storable,
    optional_time,
    optional_us,
    storable,
    to_us,
)
from facegate.adapters.sql_store.schema import terminals as table
from facegate.adapters.sql_store.statements import upsert
from facegate.adapters.sql_store.terminal_people import forget_terminal
from facegate.domain.terminals.devices import AccessEncoding, DeviceInfo, Terminal, TerminalStatus

_columns = table.c


class SqlTerminalStore:
    """Terminals in a table by serial number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_terminals(self) -> list[Terminal]:
        """In order of code points."""
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(_columns.serial_number))
            return [_terminal(row) for row in rows]

    def save_terminals(self, terminals: Sequence[Terminal]) -> None:
        """All in one transaction.

        Raises:
            InvalidInput: a serial number, name or zone cannot be stored.
        """
        for terminal in terminals:
            _check(terminal)
        # In one order everywhere, so that two writers do not wait for each other.
        ordered = sorted(terminals, key=lambda terminal: terminal.serial_number)
        with self._database.writing() as connection:
            rows = [_row(terminal) for terminal in ordered]
            upsert(connection, table, rows, kept=["created_at_us"])

    def change_terminal(self, serial_number: str, change: Callable[[Terminal], Terminal]) -> Terminal | None:
        """Read, changed and written under the row's lock (SQLite: the database's)."""
        if not is_storable(serial_number):
            return None
        with self._database.writing() as connection:
            known = _find_locked(connection, serial_number)
            if known is None:
                return None
            changed = replace(change(known), serial_number=serial_number, created_at=known.created_at)
            _check(changed)
            connection.execute(
                update(table).where(_columns.serial_number == serial_number).values(_row(changed))
            )
        return replace(changed, info=_storable_info(changed.info))

    def remove_terminal(self, serial_number: str) -> bool:
        """Overwrites and removes the photos that waited for it."""
        if not is_storable(serial_number):
            return False
        with self._database.writing() as connection:
            found = delete(table).where(_columns.serial_number == serial_number)
            if connection.execute(found).rowcount == 0:
                return False
            has_dropped_photos = forget_terminal(connection, serial_number)
        if has_dropped_photos:
            self._database.wipe_journal()
        return True


def _check(terminal: Terminal) -> None:
    check_storable([terminal.serial_number, terminal.name, terminal.zone_name or ""])


def _find_locked(connection: Connection, serial_number: str) -> Terminal | None:
    query = select(table).where(_columns.serial_number == serial_number).with_for_update()
    row = connection.execute(query).one_or_none()
    return None if row is None else _terminal(row)


def _storable_info(info: DeviceInfo) -> DeviceInfo:
    return DeviceInfo(
        storable(info.model_name),
        storable(info.firmware),
        storable(info.mac_address),
        storable(info.time_text),
        info.facts,
    )


def _row(terminal: Terminal) -> dict[str, object]:
    info = _storable_info(terminal.info)
    labels = {str(code): label for code, label in terminal.mode_labels.items()}
    return {
        "serial_number": terminal.serial_number,
        "status": terminal.status.value,
        "name": terminal.name,
        "zone_name": terminal.zone_name,
        "access_encoding": None if terminal.access_encoding is None else terminal.access_encoding.value,
        "is_listed": terminal.is_listed,
        "mode_labels_json": json.dumps(labels),  # escapes what a row cannot hold
        "model_name": info.model_name,
        "firmware": info.firmware,
        "mac_address": info.mac_address,
        "time_text": info.time_text,
        "facts_json": json.dumps(dict(info.facts)),
        "created_at_us": to_us(terminal.created_at),
        "registered_at_us": optional_us(terminal.registered_at),
        "last_seen_at_us": optional_us(terminal.last_seen_at),
        "clock_offset_s": terminal.clock_offset_s,
    }


def _terminal(row: Row[Any]) -> Terminal:
    labels: dict[str, str] = json.loads(row.mode_labels_json)
    return Terminal(
        serial_number=row.serial_number,
        status=TerminalStatus(row.status),
        created_at=from_us(row.created_at_us),
        name=row.name,
        zone_name=row.zone_name,
        access_encoding=None if row.access_encoding is None else AccessEncoding(row.access_encoding),
        is_listed=row.is_listed,
        mode_labels={int(code): label for code, label in labels.items()},
        info=DeviceInfo(
            row.model_name, row.firmware, row.mac_address, row.time_text, json.loads(row.facts_json)
        ),
        registered_at=optional_time(row.registered_at_us),
        last_seen_at=optional_time(row.last_seen_at_us),
        clock_offset_s=row.clock_offset_s,
    )
