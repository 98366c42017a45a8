"""Pages as terminals give them: one cursor for all words, lost when another list is asked for."""

from collections.abc import Sequence

from facegate.commands.simulated_terminals.device.firmware import Firmware, PageEnd
from facegate.commands.simulated_terminals.device.people import Refusal


class PageCursor:
    """Where the terminal is in the list that it is reading out."""

    def __init__(self) -> None:
        self._word = ""
        self._start = 0
        self._rows: Sequence[dict[str, object]] = ()

    def forget(self) -> None:
        """A reconnect loses the place."""
        self._word, self._start, self._rows = "", 0, ()

    def begin(self, word: str, rows: Sequence[dict[str, object]]) -> None:
        """`stn` true: this list from its beginning."""
        self._word, self._start, self._rows = word, 0, rows

    def is_reading(self, word: str) -> bool:
        """Whether the list of that word is being read out."""
        return self._word == word

    def next_page(self, firmware: Firmware, size: int) -> dict[str, object]:
        """The next page in this model's manner.

        Raises:
            Refusal: the list ended, on a model that says so in this way.
        """
        total = len(self._rows)
        if self._start >= total > 0:
            if firmware.page_end is PageEnd.REFUSED:
                raise Refusal(1)
            if firmware.page_end is PageEnd.REPEATED:
                self._start = max(0, (total - 1) // size * size)
        start, rows = self._start, list(self._rows[self._start : self._start + size])
        self._start += len(rows)
        if not rows:
            return {"count": 0, "from": 0, "to": 0, "record": []}
        end = start + len(rows)
        return {
            "count": total if firmware.counts_whole_list else len(rows),
            "from": start,
            "to": end - 1 if firmware.to_is_inclusive else end,
            "record": rows,
        }
