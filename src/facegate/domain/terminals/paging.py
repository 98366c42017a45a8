"""Reading lists that terminals give page by page, whose numbers cannot be trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from facegate.domain.terminals.commands import (
    CommandReply,
    DeviceCommand,
    has_succeeded,
    make_command,
)
from facegate.domain.terminals.records import record_rows
from facegate.domain.terminals.refusals import refusal

MAX_ROWS = 20_000
MAX_PAGES = 1000

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PagedRows:
    """The rows that were read; not `is_complete` when the terminal fell silent or has too many."""

    rows: Sequence[Row] = field(repr=False)
    page_count: int
    is_complete: bool


class Paging:
    """One run through a list: what to send next, and whether the page that came was the last.

    `count`, `from` and `to` mean different things in every firmware. So it goes on until a page is empty,
    is refused after a good one, or repeats the one before; `count` ends it early only where it can be nothing
    else but the total. One repetition may be an answer that came twice, so only the second one is the end.
    """

    def __init__(self, word: str, fields: Mapping[str, object] | None = None) -> None:
        self._word = word
        self._fields = dict(fields or {})
        self._last_page: list[Row] = []
        self._was_repeated = False
        self.row_count = 0
        self.page_count = 0
        self.is_over = False
        self.is_complete = False

    def from_the_beginning(self) -> "Paging":
        """Another run through the same list."""
        return Paging(self._word, self._fields)

    def next_command(self) -> DeviceCommand:
        """`stn` is true for the first page and false for the following."""
        return make_command(self._word, {**self._fields, "stn": self.page_count == 0})

    def take(self, reply: CommandReply) -> list[Row]:
        """The new rows of this page; empty when the list had ended before.

        Raises:
            TerminalRefused: the first page was refused.
        """
        if not has_succeeded(reply):
            if self.page_count == 0:
                raise refusal(self._word, reply)
            self._end(is_complete=True)
            return []
        rows = _rows_of(reply)
        is_repeated = rows == self._last_page
        if not rows or (is_repeated and self._was_repeated):
            self._end(is_complete=True)
            return []
        self._was_repeated = is_repeated
        if is_repeated:
            return []
        self._last_page = rows
        self.page_count += 1
        self.row_count += len(rows)
        if _is_all(reply, self.row_count, len(rows)):
            self._end(is_complete=True)
        elif self.page_count >= MAX_PAGES or self.row_count >= MAX_ROWS:
            self._end(is_complete=False)
        return rows

    def give_up(self) -> None:
        """No further page came: what was read may not be everything."""
        self._end(is_complete=False)

    def _end(self, *, is_complete: bool) -> None:
        self.is_over = True
        self.is_complete = is_complete


def _rows_of(reply: CommandReply) -> list[Row]:
    """A single row may come without its list. What is no object is no row."""
    found = record_rows(reply)
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list | tuple):
        return []
    return [row for row in found if isinstance(row, Mapping)]


def _is_all(reply: CommandReply, row_count: int, page_length: int) -> bool:
    """Whether `count` is the total, which it is only when larger than this page, and all are there."""
    count = reply.get("count")
    return type(count) is int and count > page_length and row_count >= count
