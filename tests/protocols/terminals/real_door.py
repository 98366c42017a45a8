"""The terminals' door behind uvicorn on a free port, with the real use cases over stores in memory."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from tests.fakes.enrolments import enrolment
from tests.fakes.gallery import InMemoryGalleryStore, InMemoryTokenStore
from tests.fakes.terminals import FakeActivityStore, FakeTerminalPeopleStore, FakeTerminalStore
from tests.protocols.terminals.moments import SERIAL_NUMBER
from websockets.sync.client import ClientConnection, connect

from facegate.adapters.local_bus import LocalBus, LocalFeed
from facegate.adapters.system_clock import SystemClock
from facegate.domain.terminals.access_policy import AccessPolicy
from facegate.domain.terminals.activity import Scan, SnapshotCheck, TerminalEvent
from facegate.domain.terminals.commands import CommandReply, make_command
from facegate.frontends.terminals.parts import TerminalOptions, TerminalParts
from facegate.frontends.terminals.routes import end_links, make_any_path_app, make_router
from facegate.frontends.terminals.states import ConnectionLimits
from facegate.frontends.wire.access_gate import AccessGate, AccessOptions
from facegate.frontends.wire.rate_limits import RateLimits
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.terminals.access import DecideAccess
from facegate.use_cases.terminals.browse import BrowseActivity
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.receive_enrolment import ReceiveEnrolment
from facegate.use_cases.terminals.recorder import ActivityRecorder
from facegate.use_cases.terminals.register import RegisterOptions, TerminalRegister

WAIT_S = 20.0
MAX_MESSAGE_BYTES = 400_000

T = TypeVar("T")

QUICK = ConnectionLimits(command_delay_s=0.0, same_word_pause_s=0.01, max_message_bytes=MAX_MESSAGE_BYTES)


@dataclass(frozen=True)
class DoorSetup:
    """How the door under test stands."""

    limits: ConnectionLimits = QUICK
    max_connections: int = 20
    max_unregistered: int = 20
    ask_for_users: bool = False
    register: RegisterOptions = field(default_factory=RegisterOptions)
    access: AccessOptions = field(default_factory=AccessOptions)
    rates: RateLimits | None = None
    policy: AccessPolicy = field(default_factory=AccessPolicy)
    look: Callable[[Scan], SnapshotCheck] | None = None


def wait_until(holds: Callable[[], bool]) -> None:
    """Returns once it holds; fails after a generous while."""
    end_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.005)


class Terminal:
    """The other end: what a device does, by hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, **body: object) -> None:
        self.socket.send(json.dumps(body))

    def hear(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.socket.recv(timeout=WAIT_S))
        return answer

    def ask(self, **body: object) -> dict[str, Any]:
        self.say(**body)
        return self.hear()

    def register(self, serial_number: str = SERIAL_NUMBER, **info: object) -> dict[str, Any]:
        return self.ask(cmd="reg", sn=serial_number, devinfo={"modelname": "AiFace", **info})


