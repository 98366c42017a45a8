"""One simulated terminal without I/O: what it sends, when, and what it makes of what it hears.

Whoever holds the connection tells it `opened`, `received` and `closed`, and asks `poll` for what is due.
Times are seconds of one monotonic clock.
"""

import json
import random

from facegate.commands.simulated_terminals.device.answers_about_device import AnswersAboutDevice
from facegate.commands.simulated_terminals.device.answers_about_people import AnswersAboutPeople, number_in
from facegate.commands.simulated_terminals.device.firmware import Fields
from facegate.commands.simulated_terminals.device.habits import Habits
from facegate.commands.simulated_terminals.device.log_push import Acknowledged, LogPush
from facegate.commands.simulated_terminals.device.memory import Memory
from facegate.commands.simulated_terminals.device.outbox import Effect, HangUp
from facegate.commands.simulated_terminals.device.people import PHOTO, Refusal
from facegate.commands.simulated_terminals.device.scan_log import LogRecord, Scanned
from facegate.commands.simulated_terminals.device.tally import Tally
from facegate.commands.simulated_terminals.device.user_push import UserPush
from facegate.commands.simulated_terminals.device.voice import Voice

STRANGER_ENROLL_ID = 99_999_999
_UNKNOWN_WORD = "can not find this command"


