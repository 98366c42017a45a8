"""Sending a command to a terminal, wherever it is connected."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from facegate.domain.errors import CommandTimedOut, InvalidInput, TerminalNotFound, TerminalOffline
from facegate.domain.terminals.commands import CommandReply, DeviceCommand, make_command, spec_of
from facegate.ports.command_bus import CommandBus
from facegate.use_cases.terminals.register import TerminalRegister

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommandOptions:
    """`retries` is how often a harmless command is sent again; with `add_serial_number` each carries `sn`."""

    retries: int = 1
    add_serial_number: bool = False


class SendCommand:
    """One command, one answer. On the event loop only."""

    def __init__(self, bus: CommandBus, register: TerminalRegister, options: CommandOptions) -> None:
        self._bus = bus
        self._register = register
        self._options = options

    async def __call__(
        self, serial_number: str, command: DeviceCommand, *, is_confirmed: bool = False
    ) -> CommandReply:
        """The terminal's answer as it came, refusals included.

        A word that does no harm twice is sent again after a time-out; every try has the command's time-out.

        Raises:
            InvalidInput: the command destroys or interrupts something and is not confirmed.
            TerminalNotFound: nobody knows this serial number.
            TerminalOffline: it is not connected, or its connection ended before the answer.
            CommandTimedOut: it did not answer the last try either.
            EngineOverloaded: too many commands wait for it.
            BusFailed: what is between the processes cannot be reached.
        """
        spec = spec_of(command.word)
        if spec.is_destructive and not is_confirmed:
            raise InvalidInput(f"{command.word} needs an explicit confirmation", field="confirm")
        sent = self._with_serial_number(serial_number, command)
        for _ in range(self._options.retries if spec.is_idempotent else 0):
            try:
                return await self._call(serial_number, sent)
            except CommandTimedOut:
                logger.info("terminal %s did not answer %s: sent again", serial_number, command.word)
        return await self._call(serial_number, sent)

    async def pass_through(
        self, serial_number: str, body: Mapping[str, object], *, timeout_s: float
    ) -> CommandReply:
        """Sends the body as it is, `cmd` and `sn` included, once and without a question.

        Raises:
            InvalidInput: `cmd` is no command word.
            TerminalOffline: no process has this terminal.
            CommandTimedOut: it did not answer in time.
            EngineOverloaded: too many commands wait for it.
            BusFailed: what is between the processes cannot be reached.
        """
        word = body.get("cmd")
        if not isinstance(word, str):
            raise InvalidInput("cmd must be text", field="cmd")
        fields = {name: value for name, value in body.items() if name != "cmd"}
        return await self._bus.call(serial_number, make_command(word, fields, timeout_s=timeout_s))

    async def _call(self, serial_number: str, command: DeviceCommand) -> CommandReply:
        try:
            return await self._bus.call(serial_number, command)
        except TerminalOffline as error:
            # Asked after the bus: a terminal of another process may not be in this one's register yet.
            if self._register.find(serial_number) is None:
                raise TerminalNotFound("no terminal has this serial number") from error
            raise

    def _with_serial_number(self, serial_number: str, command: DeviceCommand) -> DeviceCommand:
        if not self._options.add_serial_number or "sn" in command.fields:
            return command
        return replace(command, fields={"sn": serial_number, **command.fields})
