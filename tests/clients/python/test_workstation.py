"""The agent against a server that is told what to say."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.clients.python import scripted_server as door
from tests.clients.python.scripted_server import Pictures, Script, ScriptedServer
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from facegate_workstation import (
    Action,
    Answer,
    Backoff,
    Ending,
    EndKind,
    HookCommands,
    HookRun,
    Hooks,
    State,
    StateChange,
    Workstation,
    WorkstationSettings,
)

COMMANDS = HookCommands(lock=(("lock",),), sign_out=(("sign out",),))


@dataclass
class Run:
    """An agent's life as it told it."""

    source: Pictures
    answers: list[Answer] = field(default_factory=list)
    changes: list[StateChange] = field(default_factory=list)
    hook_runs: list[HookRun] = field(default_factory=list)
    ending: Ending | None = None

    @property
    def states(self) -> list[State]:
        return [change.state for change in self.changes]

    @property
    def waits(self) -> list[StateChange]:
        return [change for change in self.changes if change.retry_in_s is not None]


async def life(
    url: str, until: Callable[[Run], bool], *, source: Pictures | None = None, **settings: Any
) -> Run:
    """Runs an agent until this is so, or until it ends by itself."""
    run = Run(source or Pictures())
    agent = Workstation(
        WorkstationSettings(server=url, user="ada", frames_per_s=50, **settings),
        run.source,
        hooks=Hooks(COMMANDS),
        backoff=Backoff(first_s=0.01, longest_s=0.1, full_s=0.02, asks_human_s=0.03),
        on_action=run.answers.append,
        on_state=run.changes.append,
        on_hook=run.hook_runs.append,
    )
    working = asyncio.create_task(agent.run())
    async with asyncio.timeout(20):
        while not (working.done() or until(run)):  # noqa: ASYNC110 - what is waited for is the test's
            await asyncio.sleep(0.005)
        agent.stop()
        run.ending = await working
    assert run.source.is_closed
    assert run.states[-1] is State.STOPPED
    return run


def lived(script: Script, until: Callable[[Run], bool], **options: Any) -> Run:
    async def run() -> Run:
        async with ScriptedServer(script).running() as server:
            return await life(server.url, until, **options)

    return asyncio.run(run())


def has_answers(count: int) -> Callable[[Run], bool]:
    return lambda run: len(run.answers) >= count


def test_states_follow_the_contracts_diagram() -> None:
    run = lived(door.answers(door.NO_ACTION, door.NO_ACTION, door.PAUSED, door.NO_ACTION), has_answers(4))
    assert run.states[:5] == [
        State.CONNECTED,
        State.PROCESSING,
        State.CONNECTED,
        State.PROCESSING,
        State.PAUSED,
    ]
    assert [answer.action for answer in run.answers] == [
        Action.NONE,
        Action.NONE,
        Action.WARNING,
        Action.NONE,
    ]
    assert run.ending is None


def test_one_picture_is_in_flight() -> None:
    async def script(socket: ServerConnection, _: int) -> None:
        await door.heard(socket)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.2)
        await door.say(socket, door.NO_ACTION)
        assert (await door.heard(socket))["user_name"] == "ada"
        await door.say(socket, door.LOCK)
        await socket.wait_closed()

    run = lived(script, has_answers(2))
    assert [answer.action for answer in run.answers] == [Action.NONE, Action.LOCK_SCREEN]


def test_a_repeated_violation_asks_for_one_lock() -> None:
    run = lived(door.answers(*[door.LOCK] * 10), has_answers(10))
    assert [(done.command, done.is_dry_run) for done in run.hook_runs] == [(("lock",), True)]


def test_a_picture_that_cannot_be_used_ends_nothing() -> None:
    run = lived(door.answers(door.NO_ACTION, door.BAD_PICTURE, door.NO_ACTION), has_answers(3))
    assert run.answers[1].message == "not a picture"
    assert not run.waits
    assert not run.hook_runs


def test_a_lost_connection_is_made_again_later_each_time() -> None:
    run = lived(door.answers(close_code=4000), lambda run: len(run.waits) == 4)
    assert all(change.state is State.CONNECTING for change in run.waits)
    waits = [change.retry_in_s or 0 for change in run.waits]
    assert waits == sorted(waits)
    assert waits[3] > 3 * waits[0]


def test_a_server_that_is_not_there_is_asked_again() -> None:
    run = asyncio.run(life("ws://127.0.0.1:1", lambda run: len(run.waits) == 2))
    assert "no connection" in run.waits[0].why


