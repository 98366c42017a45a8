"""The presence door on a real application, and sockets to it in this process, without a network."""

import asyncio
import json
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message
from tests.fakes.enrolments import enrolment
from tests.fakes.gallery import InMemoryClientStore, InMemoryGalleryStore, InMemoryTokenStore
from tests.protocols.contract_doors import CURVE
from tests.protocols.drawn_faces import IDENTITY
from tests.protocols.in_process import LOCAL
from tests.protocols.presence.moments import LOG_IN_PICTURE
from tests.protocols.presence.scripted_judge import ScriptedJudge, picture

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.system_clock import SystemClock
from facegate.domain.images import Frame
from facegate.domain.matching import MatchPolicy
from facegate.domain.presence.verdicts import Verdict
from facegate.frontends.presence.parts import PresenceOptions, PresenceParts
from facegate.frontends.presence.routes import end_sessions, make_router
from facegate.frontends.presence.states import ConnectionLimits
from facegate.frontends.wire.access_gate import AccessGate, AccessOptions
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.live_sessions import LiveSessions

ANSWER_LIMIT_S = 20.0

USER = "client_001"
OTHER_USER = "client_002"
THIRD_USER = "client_003"


def wait_until(holds: Callable[[], bool]) -> None:
    """Returns once it holds; fails after a generous while."""
    end_s = time.monotonic() + ANSWER_LIMIT_S
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.005)


class Ended(Exception):
    """The server has closed the socket."""


