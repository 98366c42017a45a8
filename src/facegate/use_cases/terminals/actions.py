"""What an administrator does with a terminal itself: its door, its clock, its parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from facegate.domain.terminals import typed_commands as commands
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.domain.terminals.device_clock import clock_offset_s
from facegate.domain.terminals.device_parameters import device_parameters
from facegate.domain.terminals.records import clean_text
from facegate.domain.terminals.refusals import check_reply
from facegate.ports.clock import Clock
from facegate.use_cases.terminals.register import TerminalRegister
from facegate.use_cases.terminals.send_command import SendCommand


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a terminal's clock shows; `offset_s` is how far it is ahead, None when that cannot be read."""

    time_text: str
    offset_s: float | None


class TerminalActions:
    """Typed calls. On the event loop only.

    All raise what SendCommand raises, InvalidInput for parameters that no terminal takes, and TerminalRefused
    when the terminal says no. What destroys or interrupts asks for `is_confirmed`.
    """

    def __init__(self, send: SendCommand, register: TerminalRegister, clock: Clock) -> None:
        self._send = send
        self._register = register
        self._clock = clock

    async def open_door(self, serial_number: str, door_number: int | None = None) -> None:
        """Once, and never again by itself; without a number the only door."""
        await self._do(serial_number, commands.open_door(door_number))

    async def set_time(self, serial_number: str, moment: datetime | None = None) -> None:
        """Sets the clock to now, or to another moment, in the terminal's own zone."""
        zone = self._register.zone_of(serial_number)
        await self._do(serial_number, commands.set_time(moment or self._clock.now_utc(), zone))

    async def get_time(self, serial_number: str) -> ClockReading:
        """Reads the clock."""
        reply = await self._do(serial_number, commands.get_time())
        text = clean_text(reply.get("time"))
        zone = self._register.zone_of(serial_number)
        return ClockReading(text, clock_offset_s(text, zone, self._clock.now_utc()))

    async def device_info(self, serial_number: str) -> Mapping[str, object]:
        """All parameters by the terminal's own names, `***` for passwords."""
        return device_parameters(await self._do(serial_number, commands.get_device_info()))

    async def set_device_info(self, serial_number: str, parameters: Mapping[str, object]) -> None:
        """Changes only these, by the names that `device_info` gave."""
        await self._do(serial_number, commands.set_device_info(parameters))

    async def capacities(self, serial_number: str) -> Mapping[str, object]:
        """How much fits; newer firmware alone knows this."""
        return device_parameters(await self._do(serial_number, commands.get_capacities()))

    async def door_lock(self, serial_number: str) -> Mapping[str, object]:
        """The door's parameters and time zones, by the wire's names."""
        return device_parameters(await self._do(serial_number, commands.get_door_lock()))

    async def set_door_lock(self, serial_number: str, parameters: Mapping[str, object]) -> None:
        """Changes only these."""
        await self._do(serial_number, commands.set_door_lock(parameters))

    async def disable(self, serial_number: str) -> None:
        """Recognition pauses until `enable`, as one manual wants it around changes to people."""
        await self._do(serial_number, commands.disable_device())

    async def enable(self, serial_number: str) -> None:
        """Recognition goes on."""
        await self._do(serial_number, commands.enable_device())

    async def reboot(self, serial_number: str, *, is_confirmed: bool = False) -> None:
        """Done when the command is written: no terminal answers it."""
        await self._do(serial_number, commands.reboot(), is_confirmed=is_confirmed)

    async def clean_log(self, serial_number: str, *, is_confirmed: bool = False) -> None:
        """Deletes every record on the terminal."""
        await self._do(serial_number, commands.clean_log(), is_confirmed=is_confirmed)

    async def clean_users(self, serial_number: str, *, is_confirmed: bool = False) -> None:
        """Deletes everybody on the terminal."""
        await self._do(serial_number, commands.clean_users(), is_confirmed=is_confirmed)

    async def clean_administrators(self, serial_number: str, *, is_confirmed: bool = False) -> None:
        """Administrators become users, so that anybody can enter the menu."""
        await self._do(serial_number, commands.clean_administrators(), is_confirmed=is_confirmed)

    async def clean_user_locks(self, serial_number: str, *, is_confirmed: bool = False) -> None:
        """Deletes everybody's time limits."""
        await self._do(serial_number, commands.clean_user_locks(), is_confirmed=is_confirmed)

    async def initialise(self, serial_number: str, *, is_confirmed: bool = False) -> None:
        """Deletes all people and records; settings stay."""
        await self._do(serial_number, commands.initialise(), is_confirmed=is_confirmed)

    async def holidays(self, serial_number: str) -> CommandReply:
        """The list of holidays, as the terminal gives it."""
        return await self._do(serial_number, commands.get_holidays())

    async def set_holidays(self, serial_number: str, holidays: Sequence[commands.Holiday]) -> None:
        """Replaces the list."""
        await self._do(serial_number, commands.set_holidays(holidays))

    async def questionnaire(self, serial_number: str) -> CommandReply:
        """What the terminal asks at a scan, as it gives it."""
        return await self._do(serial_number, commands.get_questionnaire())

    async def set_questionnaire(self, serial_number: str, questionnaire: commands.Questionnaire) -> None:
        """Replaces it."""
        await self._do(serial_number, commands.set_questionnaire(questionnaire))

    async def _do(
        self, serial_number: str, command: DeviceCommand, *, is_confirmed: bool = False
    ) -> CommandReply:
        reply = await self._send(serial_number, command, is_confirmed=is_confirmed)
        return check_reply(command.word, reply)
