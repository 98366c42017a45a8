"""`server.json` in the data folder: where the server that holds the folder is reached."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

RECORD_FILE_NAME = "server.json"


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """`url` is how this machine reaches it; `process_id` tells a server from the record of a killed one.

    `terminals_url` is the terminals' own port, None where there is none.
    """

    url: str
    process_id: int
    version: str
    terminals_url: str | None = None


def write_record(data_folder: Path, record: ServerRecord) -> None:
    """Replaces the record."""
    path = data_folder / RECORD_FILE_NAME
    partial = path.with_suffix(f".{record.process_id}.partial")
    partial.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


def read_record(data_folder: Path) -> ServerRecord | None:
    """The record, or None when there is none that can be read."""
    try:
        data = json.loads((data_folder / RECORD_FILE_NAME).read_text(encoding="utf-8"))
        terminals_url = data.get("terminals_url")
        return ServerRecord(
            str(data["url"]),
            int(data["process_id"]),
            str(data["version"]),
            None if terminals_url is None else str(terminals_url),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remove_record(data_folder: Path) -> None:
    """Takes away our own record and nobody else's."""
    record = read_record(data_folder)
    if record is not None and record.process_id == os.getpid():
        (data_folder / RECORD_FILE_NAME).unlink(missing_ok=True)
