"""Encodings in CSV: a name and the numbers in columns, or a name and a JSON list; with or without header."""

import csv
import json
from collections.abc import Iterator, Sequence
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


def _rows_of(lines: Iterator[list[str]]) -> Iterator[RawRow]:
    name_column = 0
    for number, cells in enumerate(lines, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if number == 1 and _is_header(cells):
            name_column = _name_column(cells)
            continue
        if len(cells) <= name_column:
            yield RawRow("", f"line {number}", None)
            continue
        rest = [cell for column, cell in enumerate(cells) if column != name_column]
        yield RawRow(cells[name_column], f"line {number}", _values(rest))


def _is_header(cells: Sequence[str]) -> bool:
    if any(cell.strip().lower() in _NAME_HEADERS for cell in cells):
        return True
    # Programs that write tables number their columns: such a line must not become a template.
    numbered = [cell.strip() for cell in cells[1:]]
    if numbered in ([str(n) for n in range(len(numbered))], [str(n + 1) for n in range(len(numbered))]):
        return True
    return not any(_is_number(cell) for cell in cells[1:]) and "[" not in "".join(cells)


def _name_column(cells: Sequence[str]) -> int:
    lowered = [cell.strip().lower() for cell in cells]
    return next((column for column, cell in enumerate(lowered) if cell in _NAME_HEADERS), 0)


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