class SimulatedTerminal:
    """Registers, sends scans until they are acknowledged, answers commands, misbehaves as it is told to."""

    def __init__(
        self,
        memory: Memory,
        habits: Habits | None = None,
        chance: random.Random | None = None,
        on_acknowledged: Acknowledged | None = None,
    ) -> None:
        self.memory = memory
        self.tally = Tally()
        self._habits = habits or Habits()
        chance = chance or random.Random(memory.serial_number)  # noqa: S311 - no secret is made of it
        self._voice = Voice(memory.firmware, self._habits.mischief, chance, self.tally)
        self._log_push = LogPush(memory, self._habits, self._voice, on_acknowledged)
        self._user_push = UserPush(memory, self._habits, self._voice)
        self._words = {**AnswersAboutPeople(memory).words, **AnswersAboutDevice(memory).words}
        self._is_open = False
        self._is_registered = False
        self._registrations_sent = 0

    @property
    def serial_number(self) -> str:
        """Its identity."""
        return self.memory.serial_number

    @property
    def is_registered(self) -> bool:
        """Whether the server has taken it in on this connection."""
        return self._is_registered

    @property
    def next_due_s(self) -> float | None:
        """When `poll` has something; None while nothing is planned."""
        return self._voice.outbox.next_due_s

    def opened(self, now_s: float) -> None:
        """A connection is there."""
        self.closed()
        self._is_open = True
        self._registrations_sent = 0
        self.memory.cursor.forget()
        self.tally.connections += 1
        self._register(now_s)

    def closed(self) -> None:
        """The connection is gone; what was not acknowledged waits for the next one."""
        self.tally.links_lost += self._is_open
        self._is_open = self._is_registered = False
        self._voice.outbox.clear()
        self._log_push.closed()
        self._user_push.closed()

    def poll(self, now_s: float) -> list[Effect]:
        """What is to be done now, in order. A HangUp is the last."""
        effects = self._voice.outbox.take(now_s)
        if effects and isinstance(effects[-1], HangUp):
            self._voice.outbox.clear()
        return effects

    def scan(self, now_s: float, scanned: Scanned | None = None) -> LogRecord | None:
        """Somebody stands before it: one of its people unless told otherwise; None while it is disabled."""
        if not self.memory.is_enabled:
            return None
        record = self.memory.log.add(scanned or self._somebody(), self.memory.clock.read(now_s), now_s)
        self.tally.scans += 1
        self._log_push.send(now_s)
        return record

    def _somebody(self) -> Scanned:
        habits, chance = self._habits, self._voice.chance
        mode, share = self.memory.firmware.mode, chance.random()
        people = [person for person in self.memory.people if person.is_enabled]
        if share < habits.stranger_share or not people:
            return Scanned(STRANGER_ENROLL_ID, mode, event=2)
        if share < habits.stranger_share + habits.door_event_share:
            return Scanned(0, mode, event=chance.choice((0, 1, 2)))
        person = chance.choice(people)
        photo = person.credentials.get(PHOTO)
        has_picture = isinstance(photo, str) and self._voice.happens(habits.picture_share)
        return Scanned(
            enroll_id=person.enroll_id,
            mode=mode,
            in_out=chance.choice((0, 1)),
            name=person.name,
            picture=str(photo) if has_picture else None,
        )

    def received(self, content: str | bytes, now_s: float) -> None:
        """A message from the server."""
        if not self._is_open:
            return
        try:
            message = json.loads(content)
        except (ValueError, RecursionError):
            message = None
        match message:
            case {"cmd": str(word)}:
                self._obey(word, message, now_s)
            case {"ret": "reg"}:
                self._hear_registration(message, now_s)
            case {"ret": "sendlog"}:
                self._log_push.hear(message, now_s)
                if self._voice.happens(self._habits.mischief.repeated_registrations):
                    self._register(now_s)
            case {"ret": "senduser"}:
                self._user_push.hear(message, now_s)
            case {"ret": str()}:
                self.tally.stray_answers += 1
            case _:
                self.tally.unreadable_messages += 1

    def _register(self, now_s: float) -> None:
        self._registrations_sent += 1
        limit_s = self._habits.register_again_after_s
        self._voice.outbox.remind("register", now_s + limit_s, self._registration_unanswered)
        info = self.memory.device_info(now_s)
        self._voice.say({"cmd": "reg", "sn": self.serial_number, "devinfo": info}, now_s)

    def _registration_unanswered(self, now_s: float) -> None:
        if self._registrations_sent >= self._habits.give_up_registering_after:
            self._voice.hang_up(now_s, "no answer to reg")
        else:
            self._register(now_s)

    def _hear_registration(self, answer: Fields, now_s: float) -> None:
        if answer.get("result") is not True:
            # The reminder that is planned registers again: somebody may let it in meanwhile.
            self.tally.refused_registrations += 1
            self._registrations_sent = 0
            return
        self._voice.outbox.forget("register")
        self._registrations_sent = 0
        self.tally.registrations += 1
        self.memory.clock.set(answer.get("cloudtime"), now_s)
        if not self._is_registered:
            self._is_registered = True
            self._log_push.opened(now_s)
            self._user_push.opened(now_s, with_everybody=answer.get("nosenduser") in (False, 0))

    def _obey(self, word: str, fields: Fields, now_s: float) -> None:
        self.tally.commands += 1
        if word == "reboot":
            self._voice.hang_up(now_s + self._habits.answer_delay_s, "rebooting")
            return
        answer: dict[str, object] = {"ret": word, "sn": self.serial_number}
        try:
            answer |= {"result": True} | self._do(word, fields, now_s)
        except Refusal as refusal:
            answer |= {"result": False, "reason": refusal.reason}
            if refusal.message is not None:
                answer["msg"] = refusal.message
        # `gettime` tells the time and nothing of success.
        kept = {key: value for key, value in answer.items() if value is not None}
        self._voice.answer(kept, now_s + self._habits.answer_delay_s)
        # `opendoor` leaves a record behind.
        self._log_push.send(now_s)

    def _do(self, word: str, fields: Fields, now_s: float) -> dict[str, object]:
        if word == "adduser":
            self._await_person(number_in(fields, "enrollid"), fields, now_s)
            return {}
        if word not in self._words:
            self.tally.unknown_commands += 1
            raise Refusal(1, _UNKNOWN_WORD)
        return self._words[word](fields, now_s)

    def _await_person(self, enroll_id: int, fields: Fields, now_s: float) -> None:
        """The terminal asks somebody to stand before it, and tells the server when they did."""
        backup_number = number_in(fields, "backupnum", PHOTO)
        admin = number_in(fields, "admin", 0)

        def stands_there(at_s: float) -> None:
            person = self.memory.people.get_or_add(enroll_id)
            person.admin = admin
            person.credentials.setdefault(backup_number, self._habits.new_photo)
            self._user_push.enrolled(enroll_id, backup_number, at_s)

        self._voice.outbox.remind("adduser", now_s + self._habits.enrolling_takes_s, stands_there)
