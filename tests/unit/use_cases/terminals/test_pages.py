"""Reading lists from terminals that fall silent, go away and come back."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.paged_terminal import NUMBERINGS, PagedTerminal
from tests.unit.use_cases.terminals.one_terminal import Wired, with_terminal

from facegate.domain.errors import (
    BusFailed,
    CommandTimedOut,
    EngineOverloaded,
    FacegateError,
    StoreFailed,
    TerminalOffline,
    TerminalRefused,
)
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.domain.terminals.paging import Row

OFFLINE = TerminalOffline("the connection ended")
SILENT = CommandTimedOut("no answer came in time")


def logs(count: int) -> list[dict[str, object]]:
    return [{"enrollid": number, "time": "2026-05-02 09:01:10"} for number in range(1, count + 1)]


@given(
    count=st.integers(0, 30),
    numbering=st.sampled_from(sorted(NUMBERINGS)),
    lost_at=st.sets(st.integers(1, 12), max_size=2),
)
def test_a_lost_connection_costs_neither_rows_nor_doubles(
    count: int, numbering: str, lost_at: set[int]
) -> None:
    terminal = PagedTerminal(
        logs=logs(count), numbering=NUMBERINGS[numbering], troubles=dict.fromkeys(lost_at, OFFLINE)
    )

    async def scenario(wired: Wired) -> None:
        read = await wired.pages.read("A1", "getalllog")
        assert read.is_complete
        assert list(read.rows) == logs(count)

    with_terminal(terminal, scenario)


class NestedTerminal(PagedTerminal):
    """Has a row in its list that is nested too deeply for anybody."""

    async def call(self, command: DeviceCommand) -> CommandReply:
        reply = await super().call(command)
        deep: object = 1
        for _ in range(100_000):
            deep = [deep]
        if command.fields["stn"] is self.is_first_bad:
            return {**reply, "record": [{"enrollid": 1, "note": deep}]}
        return reply

    is_first_bad = True


def test_a_list_that_nobody_can_read_is_a_refusal_and_no_crash() -> None:
    async def scenario(wired: Wired) -> None:
        with pytest.raises(TerminalRefused, match="nested"):
            await wired.pages.read("A1", "getalllog")

    async def later(wired: Wired) -> None:
        read = await wired.pages.read("A1", "getalllog")
        assert not read.is_complete
        assert list(read.rows) == logs(4)

    with_terminal(NestedTerminal(logs=logs(9)), scenario)
    second = NestedTerminal(logs=logs(9))
    second.is_first_bad = False
    with_terminal(second, later)


def test_after_a_lost_connection_it_begins_again() -> None:
    terminal = PagedTerminal(logs=logs(6), troubles={1: OFFLINE})

    async def scenario(wired: Wired) -> None:
        await wired.pages.read("A1", "getalllog", {"from": "2026-05-01"})
        assert [command.fields["stn"] for command in terminal.commands] == [True, False, True, False, False]
        assert {command.fields["from"] for command in terminal.commands} == {"2026-05-01"}

    with_terminal(terminal, scenario)


@pytest.mark.parametrize("trouble", [OFFLINE, BusFailed("away"), EngineOverloaded("full")], ids=repr)
def test_who_does_not_come_back_leaves_an_incomplete_list(trouble: FacegateError) -> None:
    terminal = PagedTerminal(logs=logs(9), troubles=dict.fromkeys(range(1, 99), trouble))

    async def scenario(wired: Wired) -> None:
        read = await wired.pages.read("A1", "getalllog")
        assert (list(read.rows), read.page_count, read.is_complete) == (logs(4), 1, False)
        assert len(terminal.commands) == 4

    with_terminal(terminal, scenario)


def test_silence_in_the_middle_leaves_an_incomplete_list_without_another_try() -> None:
    terminal = PagedTerminal(logs=logs(9), troubles={1: SILENT})

    async def scenario(wired: Wired) -> None:
        read = await wired.pages.read("A1", "getalllog")
        assert (len(read.rows), read.is_complete) == (4, False)
        assert len(terminal.commands) == 2

    with_terminal(terminal, scenario)


@pytest.mark.parametrize("trouble", [OFFLINE, SILENT, BusFailed("away"), EngineOverloaded("full")], ids=repr)
def test_without_a_first_page_the_reason_is_told_at_once(trouble: FacegateError) -> None:
    terminal = PagedTerminal(logs=logs(9), troubles={0: trouble})

    async def scenario(wired: Wired) -> None:
        with pytest.raises(type(trouble)):
            await wired.pages.read("A1", "getalllog")
        assert len(terminal.commands) == 1

    with_terminal(terminal, scenario)


def test_a_refusal_after_a_restart_leaves_an_incomplete_list() -> None:
    terminal = PagedTerminal(logs=logs(9), troubles={1: OFFLINE, 2: TerminalRefused("no")})

    async def scenario(wired: Wired) -> None:
        read = await wired.pages.read("A1", "getalllog")
        assert (len(read.rows), read.is_complete) == (4, False)

    with_terminal(terminal, scenario)


def test_readers_of_one_terminal_take_turns() -> None:
    terminal = PagedTerminal(logs=logs(10), users={number: {50} for number in range(1, 10)})

    async def scenario(wired: Wired) -> None:
        reads = await asyncio.gather(
            *(wired.pages.read("A1", "getalllog") for _ in range(3)), wired.pages.read("A1", "getuserlist")
        )
        assert [len(read.rows) for read in reads] == [10, 10, 10, 9]
        assert terminal.words() == ["getalllog"] * 12 + ["getuserlist"] * 4

    with_terminal(terminal, scenario)


def test_readers_of_other_terminals_do_not_wait() -> None:
    other = PagedTerminal("B2", logs=logs(2))

    async def scenario(wired: Wired) -> None:
        await wired.bus.attach(other)
        is_held, may_go_on = asyncio.Event(), asyncio.Event()

        async def hold(_: Sequence[Row]) -> None:
            is_held.set()
            await may_go_on.wait()

        holding = asyncio.create_task(wired.pages.each_page("A1", "getalllog", hold))
        await is_held.wait()
        assert len((await wired.pages.read("B2", "getalllog")).rows) == 2
        may_go_on.set()
        await holding

    with_terminal(PagedTerminal(logs=logs(1)), scenario)


def test_the_next_page_waits_until_this_one_is_taken_and_a_failure_stops_it() -> None:
    terminal = PagedTerminal(logs=logs(9))

    async def scenario(wired: Wired) -> None:
        seen: list[int] = []

        async def fail_at_second(page: Sequence[Row]) -> None:
            seen.append(len(terminal.commands))
            if len(seen) == 2:
                raise StoreFailed("the disk is full")

        with pytest.raises(StoreFailed):
            await wired.pages.each_page("A1", "getalllog", fail_at_second)
        assert seen == [1, 2]
        assert len(terminal.commands) == 2
        assert len((await wired.pages.read("A1", "getalllog")).rows) == 9

    with_terminal(terminal, scenario)


def test_an_overload_of_the_taker_is_no_lost_connection() -> None:
    terminal = PagedTerminal(logs=logs(9))

    async def scenario(wired: Wired) -> None:
        async def refuse(_: Sequence[Row]) -> None:
            raise EngineOverloaded("too many records wait")

        with pytest.raises(EngineOverloaded):
            await wired.pages.each_page("A1", "getalllog", refuse)
        assert len(terminal.commands) == 1

    with_terminal(terminal, scenario)


def test_a_reader_that_gives_up_lets_the_next_one_in() -> None:
    async def scenario(wired: Wired) -> None:
        is_held = asyncio.Event()

        async def hold(_: Sequence[Row]) -> None:
            is_held.set()
            await asyncio.Event().wait()

        holding = asyncio.create_task(wired.pages.each_page("A1", "getalllog", hold))
        await is_held.wait()
        waiting = asyncio.create_task(wired.pages.read("A1", "getalllog"))
        holding.cancel()
        assert len((await waiting).rows) == 3
        with pytest.raises(asyncio.CancelledError):
            await holding

    with_terminal(PagedTerminal(logs=logs(3)), scenario)
