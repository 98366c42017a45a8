"""/v1/terminals with real use cases over the in-process bus; stores are in memory, terminals scripted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import APIRouter, FastAPI
from tests.fakes.gallery import InMemoryTokenStore
from tests.fakes.terminals import FakeActivityStore, FakeTerminalStore
from tests.protocols.in_process import LOCAL
from tests.protocols.scripted_terminals import Answering, ScriptedTerminal
from tests.unit.use_cases.terminals.people_core import PeopleCore, people_in_memory

from facegate.adapters.local_bus import LocalBus, LocalFeed
from facegate.adapters.pillow_images.jpeg_encoder import EncoderOptions, PillowJpegEncoder
from facegate.domain.access import Door
from facegate.domain.terminals.activity import ActivityRecord, NewActivity
from facegate.domain.terminals.devices import DeviceInfo
from facegate.frontends.rest_v1.live_streams import EventStreams
from facegate.frontends.rest_v1.parts import v1_router
from facegate.frontends.rest_v1.terminal_parts import TerminalAdminParts
from facegate.frontends.rest_v1.terminal_routes import terminal_router
from facegate.frontends.wire.access_gate import AccessGate, AccessOptions
from facegate.frontends.wire.request_log import RequestLog
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.ports.command_bus import CommandBus
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.enrol_photos import EnrolmentRules
from facegate.use_cases.terminals.actions import TerminalActions
from facegate.use_cases.terminals.browse import BrowseActivity
from facegate.use_cases.terminals.collect_log import CollectLog
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.pages import ReadPages
from facegate.use_cases.terminals.placing import PlacePeople
from facegate.use_cases.terminals.recorder import ActivityRecorder
from facegate.use_cases.terminals.register import RegisterOptions, TerminalRegister
from facegate.use_cases.terminals.review import ReviewEnrolments
from facegate.use_cases.terminals.send_command import CommandOptions, SendCommand
from facegate.use_cases.terminals.terminal_photos import SubjectPhotos, TerminalPhotos
from facegate.use_cases.terminals.users import TerminalUsers

AddRoutes = Callable[[APIRouter, TerminalAdminParts], None]

SN = "ZXRB22001001"
TERMINALS = "/v1/terminals"
HERE = f"{TERMINALS}/{SN}"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

INFO = DeviceInfo(
    "AiFace",
    "AiF43V_v4.40",
    "00-01-A9-00-00-01",
    "2026-01-02 03:04:15",
    {"useduser": 6, "usersize": 5000, "usedface": 5, "usednewlog": 3, "fpsize": 0, "modelname": "AiFace"},
)
"""At 3:04:05 by the test's clock, so it is ten seconds ahead."""


@dataclass(frozen=True)
class TerminalServer:
    """The routes with everything under them."""

    app: FastAPI
    http: httpx.AsyncClient
    parts: TerminalAdminParts
    core: PeopleCore
    activity: FakeActivityStore
    terminals: FakeTerminalStore
    access: AccessControl
    token_id: str

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query)

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.http.post(path, json=body)

    async def patch(self, path: str, body: object) -> httpx.Response:
        return await self.http.patch(path, json=body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(path)

    async def connect(self, serial_number: str = SN, /, **answers: Answering) -> ScriptedTerminal:
        """A terminal that has registered and is connected."""
        self.parts.register.admit(serial_number, INFO)
        terminal = ScriptedTerminal(serial_number, dict(answers))
        await self.parts.live.attach(terminal)
        return terminal

    def store(self, *records: ActivityRecord, serial_number: str = SN) -> list[int]:
        """Records of one scan per minute from noon on; their ids."""
        added = self.activity.add_activity(
            [
                NewActivity(serial_number, record, NOON, NOON + timedelta(minutes=place))
                for place, record in enumerate(records)
            ]
        )
        return [one.activity_id for one in added]


@asynccontextmanager
async def terminal_server(
    *,
    bus: CommandBus | None = None,
    streams: EventStreams | None = None,
    groups: Sequence[AddRoutes] = (),
) -> AsyncIterator[TerminalServer]:
    """With `groups` only their routes: FastAPI takes 0.2 s for all of them."""
    core = people_in_memory()
    clock, bus = core.clock, bus or LocalBus()
    terminals, activity = FakeTerminalStore(core.people), FakeActivityStore()  # type: ignore[arg-type]
    register = TerminalRegister(
        terminals, clock, RegisterOptions(accept_unknown=True, default_zone=ZoneInfo("UTC"))
    )
    send = SendCommand(bus, register, CommandOptions(retries=0))
    pages, recorder = ReadPages(send, restart_waits_s=()), ActivityRecorder(activity)
    users = TerminalUsers(send, pages)
    photos = TerminalPhotos(core.analysis, [PillowJpegEncoder(EncoderOptions(640))])
    subject_photos = SubjectPhotos(photos, core.gallery, core.store.cutout_of)
    access = AccessControl(InMemoryTokenStore(), clock)
    store_workers, engine_workers = BoundedWorkers(2, 50, "store"), BoundedWorkers(2, 50, "engine")
    parts = TerminalAdminParts(
        register=register,
        live=LiveTerminals(bus, LocalFeed(), clock),
        send=send,
        actions=TerminalActions(send, register, clock),
        users=users,
        collect_log=CollectLog(pages, recorder, register, clock, store_retry_waits_s=()),
        activity=BrowseActivity(activity),
        review=ReviewEnrolments(core.people, core.enrol_photos, core.gallery, EnrolmentRules(), clock),
        placing=PlacePeople(core.people, core.gallery, register, subject_photos, users, clock),
        gate=AccessGate(access, AccessOptions(), None),
        store_workers=store_workers,
        engine_workers=engine_workers,
        max_image_bytes=2**20,
        streams=streams or EventStreams(),
    )
    app = FastAPI()
    router = v1_router(parts, "terminals") if groups else terminal_router(parts)
    for add_routes in groups:
        add_routes(router, parts)
    app.include_router(router)
    app.add_middleware(RequestLog)
    token = access.create("administrator", doors=[Door.REST_V1])
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=LOCAL),
        base_url="http://127.0.0.1:8000",
        headers={"Authorization": f"Bearer {token.secret}"},
    )
    try:
        async with bus.running(), client as http:
            yield TerminalServer(app, http, parts, core, activity, terminals, access, token.record.token_id)
    finally:
        recorder.close()
        store_workers.close()
        engine_workers.close()


def with_server(scenario: Callable[[TerminalServer], Coroutine[None, None, None]], **chosen: Any) -> None:
    """Runs the scenario at a fresh server."""

    async def run() -> None:
        async with terminal_server(**chosen) as server:
            await scenario(server)

    asyncio.run(run())


def scan(enroll_id: int, minute: int = 0, **fields: Any) -> ActivityRecord:
    """Somebody at the terminal."""
    return ActivityRecord(enroll_id, f"2026-05-04 12:{minute:02}:00", **{"mode": 8, **fields})
