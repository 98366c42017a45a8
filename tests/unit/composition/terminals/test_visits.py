"""Visits to terminals: each by one at a time, and no terminal keeps the others waiting."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from facegate.composition.terminals.visits import (
    COLLECTIONS_AT_ONCE,
    SILENT_AT_ONCE,
    VISITS_AT_ONCE,
    Errand,
    Outcome,
    Visits,
)
from facegate.domain.errors import CommandTimedOut, StoreFailed, TerminalOffline

DELIVER, COLLECT = Errand.DELIVER, Errand.COLLECT


class Journey:
    """Visits that last until they are let go; `outcomes` are what they end with, else they are done."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, Errand]] = []
        self.there: set[tuple[str, Errand]] = set()
        self.outcomes: dict[str, Outcome | BaseException] = {}
        self.gate = asyncio.Event()
        self.visits = Visits(self.go)

    async def go(self, serial_number: str, errand: Errand) -> Outcome:
        assert not any(one == serial_number for one, _ in self.there)
        self.begun.append((serial_number, errand))
        self.there.add((serial_number, errand))
        await self.gate.wait()
        self.there.discard((serial_number, errand))
        outcome = self.outcomes.get(serial_number, Outcome.DONE)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def settled(self) -> None:
        """Until nothing more happens by itself."""
        for _ in range(50):
            await asyncio.sleep(0)

    def begun_by(self, errand: Errand) -> list[str]:
        return [serial_number for serial_number, one in self.begun if one is errand]


def on_journey(scenario: Callable[[Journey], Awaitable[None]]) -> None:
    async def run() -> None:
        journey = Journey()
        running = asyncio.create_task(journey.visits.run())
        try:
            await scenario(journey)
            assert not running.done()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def test_wishes_for_one_terminal_are_one_wish_and_one_visit_at_a_time() -> None:
    async def scenario(journey: Journey) -> None:
        for _ in range(5):
            journey.visits.want("T1", DELIVER)
        await journey.settled()
        for _ in range(5):
            journey.visits.want("T1", DELIVER)
            journey.visits.want("T1", COLLECT)
        await journey.settled()
        assert journey.begun == [("T1", DELIVER)]
        journey.gate.set()
        await journey.settled()
        assert journey.begun == [("T1", DELIVER), ("T1", DELIVER), ("T1", COLLECT)]

    on_journey(scenario)


def test_logs_leave_room_for_people_who_come_first() -> None:
    async def scenario(journey: Journey) -> None:
        for number in range(2 * VISITS_AT_ONCE):
            journey.visits.want(f"log{number}", COLLECT)
        await journey.settled()
        assert len(journey.there) == COLLECTIONS_AT_ONCE < VISITS_AT_ONCE
        for number in range(2 * VISITS_AT_ONCE):
            journey.visits.want(f"people{number}", DELIVER)
        await journey.settled()
        assert len(journey.begun_by(DELIVER)) == VISITS_AT_ONCE - COLLECTIONS_AT_ONCE
        journey.gate.set()
        await journey.settled()
        assert len(journey.begun) == 4 * VISITS_AT_ONCE
        assert set(journey.begun[-VISITS_AT_ONCE:]) <= {
            (f"log{n}", COLLECT) for n in range(VISITS_AT_ONCE * 2)
        }

    on_journey(scenario)


@pytest.mark.parametrize("silence", [Outcome.SILENT, CommandTimedOut("no answer")])
def test_terminals_that_were_silent_do_not_take_all_places(silence: Outcome | BaseException) -> None:
    async def scenario(journey: Journey) -> None:
        deaf = [f"deaf{number}" for number in range(VISITS_AT_ONCE)]
        journey.outcomes = dict.fromkeys(deaf, silence)
        journey.gate.set()
        for serial_number in deaf:
            journey.visits.want(serial_number, DELIVER)
        await journey.settled()
        journey.gate.clear()
        journey.begun.clear()
        journey.visits.want_again([*deaf, "well"])
        journey.visits.want("well", DELIVER)
        await journey.settled()
        assert len(journey.begun) == SILENT_AT_ONCE + 1
        assert ("well", DELIVER) in journey.begun
        journey.outcomes = {}
        journey.gate.set()
        await journey.settled()
        assert len(journey.begun) == VISITS_AT_ONCE + 1

    on_journey(scenario)


@pytest.mark.parametrize(
    "trouble", [Outcome.AGAIN, StoreFailed("the disk is full"), RecursionError(), ValueError("a bug")]
)
def test_whatever_goes_wrong_is_tried_again_and_the_others_go_on(trouble: Outcome | BaseException) -> None:
    async def scenario(journey: Journey) -> None:
        journey.gate.set()
        journey.outcomes = {"bad": trouble, "gone": trouble, "off": TerminalOffline("away")}
        for _ in range(VISITS_AT_ONCE + 1):
            for serial_number in ("bad", "gone", "off"):
                journey.visits.want(serial_number, COLLECT)
            await journey.settled()
        journey.visits.want("well", DELIVER)
        await journey.settled()
        assert journey.begun[-1] == ("well", DELIVER)
        journey.begun.clear()
        journey.outcomes = {}
        journey.visits.want_again({"bad", "off", "well"})
        journey.visits.want_again({"bad", "gone", "off", "well"})
        await journey.settled()
        assert journey.begun == [("bad", COLLECT)]

    on_journey(scenario)
