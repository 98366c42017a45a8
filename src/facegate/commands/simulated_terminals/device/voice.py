"""How a terminal speaks: in its model's manner, and as badly as its mischief wants."""

import random

from facegate.commands.simulated_terminals.device.firmware import Fields, Firmware
from facegate.commands.simulated_terminals.device.garbage import some_garbage
from facegate.commands.simulated_terminals.device.habits import Mischief
from facegate.commands.simulated_terminals.device.outbox import HangUp, Outbox, Send
from facegate.commands.simulated_terminals.device.tally import Tally


class Voice:
    """Puts messages into the outbox. `chance` decides, so that a seed repeats a whole conversation."""

    def __init__(self, firmware: Firmware, mischief: Mischief, chance: random.Random, tally: Tally) -> None:
        self.outbox = Outbox()
        self.tally = tally
        self.chance = chance
        self._firmware = firmware
        self._mischief = mischief

    def happens(self, share: float) -> bool:
        """Whether something that happens so often happens now."""
        return share > 0 and self.chance.random() < share

    def say(self, message: Fields, at_s: float) -> None:
        """A message of its own."""
        if self.happens(self._mischief.garbage):
            self.outbox.put(Send(some_garbage(self.chance)), at_s)
        self._send(message, at_s)
        if self.happens(self._mischief.dropped_links):
            self.hang_up(at_s, "the link dropped")

    def answer(self, message: Fields, at_s: float) -> None:
        """An answer to a command: perhaps none, late, or twice."""
        if self.happens(self._mischief.silence):
            return
        is_late = self.happens(self._mischief.late_answers)
        due_s = at_s + (self._mischief.late_by_s if is_late else 0.0)
        self._send(message, due_s)
        if self.happens(self._mischief.doubled_answers):
            self._send(message, due_s)

    def hang_up(self, at_s: float, reason: str) -> None:
        """The connection breaks; the old one lingers sometimes."""
        lingers = self.happens(self._mischief.lingering_sockets)
        self.outbox.put(HangUp(reason, lingers), at_s)

    def _send(self, message: Fields, at_s: float) -> None:
        self.outbox.put(Send(self._firmware.text_of(message)), at_s)
        self.tally.messages_sent += 1
