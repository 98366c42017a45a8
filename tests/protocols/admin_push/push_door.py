"""The admin push door over the in-process bus, with a token for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from tests.fakes.gallery import FakeClock, InMemoryTokenStore
from tests.fakes.terminals import FakeTerminalStore
from tests.protocols.in_process import LOCAL
from tests.protocols.scripted_terminals import ScriptedTerminal

from facegate.adapters.local_bus import LocalBus, LocalFeed
from facegate.domain.access import Door
from facegate.frontends.admin_push.routes import PATH, AdminPushOptions, AdminPushParts, make_router
from facegate.frontends.wire.access_gate import AccessGate, AccessOptions
from facegate.frontends.wire.departed_clients import DepartedClients
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.register import RegisterOptions, TerminalRegister
from facegate.use_cases.terminals.send_command import CommandOptions, SendCommand

SERIAL_NUMBER = "ZXRB22001001"


@dataclass(frozen=True)
class PushDoor:
    """The running door. `key` opens it."""

    http: httpx.AsyncClient
    live: LiveTerminals
    access: AccessControl
    key: str

    async def push(self, body: object, **headers: str) -> httpx.Response:
        return await self.send(json.dumps(body).encode(), **headers)

    async def send(self, content: bytes, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        given = {name.encode(): value.encode("latin-1") for name, value in sent.items() if value}
        return await self.http.post(PATH, content=content, headers=given)

    async def connect(self, terminal: ScriptedTerminal) -> ScriptedTerminal:
        await self.live.attach(terminal)
        return terminal


@asynccontextmanager
async def open_push_door(
    options: AdminPushOptions | None = None, bus: LocalBus | None = None
) -> AsyncIterator[PushDoor]:
    clock = FakeClock()
    bus = bus or LocalBus()
    register = TerminalRegister(FakeTerminalStore(), clock, RegisterOptions())
    live = LiveTerminals(bus, LocalFeed(), clock)
    access = AccessControl(InMemoryTokenStore(), clock)
    app = FastAPI()
    app.include_router(
        make_router(
            AdminPushParts(
                SendCommand(bus, register, CommandOptions()),
                live,
                AccessGate(access, AccessOptions(), None),
                options or AdminPushOptions(),
            )
        )
    )
    app.add_middleware(DepartedClients)
    key = access.create("scripts", doors=[Door.ADMIN_PUSH]).secret
    transport = httpx.ASGITransport(app, client=LOCAL)
    client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:5000")
    async with bus.running(), client as http:
        yield PushDoor(http, live, access, key)


def with_door(
    scenario: Callable[[PushDoor], Coroutine[None, None, None]],
    options: AdminPushOptions | None = None,
    bus: LocalBus | None = None,
) -> None:
    """Runs the scenario at a fresh door."""

    async def run() -> None:
        async with open_push_door(options, bus) as door:
            await scenario(door)

    asyncio.run(run())
