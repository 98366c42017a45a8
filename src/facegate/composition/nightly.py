"""Wakes once a night at a local time of day. What is done then is a use case's business."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta, tzinfo

from facegate.domain.errors import FacegateError
from facegate.ports.clock import Clock

logger = logging.getLogger(__name__)

_LONGEST_SLEEP_S = 300.0
"""The clock is looked at this often: it may be set, and a laptop may have slept through the hour."""


def next_run(now_local: datetime, at: time, zone: tzinfo | None = None) -> datetime:
    """The next moment after `now_local` at which local clocks show `at`.

    Worked out from the calendar day and not by adding 24 hours, so that days of 23 or 25 hours do not
    shift it. Where the hour is skipped the run is an hour later, where it comes twice the first one counts.

    Args:
        now_local: aware.
        at: without a zone.
        zone: the local zone; None means the system's.
    """
    day = now_local.date()
    while (moment := _moment(day, at, zone)) <= now_local:
        day += timedelta(days=1)
    return moment


async def run_every_night(
    at: time,
    clock: Clock,
    work: Callable[[], Awaitable[object]],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Runs `work` each night until cancelled; a run that fails is logged and the next night tries again.

    A night on which the server was off is not made up for: the next one does the same work.
    """
    while True:
        due = next_run(clock.now_local(), at)
        logger.info("the nightly work is due at %s", due.isoformat(" ", "minutes"))
        while (left_s := (due - clock.now_local()).total_seconds()) > 0:
            await sleep(min(left_s, _LONGEST_SLEEP_S))
        try:
            await work()
        except FacegateError as error:
            logger.error("the nightly work failed: %s", error.message)
        except Exception:  # the loop must survive; the trace says what to mend
            logger.exception("the nightly work broke")


def _moment(day: "datetime.date", at: time, zone: tzinfo | None) -> datetime:  # type: ignore[valid-type]
    wall_clock = datetime.combine(day, at)
    return wall_clock.replace(tzinfo=zone) if zone is not None else wall_clock.astimezone()
