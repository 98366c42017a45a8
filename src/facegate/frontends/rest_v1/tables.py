"""Tables for spreadsheets, as long as the history is."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncGenerator, Callable, Iterable

from facegate.domain.errors import EngineOverloaded, FacegateError
from facegate.frontends.wire.answering_route import log_fault
from facegate.frontends.wire.workers import BoundedWorkers

EXPORT_BATCH = 1000

_EXPORT_TRIES = 20
_EXPORT_PAUSE_S = 0.5

_FORMULA_STARTS = "=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
"""The last four are the wide forms of the first, which Excel takes for the same."""

# Where a semicolon, a tab or a bar separates cells for the reader, quotes inside a line do not hold, and what
# follows one of them, or a line's end, is a cell of its own.
_BEFORE_FORMULA = re.compile(f'(^|[;|\t\r\n])(?=[ "]*[{_FORMULA_STARTS}])')


def safe_cell(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: names come from terminals, from anybody.

    Blanks before a formula do not hold a spreadsheet back; an apostrophe does, and is what people would type.
    """
    return _BEFORE_FORMULA.sub(r"\1'", text)


def csv_lines(rows: Iterable[Iterable[str | int | float | None]]) -> str:
    """The rows as text; lines end in CR LF."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


async def table(
    head: str, text: str, next_batch: Callable[[], str], workers: BoundedWorkers
) -> AsyncGenerator[str, None]:
    """The whole table: its head, the first lines, and what `next_batch` gives until that is empty."""
    yield head + text
    while text:
        text = await _patiently(next_batch, workers)
        if text:
            yield text


async def _patiently(next_batch: Callable[[], str], workers: BoundedWorkers) -> str:
    """Waits where the store has too much to do; when it fails the connection breaks."""
    for _ in range(_EXPORT_TRIES):
        try:
            return await workers.run(next_batch)
        except EngineOverloaded:
            # Refused before anything was read.
            await asyncio.sleep(_EXPORT_PAUSE_S)
        except FacegateError as error:
            log_fault(error, error)
            raise
    return await workers.run(next_batch)
