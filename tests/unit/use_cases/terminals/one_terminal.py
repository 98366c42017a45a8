"""One terminal on a real bus, with the use cases over it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tests.fakes.gallery import FakeClock
from tests.fakes.terminals import FakeTerminalStore

from facegate.adapters.local_bus import LocalBus
from facegate.domain.terminals.devices import DeviceInfo
from facegate.ports.command_bus import TerminalLink
from facegate.use_cases.terminals.pages import ReadPages
from facegate.use_cases.terminals.register import RegisterOptions, TerminalRegister
from facegate.use_cases.terminals.send_command import CommandOptions, SendCommand

ZONE = ZoneInfo("Asia/Kolkata")
NO_WAITS = (0.0, 0.0)


@dataclass(frozen=True)
class Wired:
    """`pages` waits for no time between restarts, of which there are two."""

    bus: LocalBus
    register: TerminalRegister
    clock: FakeClock
    send: SendCommand
    pages: ReadPages


def with_terminal(
    link: TerminalLink | None,
    scenario: Callable[[Wired], Awaitable[None]],
    options: CommandOptions | None = None,
    restart_waits_s: Sequence[float] = NO_WAITS,
) -> None:
    """Runs the scenario with this link attached. A1 and B2 are known; without a link neither is connected."""

    async def opened() -> None:
        bus, clock = LocalBus(), FakeClock()
        register = TerminalRegister(FakeTerminalStore(), clock, RegisterOptions(True, ZONE))
        register.admit("A1", DeviceInfo())
        register.admit("B2", DeviceInfo())
        send = SendCommand(bus, register, options or CommandOptions())
        async with bus.running():
            if link is not None:
                await bus.attach(link)
            await scenario(
                Wired(bus, register, clock, send, ReadPages(send, restart_waits_s=restart_waits_s))
            )

    asyncio.run(opened())
