"""`senduser`: people that were enrolled on the terminal, one message each until it is answered."""

from collections import deque

from facegate.commands.simulated_terminals.device.firmware import Fields
from facegate.commands.simulated_terminals.device.habits import Habits
from facegate.commands.simulated_terminals.device.memory import Memory
from facegate.commands.simulated_terminals.device.voice import Voice


class UserPush:
    """What was never acknowledged is sent on the next connection too."""

    def __init__(self, memory: Memory, habits: Habits, voice: Voice) -> None:
        self._memory = memory
        self._habits = habits
        self._voice = voice
        self._is_open = False
        self._is_waiting = False
        self._to_send: deque[tuple[int, int]] = deque()
        self._acknowledged: set[tuple[int, int]] = set()

    def opened(self, now_s: float, *, with_everybody: bool) -> None:
        """The terminal is registered; `with_everybody` is what the server asked for (`nosenduser` false)."""
        self._is_open = True
        if with_everybody:
            for row in self._memory.people.rows():
                self._plan((row.enroll_id, row.backup_number))
        self._send(now_s)

    def closed(self) -> None:
        """The connection is gone."""
        self._is_open = self._is_waiting = False

    def enrolled(self, enroll_id: int, backup_number: int, now_s: float) -> None:
        """Somebody has just been enrolled on the terminal itself."""
        self._acknowledged.discard((enroll_id, backup_number))
        self._plan((enroll_id, backup_number))
        self._send(now_s)

    def _plan(self, credential: tuple[int, int]) -> None:
        if credential not in self._acknowledged and credential not in self._to_send:
            self._to_send.append(credential)

    def _send(self, now_s: float) -> None:
        if not self._is_open or self._is_waiting:
            return
        while self._to_send:
            enroll_id, backup_number = self._to_send[0]
            person = self._memory.people.find(enroll_id)
            if person is not None and backup_number in person.credentials:
                break
            self._to_send.popleft()
        else:
            return
        self._is_waiting = True
        self._voice.outbox.remind("user", now_s + self._habits.user_again_after_s, self._unanswered)
        self._voice.say(
            {
                "cmd": "senduser",
                "sn": self._memory.serial_number,
                "enrollid": enroll_id,
                "name": person.name,
                "backupnum": backup_number,
                "admin": person.admin,
                "record": person.credentials[backup_number],
            },
            now_s,
        )

    def _unanswered(self, now_s: float) -> None:
        self._is_waiting = False
        self._voice.tally.sent_again += 1
        self._send(now_s)

    def hear(self, answer: Fields, now_s: float) -> None:
        """The answer to the one that was sent."""
        if not self._is_waiting:
            self._voice.tally.stray_answers += 1
        elif answer.get("result") is True:
            self._is_waiting = False
            self._voice.outbox.forget("user")
            self._acknowledged.add(self._to_send.popleft())
            self._send(now_s)
        else:
            # The reminder that is planned sends it again.
            self._voice.tally.refused_messages += 1
