"""What every CommandBus promises, whatever carries the messages."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.command_buses import BUS_KINDS, Buses, BusKind, TestLink, echo

from facegate.domain.errors import CommandTimedOut, EngineOverloaded, FacegateError, TerminalOffline
from facegate.domain.terminals.commands import CommandReply, DeviceCommand, make_command

Scenario = Callable[[Buses], Awaitable[None]]


@pytest.fixture(params=BUS_KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> BusKind:
    found: BusKind = request.param
    found.require()
    return found


def run(kind: BusKind, scenario: Scenario) -> None:
    async def opened() -> None:
        async with kind.open_buses() as buses:
            await scenario(buses)

    asyncio.run(opened())


def link_that(
    answer: Callable[[DeviceCommand], Awaitable[CommandReply]], serial_number: str = "A1"
) -> TestLink:
    return TestLink(serial_number, answer)


def test_a_command_reaches_its_terminal_from_any_process(kind: BusKind) -> None:
    async def scenario(buses: Buses) -> None:
        link = TestLink("A1")
        await buses.here.attach(link)
        for bus in (buses.here, buses.there):
            reply = await bus.call("A1", make_command("getuserinfo", {"enrollid": 6}, timeout_s=7.5))
            assert reply == {"ret": "getuserinfo", "result": True, "echo": {"enrollid": 6}}
        assert [one.word for one in link.commands] == ["getuserinfo"] * 2
        # What the way took is gone from the time-out.
        assert all(0 < one.timeout_s <= 7.5 for one in link.commands)
        await buses.here.detach(link)

    run(kind, scenario)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("any_kind", BUS_KINDS, ids=lambda kind: kind.name)
@given(fields=st.dictionaries(st.text(max_size=8), json_values, max_size=4))
@settings(max_examples=10)
def test_any_json_goes_and_comes_unchanged(any_kind: BusKind, fields: dict[str, object]) -> None:
    any_kind.require()

    async def scenario(buses: Buses) -> None:
        await buses.here.attach(TestLink("A1"))
        reply = await buses.there.call("A1", make_command("whatever", fields))
        assert reply["echo"] == fields

    run(any_kind, scenario)


def test_a_terminal_that_nobody_has_is_offline_at_once(kind: BusKind) -> None:
    async def scenario(buses: Buses) -> None:
        await buses.here.attach(TestLink("A1"))
        for bus in (buses.here, buses.there):
            with pytest.raises(TerminalOffline):
                await bus.call("B2", make_command("gettime"))

    run(kind, scenario)


def test_a_detached_terminal_is_offline(kind: BusKind) -> None:
    async def scenario(buses: Buses) -> None:
        link = TestLink("A1")
        await buses.here.attach(link)
        await buses.here.detach(link)
        for bus in (buses.here, buses.there):
            with pytest.raises(TerminalOffline):
                await bus.call("A1", make_command("gettime"))
            assert "A1" not in await bus.connected()
        assert link.commands == []

    run(kind, scenario)


def test_a_newer_link_takes_over_and_the_older_ones_end_leaves_it_alone(kind: BusKind) -> None:
    async def scenario(buses: Buses) -> None:
        older, newer, newest = TestLink("A1"), TestLink("A1"), TestLink("A1")
        await buses.here.attach(older)
        await buses.here.attach(newer)
        await buses.here.detach(older)
        await buses.there.call("A1", make_command("gettime"))
        await buses.there.attach(newest)
        await buses.here.detach(newer)
        await buses.here.call("A1", make_command("gettime"))
        await buses.there.call("A1", make_command("gettime"))
        assert [len(link.commands) for link in (older, newer, newest)] == [0, 1, 2]
        assert list(await buses.here.connected()) == ["A1"]

    run(kind, scenario)


def test_a_terminal_that_comes_back_to_its_first_process_is_found_there(kind: BusKind) -> None:
    async def scenario(buses: Buses) -> None:
        first, second, third = TestLink("A1"), TestLink("A1"), TestLink("A1")
        await buses.here.attach(first)
        await buses.there.attach(second)
        await buses.here.attach(third)
        await buses.here.detach(first)
        await buses.there.detach(second)
        for bus in (buses.here, buses.there):
            await bus.call("A1", make_command("gettime"))
        assert [len(link.commands) for link in (first, second, third)] == [0, 0, 2]

    run(kind, scenario)


@pytest.mark.parametrize(
    "error",
    [
        TerminalOffline("the connection ended"),
        CommandTimedOut("no answer came in time"),
        EngineOverloaded("too many commands wait", retry_after_s=3),
    ],
    ids=lambda error: error.kind.value,
)
def test_what_the_link_raises_reaches_the_caller(kind: BusKind, error: FacegateError) -> None:
    async def fail(_: DeviceCommand) -> CommandReply:
        raise error

    async def scenario(buses: Buses) -> None:
        await buses.here.attach(link_that(fail))
        for bus in (buses.here, buses.there):
            with pytest.raises(type(error)) as caught:
                await bus.call("A1", make_command("gettime"))
            assert caught.value.message == error.message

    run(kind, scenario)


def test_a_command_without_reply_returns_an_empty_answer(kind: BusKind) -> None:
    async def say_nothing(_: DeviceCommand) -> CommandReply:
        return {}

    async def scenario(buses: Buses) -> None:
        await buses.here.attach(link_that(say_nothing))
        assert await buses.there.call("A1", make_command("reboot")) == {}

    run(kind, scenario)


def test_many_callers_each_get_the_answer_to_their_own_command(kind: BusKind) -> None:
    async def answer_out_of_order(command: DeviceCommand) -> CommandReply:
        number = command.fields["number"]
        assert isinstance(number, int)
        for _ in range(7 - number % 7):
            await asyncio.sleep(0)
        return await echo(command)

    async def scenario(buses: Buses) -> None:
        for terminal in ("A1", "B2", "C3"):
            await buses.here.attach(link_that(answer_out_of_order, terminal))
        await buses.there.attach(link_that(answer_out_of_order, "D4"))

        async def ask(number: int) -> None:
            bus = buses.here if number % 2 else buses.there
            asked = {"number": number, "terminal": ["A1", "B2", "C3", "D4"][number % 4]}
            reply = await bus.call(asked["terminal"], make_command("gettime", asked))  # type: ignore[arg-type]
            assert reply["echo"] == asked

        await asyncio.gather(*(ask(number) for number in range(60)))

    run(kind, scenario)


def test_the_late_answer_to_one_command_is_not_the_answer_to_the_next(kind: BusKind) -> None:
    async def time_out_first(command: DeviceCommand) -> CommandReply:
        if command.fields["number"] == 1:
            raise CommandTimedOut("no answer came in time")
        return await echo(command)

    async def scenario(buses: Buses) -> None:
        await buses.here.attach(link_that(time_out_first))
        with pytest.raises(CommandTimedOut):
            await buses.there.call("A1", make_command("gettime", {"number": 1}))
        reply = await buses.there.call("A1", make_command("gettime", {"number": 2}))
        assert reply["echo"] == {"number": 2}

    run(kind, scenario)


def test_a_caller_that_gives_up_does_not_disturb_the_next(kind: BusKind) -> None:
    is_open = asyncio.Event()

    async def wait_at_first(command: DeviceCommand) -> CommandReply:
        if command.fields["number"] == 1:
            await is_open.wait()
        return await echo(command)

    async def scenario(buses: Buses) -> None:
        link = link_that(wait_at_first)
        await buses.here.attach(link)
        first = asyncio.create_task(buses.there.call("A1", make_command("gettime", {"number": 1})))
        await link.was_reached.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        second = asyncio.create_task(buses.there.call("A1", make_command("gettime", {"number": 2})))
        is_open.set()
        assert (await second)["echo"] == {"number": 2}

    run(kind, scenario)


def test_every_process_sees_all_connected_terminals_and_where_they_are(kind: BusKind) -> None:
    is_open = asyncio.Event()

    async def wait(command: DeviceCommand) -> CommandReply:
        await is_open.wait()
        return await echo(command)

    async def scenario(buses: Buses) -> None:
        assert await buses.here.connected() == {}
        busy = link_that(wait, "A1")
        await buses.here.attach(busy)
        await buses.there.attach(TestLink("B2"))
        waiting = asyncio.create_task(buses.here.call("A1", make_command("gettime")))
        await busy.was_reached.wait()
        for bus in (buses.here, buses.there):
            assert await bus.is_connected("A1")
            assert not await bus.is_connected("A2")
            seen = await bus.connected()
            assert sorted(seen) == ["A1", "B2"]
            assert {one.serial_number for one in seen.values()} == {"A1", "B2"}
            assert (seen["A1"].process_id == seen["B2"].process_id) == (buses.here is buses.there)
        assert (await buses.here.connected())["A1"].pending_count == 1
        is_open.set()
        await waiting

    run(kind, scenario)
