"""A file with every record that a server has acknowledged, to hold its history against."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from facegate.commands.simulated_terminals.device.scan_log import LogRecord, RecordKey

COLUMNS = ("sn", "enrollid", "time", "mode", "event")


class Ledger:
    """Takes records between `with` and its end; each line is one, in the order of acknowledgement."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        """Starts the file anew. Raises OSError."""
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Writes what is left."""
        self._file.close()

    def __call__(self, serial_number: str, records: Sequence[LogRecord]) -> None:
        """These are acknowledged."""
        self._writer.writerows((serial_number, *record.key) for record in records)


def read_ledger(path: Path) -> list[tuple[str, RecordKey]]:
    """Serial number and key of every record of a finished file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (row["sn"], (int(row["enrollid"]), row["time"], int(row["mode"]), int(row["event"])))
            for row in csv.DictReader(file)
        ]
