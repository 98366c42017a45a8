"""What the protocol wants done beyond sending: admissions, work, the terminal's place on the bus, the log."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.domain.terminals.devices import TerminalStatus
from facegate.frontends.terminals.aftermath import Aftermath
from facegate.frontends.terminals.effects import Admit, Effect, Enrol, Judge, Note, NoteKind, Store
from facegate.frontends.terminals.messages import CloseCode
from facegate.frontends.terminals.open_links import OpenLink
from facegate.frontends.terminals.origins import Origin
from facegate.frontends.terminals.parts import TerminalParts, moment_of
from facegate.frontends.terminals.protocol import TerminalProtocol
from facegate.frontends.terminals.request_work import NewScan, RequestWork
from facegate.frontends.terminals.states import Moment, TerminalFacts
from facegate.frontends.wire.answering_route import known_error, log_fault

_LOGGER = logging.getLogger("facegate.terminals")

END_TIMEOUT_S = 10.0
"""So long what was begun for a terminal may take when its connection is over."""

_FULL = "this server is full"

_NOTES_IN_FULL = 5
"""Of each kind and connection; then every hundredth, so that no terminal fills the log."""


class BusLink(OpenLink, Protocol):
    """The session, as the bus and the room's list want it."""

    @property
    def serial_number(self) -> str:
        """Whose link this is."""
        ...

    @property
    def pending_count(self) -> int:
        """Commands that wait or are being answered."""
        ...

    async def call(self, command: DeviceCommand) -> CommandReply:
        """The terminal's answer to a command."""
        ...

    def end(self, reason: str) -> None:
        """Closes the socket: the terminal is another link's now."""
        ...