def test_a_verdict_starts_the_waits_anew() -> None:
    run = lived(door.answers(door.NO_ACTION, close_code=4000), lambda run: len(run.waits) == 6)
    assert max(change.retry_in_s or 0 for change in run.waits) <= 0.015


@pytest.mark.parametrize(
    ("said", "state", "word"),
    [(door.BLOCKED, State.BLOCKED, "blocked"), (door.UNKNOWN, State.REJECTED, "no such client")],
)
def test_who_is_turned_away_waits_and_says_why(said: dict[str, Any], state: State, word: str) -> None:
    run = lived(door.answers(said, close_code=4001), lambda run: len(run.waits) == 2)
    assert run.waits[0].state is state
    assert word in run.waits[0].why
    assert run.waits[0].retry_in_s is not None
    assert run.waits[0].retry_in_s >= 0.03


def test_a_block_between_pictures_is_heard() -> None:
    async def script(socket: ServerConnection, _: int) -> None:
        await door.heard(socket)
        await door.say(socket, door.NO_ACTION)
        await door.say(socket, door.BLOCKED)
        await socket.close(4001)

    run = lived(script, lambda run: bool(run.waits))
    assert run.waits[0].state is State.BLOCKED


def test_who_was_replaced_does_not_come_back() -> None:
    goodbye = {"error": "AUTHENTICATION_FAILED", "message": "another connection took over", "code": 4001}
    run = lived(door.answers(door.NO_ACTION, goodbye, close_code=4001), lambda _: False)
    assert run.ending is not None
    assert run.ending.kind is EndKind.REPLACED
    assert run.states[-2:] == [State.REJECTED, State.STOPPED]


def test_a_full_server_is_left_alone() -> None:
    async def script(socket: ServerConnection, _: int) -> None:
        await door.say(socket, {"error": "CONNECTION_REFUSED", "message": "full", "code": 4002})
        await socket.close(4002)

    run = lived(script, lambda run: len(run.waits) == 2)
    assert run.waits[1].why == "full"
    assert 0.02 <= (run.waits[1].retry_in_s or 0) <= 0.03


def test_a_closed_door_asks_a_human() -> None:
    async def refuse(_: ServerConnection, __: Request) -> Response:
        from websockets.datastructures import Headers

        return Response(403, "Forbidden", Headers(), b"")

    async def run() -> Run:
        async with serve(
            lambda socket: socket.wait_closed(), "127.0.0.1", 0, process_request=refuse
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            return await life(f"ws://127.0.0.1:{port}", lambda run: bool(run.waits))

    assert asyncio.run(run()).waits[0].state is State.REJECTED


def test_pictures_that_are_too_large_get_smaller() -> None:
    run = lived(door.answers(close_code=1009), lambda run: len(run.waits) == 4)
    assert run.source.sizes_px[:4] == [3, 2, 1, 0]
    assert "smaller ones follow" in run.waits[0].why
    assert "set a smaller longest side" in run.waits[3].why


def test_a_server_that_falls_silent_counts_as_lost() -> None:
    run = lived(door.answers(), lambda run: bool(run.waits), answer_timeout_s=0.1)
    assert "no answer within 0.1 s" in run.waits[0].why


def test_the_end_of_the_pictures_is_the_end() -> None:
    run = lived(door.answers(*[door.NO_ACTION] * 9), lambda _: False, source=Pictures(limit=3))
    assert len(run.answers) == 3
    assert run.ending is None


def test_an_unwatched_workstation_locks_if_that_is_wanted() -> None:
    run = asyncio.run(life("ws://127.0.0.1:1", lambda run: bool(run.hook_runs), lock_when_unwatched_s=0.2))
    assert run.hook_runs[0].action is Action.LOCK_SCREEN
    assert not asyncio.run(life("ws://127.0.0.1:1", lambda run: len(run.waits) == 5)).hook_runs


def test_what_a_callback_raises_ends_the_agent() -> None:
    async def run() -> None:
        async with ScriptedServer(door.answers(door.NO_ACTION)).running() as server:
            settings = WorkstationSettings(server=server.url, user="ada")

            async def refuse(_: Answer) -> None:
                raise ConnectionError("the callback's own")

            await Workstation(settings, Pictures(), hooks=Hooks(COMMANDS), on_action=refuse).run()

    with pytest.raises(ConnectionError, match="the callback's own"):
        asyncio.run(run())
