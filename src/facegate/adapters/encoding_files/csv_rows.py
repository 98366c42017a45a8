"""Encodings in CSV: a name and the numbers in columns, or a name and a JSON list; with or without header."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from facegate.adapters.encoding_files.raw_rows import RawRow
from facegate.domain.errors import InvalidInput

_NAME_HEADERS = {"name", "person_id", "user_id", "user_name", "subject_id", "id", "label", "person"}


def csv_rows(path: Path) -> Iterator[RawRow]:
    """The rows of a CSV file with commas, semicolons or tabs.

    Raises:
        InvalidInput: no text, or no table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first_line = file.readline()
            file.seek(0)
            delimiter = max(",;\t", key=first_line.count)
            if delimiter not in first_line:
                raise InvalidInput("the file with the encodings is neither npz, JSON nor CSV")
            yield from _rows_of(csv.reader(file, delimiter=delimiter))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("the CSV file with the encodings cannot be read") from error


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the name stands, and which columns hold neither name nor numbers of the encoding."""

    name: int
    dropped: frozenset[int] = frozenset()


def _rows_of(lines: Iterator[list[str]]) -> Iterator[RawRow]:
    header: Sequence[str] = ()
    columns: _Columns | None = None
    for number, cells in enumerate(lines, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if number == 1 and _is_header(cells):
            header = cells
            continue
        columns = columns or _columns(header, cells)
        if len(cells) <= columns.name:
            yield RawRow("", f"line {number}", None)
            continue
        rest = [
            cell
            for column, cell in enumerate(cells)
            if column != columns.name and column not in columns.dropped
        ]
        yield RawRow(cells[columns.name], f"line {number}", _values(rest))


def _is_header(cells: Sequence[str]) -> bool:
    if any(cell.strip().lower() in _NAME_HEADERS for cell in cells):
        return True
    # Programs that write tables number their columns: such a line must not become a template.
    numbered = [cell.strip() for cell in cells[1:]]
    if numbered in ([str(n) for n in range(len(numbered))], [str(n + 1) for n in range(len(numbered))]):
        return True
    return not any(_is_number(cell) for cell in cells[1:]) and "[" not in "".join(cells)


def _columns(header: Sequence[str], first_row: Sequence[str]) -> _Columns:
    """Where the name stands: by the header, or else by the first row of values.

    A first column without a header before the name is the index that pandas writes.
    """
    lowered = [cell.strip().lower() for cell in header]
    named = next((column for column, cell in enumerate(lowered) if cell in _NAME_HEADERS), None)
    name = _only_text(first_row) if named is None else named
    has_index = bool(header) and name > 0 and (not lowered[0] or lowered[0].startswith("unnamed:"))
    return _Columns(name, frozenset({0}) if has_index else frozenset())


def _only_text(cells: Sequence[str]) -> int:
    """The one column that is no number or list, such as a name at the end; the first one where unclear."""
    texts = [
        column
        for column, cell in enumerate(cells)
        if not _is_number(cell) and not cell.lstrip().startswith("[")
    ]
    return texts[0] if len(texts) == 1 else 0


def _values(cells: Sequence[str]) -> object:
    if len(cells) == 1 and cells[0].lstrip().startswith("["):
        try:
            listed: object = json.loads(cells[0])
        except (ValueError, RecursionError):
            return None
        return listed
    return [cell.strip() for cell in cells]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
