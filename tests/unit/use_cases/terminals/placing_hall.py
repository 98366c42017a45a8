"""A gallery and a terminal on a real bus, for placing people; the terminal has the moods of real ones."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.terminals import FakeTerminalStore
from tests.unit.use_cases.terminals.people_core import PeopleCore

from facegate.adapters.local_bus import LocalBus
from facegate.adapters.pillow_images.jpeg_encoder import EncoderOptions, PillowJpegEncoder
from facegate.domain.errors import (
    CommandTimedOut,
    TerminalOffline,
)
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.domain.terminals.devices import DeviceInfo
from facegate.domain.terminals.enrolments import Placement, PlacementState
from facegate.use_cases.terminals.deliver_placements import PlacementReport
from facegate.use_cases.terminals.pages import ReadPages
from facegate.use_cases.terminals.placing import PlacePeople
from facegate.use_cases.terminals.register import RegisterOptions, TerminalRegister
from facegate.use_cases.terminals.send_command import CommandOptions, SendCommand
from facegate.use_cases.terminals.terminal_photos import SubjectPhotos, TerminalPhotos
from facegate.use_cases.terminals.users import TerminalUsers

PHOTO = fake_picture(FakeFace("ann"))
OK: CommandReply = {"result": True}
REFUSED: CommandReply = {"result": False, "reason": 1}


@dataclass
class Device:
    """A terminal that keeps people, with the moods that real ones have."""

    serial_number: str = "ZX1"
    people: dict[int, dict[int, object]] = field(default_factory=dict)
    roles: dict[int, int] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    refuses: set[int] = field(default_factory=set)
    swallows: set[int] = field(default_factory=set)
    is_deaf_for: set[int] = field(default_factory=set)
    keeps: set[int] = field(default_factory=set)
    lists_nothing: bool = False
    breaks_after: int | None = None
    meanwhile: Callable[[str], None] = lambda _: None
    pending_count: int = 0

    async def call(self, command: DeviceCommand) -> CommandReply:
        fields = command.fields
        if self.breaks_after is not None and len(self.words) >= self.breaks_after:
            raise TerminalOffline("the connection ended")
        self.words.append(command.word)
        enroll_id = fields.get("enrollid")
        self.meanwhile(command.word)
        if enroll_id in self.is_deaf_for:
            raise CommandTimedOut("no answer")
        if command.word == "getuserlist":
            return self._page(is_first=fields["stn"] is True)
        assert isinstance(enroll_id, int)
        match command.word:
            case "setuserinfo":
                return self._set(enroll_id, fields)
            case "deleteuser":
                if enroll_id not in self.keeps:
                    self.people.pop(enroll_id, None)
                return OK if enroll_id in self.people else REFUSED
            case "getuserinfo":
                record = self.people.get(enroll_id, {}).get(50)
                return {**OK, "record": record} if record else {"result": False, "msg": "have no data"}
        raise AssertionError(command.word)

    def end(self, reason: str) -> None:
        """Nothing hangs on this connection."""

    def _set(self, enroll_id: int, fields: object) -> CommandReply:
        assert isinstance(fields, dict)
        if enroll_id in self.refuses:
            return {"result": False, "reason": 12}
        if enroll_id not in self.swallows:
            self.people.setdefault(enroll_id, {})[fields["backupnum"]] = fields["record"]
            self.roles[enroll_id] = fields["admin"]
        return OK

    def _page(self, *, is_first: bool) -> CommandReply:
        if self.lists_nothing:
            return REFUSED
        rows = [
            {"enrollid": enroll_id, "admin": str(self.roles.get(enroll_id, 0)), "backupnum": number}
            for enroll_id, held in self.people.items()
            for number in held
        ]
        return {**OK, "count": len(rows), "record": rows if is_first else []}


class Hall:
    """A gallery, a terminal ZX1 that is allowed, ZX2 that waits, and the use case over them."""

    def __init__(self, core: PeopleCore, *, accepts_unknown: bool = False) -> None:
        self.core = core
        store = FakeTerminalStore()
        self.register = TerminalRegister(store, core.clock, RegisterOptions(accept_unknown=accepts_unknown))
        self.register.add("ZX1")
        self.register.admit("ZX2", DeviceInfo())
        self.bus = LocalBus()
        send = SendCommand(self.bus, self.register, CommandOptions(retries=0))
        users = TerminalUsers(send, ReadPages(send, restart_waits_s=()))
        encoders = [PillowJpegEncoder(EncoderOptions(640, 80))]
        photos = SubjectPhotos(TerminalPhotos(core.analysis, encoders), core.gallery, core.store.cutout_of)
        self.placing = PlacePeople(core.people, core.gallery, self.register, photos, users, core.clock)
        core.forgetters.append(self.placing.forget)
        self.heard: list[set[str]] = []
        self.placing.on_waiting(lambda serial_numbers: self.heard.append(set(serial_numbers)))

    def place(self, subject_id: str, serial_numbers: list[str] | None = None) -> int:
        """Enrols and places somebody; their number."""
        if self.core.gallery.find_subject(subject_id) is None:
            self.core.enrol(subject_id)
        self.core.clock.advance(1)
        picture = fake_picture(FakeFace(subject_id))
        return self.placing.place(subject_id, serial_numbers, picture)[0].enroll_id

    def run(
        self, device: Device | None, then: Callable[[], Awaitable[object]] | None = None
    ) -> PlacementReport:
        """One delivery to the device; `then` runs beside it."""

        async def delivered() -> PlacementReport:
            async with self.bus.running():
                if device is not None:
                    await self.bus.attach(device)
                report, *_ = await asyncio.gather(
                    self.placing.run_for("ZX1"), *([then()] if then is not None else [])
                )
                assert isinstance(report, PlacementReport)
                return report

        return asyncio.run(delivered())

    def states(self) -> dict[str, PlacementState]:
        """By subject."""
        return {one.subject_id: one.state for one in self.placing.list()}

    def only(self) -> Placement:
        (placement,) = self.placing.list()
        return placement
