"""Fetching the scans that a terminal keeps, instead of waiting until it sends them."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from facegate.domain.errors import EngineOverloaded, InvalidInput, StoreFailed
from facegate.domain.terminals.activity import AddedActivity, NewActivity, Scan
from facegate.domain.terminals.activity_events import activity_event
from facegate.domain.terminals.device_clock import parse_device_time
from facegate.domain.terminals.paging import Row
from facegate.domain.terminals.records import parse_records
from facegate.ports.clock import Clock
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.pages import ReadPages
from facegate.use_cases.terminals.recorder import ActivityRecorder
from facegate.use_cases.terminals.register import TerminalRegister

logger = logging.getLogger(__name__)

STORE_RETRY_WAITS_S = (0.5, 2.0, 5.0)
"""A page that was read may not be given again: it is worth waiting for the store."""


@dataclass(frozen=True, slots=True)
class CollectedLog:
    """What became of the records; `bad_count` could not be read.

    Not `is_complete` when the terminal fell silent in the middle or holds too many: ask for fewer days.
    """

    new_count: int
    repeated_count: int
    bad_count: int
    page_count: int
    is_complete: bool


@dataclass(slots=True)
class _Counts:
    new: int = 0
    repeated: int = 0
    bad: int = 0


class CollectLog:
    """Pages of a terminal's log into the history, each durable before the next is asked for.

    On the event loop only. Records that are known already are counted and left alone. Of new ones those hear
    who watch `live`, unless everything was asked for: that is history.
    """

    def __init__(
        self,
        pages: ReadPages,
        recorder: ActivityRecorder,
        register: TerminalRegister,
        clock: Clock,
        live: LiveTerminals | None = None,
        *,
        store_retry_waits_s: Sequence[float] = STORE_RETRY_WAITS_S,
    ) -> None:
        self._pages = pages
        self._recorder = recorder
        self._register = register
        self._clock = clock
        self._live = live
        self._store_retry_waits_s = tuple(store_retry_waits_s)

    async def __call__(
        self,
        serial_number: str,
        *,
        everything: bool = False,
        from_date: date | None = None,
        to_date: date | None = None,
    ) -> CollectedLog:
        """What no server has collected yet, or with `everything` all that the terminal holds of these days.

        Raises:
            InvalidInput: days without `everything`, or in the wrong order.
            TerminalRefused: the terminal has no such log.
            StoreFailed, EngineOverloaded: records could not be stored; with `everything` they can be asked
                for again.
            TerminalNotFound, TerminalOffline, CommandTimedOut, BusFailed: not even the first page came.
        """
        fields = _days(everything=everything, from_date=from_date, to_date=to_date)
        counts = _Counts()

        async def keep(page: Sequence[Row]) -> None:
            new = await self._keep(serial_number, page, counts)
            if not everything:
                await self._tell(new)

        word = "getalllog" if everything else "getnewlog"
        run = await self._pages.each_page(serial_number, word, keep, fields)
        if counts.bad:
            logger.warning("terminal %s: %d records of its log cannot be read", serial_number, counts.bad)
        return CollectedLog(counts.new, counts.repeated, counts.bad, run.page_count, run.is_complete)

    async def _keep(
        self, serial_number: str, page: Sequence[Row], counts: _Counts
    ) -> list[tuple[int, NewActivity]]:
        """Those that were not known before, with their ids."""
        scans, bad_count = parse_records(list(page))
        records = [self._new(serial_number, scan) for scan in scans]
        outcomes = zip(records, await self._stored(records), strict=True)
        new = [(added.activity_id, record) for record, added in outcomes if added.is_new]
        counts.bad += bad_count
        counts.new += len(new)
        counts.repeated += len(records) - len(new)
        return new

    async def _tell(self, stored: Sequence[tuple[int, NewActivity]]) -> None:
        if self._live is None:
            return
        for activity_id, record in stored:
            terminal = self._register.find(record.serial_number)
            await self._live.publish(activity_event(activity_id, record, terminal))

    async def _stored(self, records: Sequence[NewActivity]) -> list[AddedActivity]:
        for wait_s in self._store_retry_waits_s:
            try:
                return await asyncio.wrap_future(self._recorder.record(records))
            except (StoreFailed, EngineOverloaded):
                await asyncio.sleep(wait_s)
        return await asyncio.wrap_future(self._recorder.record(records))

    def _new(self, serial_number: str, scan: Scan) -> NewActivity:
        zone = self._register.zone_of(serial_number)
        return NewActivity(
            serial_number,
            scan.record,
            self._clock.now_utc(),
            parse_device_time(scan.record.time_text, zone),
            has_snapshot=scan.snapshot is not None,
        )


def _days(*, everything: bool, from_date: date | None, to_date: date | None) -> dict[str, object]:
    if not everything and (from_date or to_date):
        raise InvalidInput("days can be chosen only when everything is asked for", field="everything")
    if from_date and to_date and from_date > to_date:
        raise InvalidInput("the first day is after the last", field="from_date")
    days = {"from": from_date, "to": to_date}
    return {name: day.isoformat() for name, day in days.items() if day is not None}