class InProcessSocket:
    """One WebSocket: ASGI messages in and out of queues. `send` never blocks, `heard` waits."""

    def __init__(self, app: ASGIApp, loop: asyncio.AbstractEventLoop, scope: dict[str, Any]) -> None:
        self._loop = loop
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: queue.Queue[Message] = queue.Queue()
        self.may_send = threading.Event()
        self.may_send.set()
        self.breaks_with: Exception | None = None
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._done = asyncio.run_coroutine_threadsafe(self._serve(app, scope), loop)

    async def _serve(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        async def send(message: Message) -> None:
            # The default threads of the loop, since tests set the event from theirs.
            await asyncio.to_thread(self.may_send.wait)
            if self.breaks_with is not None:
                raise self.breaks_with
            self._from_app.put(message)
            if message["type"] == "websocket.close":
                # As servers do: the application hears of the end that it asked for.
                self._to_app.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

        await app(scope, self._to_app.get, send)

    def next_message(self) -> Message:
        """Whatever the application sends next."""
        return self._from_app.get(timeout=ANSWER_LIMIT_S)

    def accepted(self) -> "InProcessSocket":
        """Itself, once the application has accepted."""
        assert self.next_message()["type"] == "websocket.accept"
        return self

    def send(self, content: str | bytes) -> None:
        key = "text" if isinstance(content, str) else "bytes"
        self._put({"type": "websocket.receive", key: content})

    def send_frame(self, script: str, user_name: str = USER, **more: object) -> None:
        """A picture by its script."""
        self.send(json.dumps({"user_name": user_name, "image": picture(script), **more}))

    def show(self, script: str, user_name: str = USER, **more: object) -> dict[str, Any]:
        """The answer to a picture."""
        self.send_frame(script, user_name, **more)
        return self.heard()

    def ask(self, content: str | bytes) -> dict[str, Any]:
        """The answer to anything."""
        self.send(content)
        return self.heard()

    def log_in(self, user_name: str = USER) -> dict[str, Any]:
        """The answer to the contract's example."""
        return self.ask(json.dumps({"user_name": user_name, "image": LOG_IN_PICTURE}))

    def heard(self) -> dict[str, Any]:
        """The next answer."""
        message = self.next_message()
        if message["type"] == "websocket.close":
            raise Ended(message["code"])
        answer: dict[str, Any] = json.loads(message["text"])
        return answer

    def close_code(self) -> int:
        """How the server closes the socket, and that it is done with it."""
        message = self.next_message()
        assert message["type"] == "websocket.close", message
        self._done.result(ANSWER_LIMIT_S)
        return int(message["code"])

    def leave(self) -> None:
        """Goes away without a word and waits until the server is done."""
        self._put({"type": "websocket.disconnect", "code": 1006})
        self._done.result(ANSWER_LIMIT_S)

    def is_over(self) -> bool:
        """Whether the server is done with it; fails if something escaped there."""
        self._done.result(ANSWER_LIMIT_S)
        return True

    def has_more(self) -> bool:
        """Whether something was sent that nobody has heard."""
        return not self._from_app.empty()

    def _put(self, message: Message) -> None:
        self._loop.call_soon_threadsafe(self._to_app.put_nowait, message)


@dataclass(frozen=True)
class DoorSetup:
    """How the door under test stands; two clients are registered."""

    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    max_connections: int = 10
    access: AccessOptions = field(default_factory=AccessOptions)
    missing: tuple[str, ...] = ()
    block_after_violations: int = 0
    max_waiting: int = 50
    trusted_origins: frozenset[str] = frozenset()
    keep_fails: bool = False


class PresenceDoor:
    """The running door with what stands behind it."""

    def __init__(self, setup: DoorSetup, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        clock = SystemClock()
        self.judge = ScriptedJudge()
        self.kept: list[tuple[str, Frame, Verdict]] = []
        self._keep_fails = setup.keep_fails
        self.may_keep = threading.Event()
        self.may_keep.set()
        store = InMemoryGalleryStore()
        gallery = Gallery(store, ExactTemplateIndex(IDENTITY), MatchPolicy(CURVE))
        for user in (USER, OTHER_USER, THIRD_USER, "only enrolled"):
            store.enrol(enrolment(user))
        self.access = AccessControl(InMemoryTokenStore(), clock)
        self.sessions = LiveSessions(setup.max_connections, clock)
        self.clients = PresenceClients(
            InMemoryClientStore(store),
            gallery,
            self.sessions,
            clock,
            block_after_violations=setup.block_after_violations,
        )
        self.clients.register(USER)
        self.clients.register(OTHER_USER)
        self.clients.register(THIRD_USER)
        self.frame_workers = BoundedWorkers(2, setup.max_waiting, "frames")
        self.glance_workers = BoundedWorkers(1, 50, "glances")
        self.store_workers = BoundedWorkers(2, 50, "store")
        self.parts = PresenceParts(
            judge_frame=self.judge,
            clients=self.clients,
            sessions=self.sessions,
            gate=AccessGate(self.access, setup.access, None),
            frame_workers=self.frame_workers,
            glance_workers=self.glance_workers,
            store_workers=self.store_workers,
            clock=clock,
            options=PresenceOptions(1_000_000, setup.limits, setup.trusted_origins),
            on_violation=self._keep,
            missing=setup.missing,
        )
        self.app = FastAPI()
        self.app.include_router(make_router(self.parts))

    def run_on_loop(self, call: Callable[[], Awaitable[object]]) -> None:
        """Runs it on the door's event loop and waits."""

        async def work() -> None:
            await call()

        asyncio.run_coroutine_threadsafe(work(), self._loop).result(ANSWER_LIMIT_S)

    def connect(self, **how: Any) -> InProcessSocket:
        """An accepted socket; see `knock`."""
        return self.knock(**how).accepted()

    def knock(
        self,
        *,
        client: tuple[str, int] = LOCAL,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        extensions: Mapping[str, Any] | None = None,
    ) -> InProcessSocket:
        """A socket that the door may refuse; `client` is the caller's address."""
        given = {"host": "127.0.0.1:8000", **(headers or {})}
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": ("127.0.0.1", 8000),
            "client": client,
            "root_path": "",
            "path": "/ws",
            "raw_path": b"/ws",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
            "subprotocols": [],
            "state": {},
            "extensions": dict(extensions or {}),
        }
        return InProcessSocket(self.app, self._loop, scope)

    def stop(self) -> None:
        """What a stopping server does first."""
        asyncio.run_coroutine_threadsafe(end_sessions(self.parts), self._loop).result(ANSWER_LIMIT_S)

    def _keep(self, client_id: str, frame: Frame, verdict: Verdict) -> None:
        assert self.may_keep.wait(ANSWER_LIMIT_S)
        if self._keep_fails:
            raise OSError("the disk is full")
        self.kept.append((client_id, frame, verdict))

    def close(self) -> None:
        self.judge.go_on.set()
        self.may_keep.set()
        self.stop()
        self.glance_workers.close()
        self.frame_workers.close()
        self.store_workers.close()


@contextmanager
def open_presence_door(setup: DoorSetup | None = None) -> Iterator[PresenceDoor]:
    """The door on an event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="presence door under test")
    thread.start()
    with ExitStack() as closing:
        closing.callback(loop.close)
        closing.callback(thread.join, ANSWER_LIMIT_S)
        closing.callback(loop.call_soon_threadsafe, loop.stop)
        door = PresenceDoor(setup or DoorSetup(), loop)
        closing.callback(door.close)
        yield door
