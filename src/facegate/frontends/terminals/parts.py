"""What the terminals' door stands on, and what the operator chose for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from facegate.frontends.terminals.open_links import OpenLinks
from facegate.frontends.terminals.states import ConnectionLimits, Moment
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.terminals.access import DecideAccess
from facegate.use_cases.terminals.browse import BrowseActivity
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.receive_enrolment import ReceiveEnrolment
from facegate.use_cases.terminals.recorder import ActivityRecorder
from facegate.use_cases.terminals.register import TerminalRegister
from facegate.use_cases.terminals.snapshots import CheckSnapshot


class TerminalClock(Protocol):
    """What this door needs of a clock."""

    def now_utc(self) -> datetime:
        """Aware, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never run backwards."""
        ...


def moment_of(clock: TerminalClock) -> Moment:
    """Now."""
    return Moment(clock.monotonic_s(), clock.now_utc())


@dataclass(frozen=True, slots=True)
class TerminalOptions:
    """What the operator chose.

    Attributes:
        max_connections: Terminals, registered ones.
        ask_for_users: Terminals are to send whom they have enrolled.
        max_unregistered: Sockets beyond those, for who has not registered yet.
    """

    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    max_connections: int = 2000
    ask_for_users: bool = False
    max_unregistered: int = 100

    @property
    def max_sockets(self) -> int:
        """Open at once, registered or not."""
        return self.max_connections + self.max_unregistered


def _turns_to_read() -> asyncio.Semaphore:
    return asyncio.Semaphore(4)


@dataclass(slots=True)
class WaitingPictures:
    """How many snapshots of all connections wait to be looked at. On the event loop only."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class TerminalParts:
    """What the terminals' door stands on.

    `workers` wait for the store, `engine_workers` for the engine. `check_snapshot` None looks at no picture.
    `on_attached` is called on the event loop with the serial number of a terminal that can be asked from now
    on. `open_links`, `waiting_pictures` and `reading_turns` belong to the routes that are made of these
    parts, all of them; the last keeps large messages from taking all `workers`.
    """

    register: TerminalRegister
    recorder: ActivityRecorder
    decide_access: DecideAccess
    receive_enrolment: ReceiveEnrolment
    browse: BrowseActivity
    live: LiveTerminals
    gate: AccessGate
    workers: BoundedWorkers
    engine_workers: BoundedWorkers
    clock: TerminalClock
    options: TerminalOptions = field(default_factory=TerminalOptions)
    check_snapshot: CheckSnapshot | None = None
    on_attached: Callable[[str], object] | None = None
    open_links: OpenLinks = field(default_factory=OpenLinks)
    waiting_pictures: WaitingPictures = field(default_factory=WaitingPictures)
    reading_turns: asyncio.Semaphore = field(default_factory=_turns_to_read)