class TerminalDoor:
    """What stands behind the running door."""

    def __init__(self, setup: DoorSetup) -> None:
        clock = SystemClock()
        self.gallery = InMemoryGalleryStore()
        self.people = FakeTerminalPeopleStore(self.gallery)
        self.terminals = FakeTerminalStore(self.people)
        self.activities = FakeActivityStore()
        self.register = TerminalRegister(self.terminals, clock, setup.register)
        self.recorder = ActivityRecorder(self.activities)
        self.workers = BoundedWorkers(2, 50, "store")
        self.engine_workers = BoundedWorkers(1, 50, "engine")
        self.bus = LocalBus()
        self.feed = LocalFeed()
        self.live = LiveTerminals(self.bus, self.feed, clock)
        self.attached: list[str] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.parts = TerminalParts(
            register=self.register,
            recorder=self.recorder,
            decide_access=DecideAccess(setup.policy, self.people, setup.look),  # type: ignore[arg-type]
            receive_enrolment=ReceiveEnrolment(self.people),
            browse=BrowseActivity(self.activities),
            live=self.live,
            gate=AccessGate(AccessControl(InMemoryTokenStore(), clock), setup.access, setup.rates),
            workers=self.workers,
            engine_workers=self.engine_workers,
            clock=clock,
            options=TerminalOptions(
                setup.limits, setup.max_connections, setup.ask_for_users, setup.max_unregistered
            ),
            check_snapshot=setup.look,  # type: ignore[arg-type]
            on_attached=self.attached.append,
        )
        self.main_app = FastAPI()
        self.main_app.include_router(make_router(self.parts))
        self.url = ""
        self.any_path_url = ""

    def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it on the servers' event loop and waits."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    def calling(self, word: str, **fields: object) -> "Calling":
        """A command on its way, while the test plays the terminal."""
        return Calling(self, word, fields)

    def enrol(self, subject_id: str) -> int:
        """Somebody's number, who is in the gallery now."""
        self.gallery.enrol(enrolment(subject_id))
        number = self.people.enrolment_number(subject_id)
        assert number is not None
        return number

    def stop(self) -> None:
        self.on_loop(end_links(self.parts))

    @contextmanager
    def connected(self, path: str = "/pub/chat", **how: Any) -> Iterator[Terminal]:
        with connect(self.url + path, **how) as socket:
            yield Terminal(socket)

    @contextmanager
    def events(self) -> Iterator[list[TerminalEvent]]:
        """What is told to those who watch, as it comes."""
        heard: list[TerminalEvent] = []
        is_listening = threading.Event()

        async def listen() -> None:
            async with self.live.listening() as events:
                is_listening.set()
                async for event in events:
                    heard.append(event)

        assert self.loop is not None
        listening = asyncio.run_coroutine_threadsafe(listen(), self.loop)
        assert is_listening.wait(WAIT_S)
        try:
            yield heard
        finally:
            listening.cancel()


class Calling:
    """A call in a thread of its own, whose outcome is looked at later."""

    def __init__(self, door: TerminalDoor, word: str, fields: Mapping[str, object]) -> None:
        assert door.loop is not None
        timeout_s = fields.get("timeout_s")
        assert timeout_s is None or isinstance(timeout_s, float)
        given = {name: value for name, value in fields.items() if name != "timeout_s"}
        command = make_command(word, given, timeout_s=timeout_s)
        call = door.bus.call(SERIAL_NUMBER, command)
        self._future = asyncio.run_coroutine_threadsafe(call, door.loop)

    def reply(self) -> CommandReply:
        """The answer, or the error is raised."""
        return self._future.result(WAIT_S)

    def give_up(self) -> None:
        """The caller goes away."""
        self._future.cancel()


@contextmanager
def open_terminal_door(setup: DoorSetup | None = None) -> Iterator[TerminalDoor]:
    """The door on the main port and on one of its own, both in one event loop."""
    door = TerminalDoor(setup or DoorSetup())
    servers = [_server(door.main_app), _server(make_any_path_app(door.parts))]

    async def serve() -> None:
        door.loop = asyncio.get_running_loop()
        async with door.bus.running():
            await asyncio.gather(*(server.serve() for server in servers))

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="terminal door under test")
    thread.start()
    with ExitStack() as closing:
        for pool in (door.workers, door.engine_workers, door.recorder):
            closing.callback(pool.close)
        closing.callback(thread.join, WAIT_S)
        for server in servers:
            closing.callback(setattr, server, "should_exit", True)
        wait_until(lambda: all(server.started for server in servers))
        closing.callback(door.stop)
        ports = [server.servers[0].sockets[0].getsockname()[1] for server in servers]
        door.url, door.any_path_url = (f"ws://127.0.0.1:{port}" for port in ports)
        yield door


class _QuietServer(uvicorn.Server):
    """Two servers in one loop, neither of which takes signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,
        access_log=False,
        lifespan="auto",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
    )
    return _QuietServer(config)