class Deeds:
    """Of one connection. Outcomes go to the protocol, and what follows from them to `feed`."""

    def __init__(
        self,
        parts: TerminalParts,
        protocol: TerminalProtocol,
        feed: Callable[[list[Effect]], None],
        after_answers: Callable[[Callable[[], None]], None],
        origin: Origin,
    ) -> None:
        """`after_answers` does something once everything that waits to be sent is sent."""
        self._parts = parts
        self._protocol = protocol
        self._feed = feed
        self._after_answers = after_answers
        self._origin = origin
        self._work = RequestWork(parts)
        self._aftermath = Aftermath(parts)
        self._jobs: set[asyncio.Task[None]] = set()
        self._is_attached = False
        self._is_waiting_told = False
        self._notes: Counter[NoteKind] = Counter()

    def do(self, effect: Admit | Store | Enrol | Judge | Note) -> None:
        """Does it at once or begins it."""
        facts = self._protocol.facts
        if isinstance(effect, Note):
            self._note(effect)
        elif isinstance(effect, Admit):
            self._admit(effect)
        elif facts is not None:
            now = self._now()
            self._start(self._serve(effect, facts, now), effect.request_id)

    def terminal_changed(self) -> None:
        """An administrator changed the terminal's zone or its encoding."""
        facts = self._protocol.facts
        if facts is not None:
            self._protocol.facts_changed(self._facts_of(facts.serial_number))

    def attach(self, link: BusLink) -> None:
        """From now on commands for the terminal come to `link`, and the link before it is ended."""
        older = self._parts.open_links.take_place(link.serial_number, link)
        _LOGGER.info("terminal %s is connected %s", link.serial_number, self._origin)
        if older is not None and older.address != link.address:
            _LOGGER.warning(
                "terminal %s was connected from %s when a connection from %s took its place: if nobody moved "
                "it, somebody else claims its serial number",
                link.serial_number,
                older.address,
                link.address,
            )
        self._start(self._attach(link, older))

    def detach(self, link: BusLink) -> None:
        """They come here no more."""
        self._parts.open_links.leave_place(link.serial_number, link)
        self._start(self._detach(link))

    async def finish(self, link: BusLink) -> None:
        """The connection is over: what was begun comes to its end, and the link leaves the bus."""
        if link.serial_number:
            self.detach(link)
        if self._jobs:
            await asyncio.wait(set(self._jobs), timeout=END_TIMEOUT_S)
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await self._aftermath.finish()

    def _admit(self, effect: Admit) -> None:
        try:
            admission = self._parts.register.admit(effect.serial_number, effect.info)
        except Exception as error:  # noqa: BLE001 - the outermost layer of this door
            self._failed(effect.request_id, error)
            return
        if admission.is_allowed and not self._parts.open_links.make_place(
            admission.terminal, self._parts.options.max_connections
        ):
            admission = replace(admission, is_allowed=False, reason=_FULL)
        if admission.is_allowed:
            facts = self._facts_of(effect.serial_number)
            self._feed(self._protocol.admitted(effect.request_id, facts, self._now()))
            return
        self._feed(self._protocol.turned_away(effect.request_id, admission.reason, self._now()))
        if not self._is_waiting_told:
            self._is_waiting_told = True
            _LOGGER.warning("terminal %s is turned away: %s", effect.serial_number, admission.reason)
            if admission.terminal.status is TerminalStatus.WAITING:
                self._after_answers(lambda: self._aftermath.turned_away(admission.terminal))

    async def _serve(self, effect: Store | Enrol | Judge, facts: TerminalFacts, now: Moment) -> None:
        match effect:
            case Store():
                await self._store(effect, facts, now)
            case Enrol():
                enrolment = await self._work.enrol(effect, facts, now)
                self._feed(self._protocol.enrolled(effect.request_id, self._now()))
                self._after_answers(lambda: self._aftermath.enrolled(enrolment))
            case Judge():
                access = self._work.judge(facts)
                self._feed(self._protocol.judged(effect.request_id, access, self._now()))

    async def _store(self, effect: Store, facts: TerminalFacts, now: Moment) -> None:
        new_scans: list[NewScan] = []
        try:
            access = await self._work.store(effect, facts, now, new_scans.append)
            self._feed(self._protocol.stored(effect.request_id, access, self._now()))
        finally:
            # Also of a batch that was stored in part: it comes again, but these will not be new then.
            terminal = self._parts.register.find(facts.serial_number)
            for new in new_scans:
                self._after_answers(partial(self._aftermath.scanned, new, terminal))

    async def _attach(self, link: BusLink, older: OpenLink | None) -> None:
        async with self._parts.open_links.turn(link.serial_number):
            await self._parts.live.attach(link)
            self._is_attached = True
        if older is not None:
            older.close(CloseCode.NORMAL, "another connection took over")
        if self._parts.on_attached is not None:
            self._parts.on_attached(link.serial_number)

    async def _detach(self, link: BusLink) -> None:
        async with self._parts.open_links.turn(link.serial_number):
            if self._is_attached:
                self._is_attached = False
                await self._parts.live.detach(link)
                _LOGGER.info("terminal %s is disconnected", link.serial_number)

    def _facts_of(self, serial_number: str) -> TerminalFacts:
        register = self._parts.register
        return TerminalFacts(
            serial_number, register.zone_of(serial_number), register.access_encoding_of(serial_number)
        )

    def _start(self, work: Awaitable[None], request_id: int | None = None) -> None:
        job = asyncio.create_task(self._to_the_end(work, request_id))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _to_the_end(self, work: Awaitable[None], request_id: int | None) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the outermost layer of this door
            self._failed(request_id, error)

    def _failed(self, request_id: int | None, error: Exception) -> None:
        known = known_error(error)
        log_fault(error, known)
        if request_id is not None:
            _LOGGER.warning("a message of a terminal was refused: %s", known.kind)
            self._feed(self._protocol.failed(request_id, known, self._now()))

    def _note(self, note: Note) -> None:
        self._notes[note.kind] += 1
        count = self._notes[note.kind]
        if count <= _NOTES_IN_FULL or count % 100 == 0:
            facts = self._protocol.facts
            who = "a terminal" if facts is None else f"terminal {facts.serial_number}"
            detail = "".join(char if char.isprintable() else "?" for char in note.detail)
            _LOGGER.warning("%s: %s (%s; number %d on this connection)", who, note.kind, detail, count)

    def _now(self) -> Moment:
        return moment_of(self._parts.clock)
