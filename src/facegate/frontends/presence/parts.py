"""What the presence door stands on, and what the operator chose for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from facegate.domain.images import Frame
from facegate.domain.presence.verdicts import Verdict
from facegate.frontends.presence.states import ConnectionLimits
from facegate.frontends.presence.translate import Moment
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.open_sockets import OpenSockets
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.judge_frame import JudgedFrame, JudgeFrameRequest
from facegate.use_cases.presence.live_sessions import LiveSessions


class FrameJudge(Protocol):
    """What this door needs of `JudgeFrame`."""

    def __call__(self, request: JudgeFrameRequest) -> JudgedFrame:
        """The verdict on one frame."""
        ...

    def glance(self, request: JudgeFrameRequest) -> JudgedFrame | None:
        """The same at little cost where the checks of an earlier frame hold; else None."""
        ...

    def is_tiny(self, encoded: bytes) -> bool:
        """Whether the picture is under 16 px a side; raises InvalidInput for what is no picture."""
        ...


class PresenceClock(Protocol):
    """What this door needs of a clock."""

    def now_local(self) -> datetime:
        """Aware, in the server's zone."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never run backwards."""
        ...


def moment_of(clock: PresenceClock) -> Moment:
    """Now."""
    return Moment(clock.monotonic_s(), clock.now_local())


@dataclass(frozen=True, slots=True)
class PresenceOptions:
    """What the operator chose. `trusted_origins` are web pages elsewhere whose scripts may connect."""

    max_image_bytes: int
    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    trusted_origins: frozenset[str] = frozenset()


OnViolation = Callable[[str, Frame, Verdict], object]
"""Called with the client's id after the answer to a violation was sent; may take long and may raise."""


@dataclass(slots=True)
class WaitingPictures:
    """How many decoded frames of all connections wait to be kept as evidence. On the event loop only."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class PresenceParts:
    """What the presence door stands on.

    `turns` lets only as many connections as there are threads wait for one; the others choose their picture
    when it is their turn.

    `missing` names checks that can neither run nor be left out: then nobody is served. `open_sockets` and
    `waiting_pictures` belong to the router that is made of these parts.
    """

    judge_frame: FrameJudge
    clients: PresenceClients
    sessions: LiveSessions
    gate: AccessGate
    frame_workers: BoundedWorkers
    glance_workers: BoundedWorkers
    store_workers: BoundedWorkers
    clock: PresenceClock
    options: PresenceOptions
    on_violation: OnViolation | None = None
    missing: tuple[str, ...] = ()
    open_sockets: OpenSockets = field(default_factory=OpenSockets)
    turns: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        # One more than there are threads, so that none waits while the next picture is made ready.
        object.__setattr__(self, "turns", asyncio.Semaphore(self.frame_workers.thread_count + 1))

    waiting_pictures: WaitingPictures = field(default_factory=WaitingPictures)
