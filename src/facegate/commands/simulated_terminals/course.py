"""What a fleet does from switching on to switching off."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from facegate.commands.simulated_terminals.fleet import Fleet, FleetState


@dataclass(frozen=True, slots=True)
class Course:
    """`scans` of each terminal, one every `every_s` seconds; None goes on for ever, 0 only stays connected.

    It ends after `duration_s`, or when that many scans are made and all are acknowledged.
    """

    scans: int | None = None
    every_s: float = 5.0
    duration_s: float | None = None
    ramp_s: float = 0.0
    state_every_s: float = 5.0


async def run_course(fleet: Fleet, course: Course, show: Callable[[FleetState], None]) -> None:
    """Runs it to its end; `show` is told now and then how things are."""
    async with fleet.running(ramp_s=course.ramp_s):
        showing = asyncio.create_task(_keep_showing(fleet, course.state_every_s, show))
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(course.duration_s):
                    await _scan(fleet, course)
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)


async def _scan(fleet: Fleet, course: Course) -> None:
    if course.scans == 0:
        await asyncio.Event().wait()
    count = len(fleet.terminals)
    limit = None if course.scans is None else course.scans * count
    await fleet.keep_scanning(count / course.every_s, limit=limit)
    await fleet.settled()


async def _keep_showing(fleet: Fleet, every_s: float, show: Callable[[FleetState], None]) -> None:
    while True:
        await asyncio.sleep(every_s)
        show(fleet.state())
