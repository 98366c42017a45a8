"""`sendlog`: one message at a time, the same records again until a server has acknowledged them."""

from collections.abc import Callable, Sequence

from facegate.commands.simulated_terminals.device.firmware import Fields
from facegate.commands.simulated_terminals.device.habits import Habits
from facegate.commands.simulated_terminals.device.memory import Memory
from facegate.commands.simulated_terminals.device.scan_log import LogRecord
from facegate.commands.simulated_terminals.device.voice import Voice

Acknowledged = Callable[[str, Sequence[LogRecord]], None]
"""Is told the serial number and the records that a server has just acknowledged, each once."""

_REPEATED_COUNT = 2


class LogPush:
    """`opened` and `closed` tell of the registered connection; without one nothing is sent."""

    def __init__(
        self, memory: Memory, habits: Habits, voice: Voice, on_acknowledged: Acknowledged | None
    ) -> None:
        self._memory = memory
        self._habits = habits
        self._voice = voice
        self._on_acknowledged = on_acknowledged
        self._is_open = False
        self._batch: Sequence[LogRecord] = ()
        self._sent_numbers: set[int] = set()

    def opened(self, now_s: float) -> None:
        """The terminal is registered: whatever waits can go."""
        self._is_open = True
        self.send(now_s)

    def closed(self) -> None:
        """What was not acknowledged waits for the next connection."""
        self._is_open = False
        self._batch = ()

    def send(self, now_s: float) -> None:
        """The oldest records that wait, in one message, unless one is being waited for."""
        if not self._is_open or self._batch:
            return
        records = self._memory.log.waiting(self._habits.batch_size)
        if not records:
            return
        if self._voice.happens(self._habits.mischief.repeated_records):
            records = [*self._memory.log.last_settled(_REPEATED_COUNT), *records]
        self._batch = records
        numbers = {record.number for record in records}
        self._voice.tally.sent_again += len(numbers & self._sent_numbers)
        self._sent_numbers |= numbers
        self._voice.outbox.remind("log", now_s + self._habits.log_answer_limit_s, self._unanswered)
        self._voice.say(self._message(records), now_s)

    def _message(self, records: Sequence[LogRecord]) -> dict[str, object]:
        firmware = self._memory.firmware
        rows: list[dict[str, object]] = [firmware.record_of(record) for record in records]
        is_bare = firmware.writes_single_record_bare and len(rows) == 1
        return {
            "cmd": "sendlog",
            "sn": self._memory.serial_number,
            "count": len(rows),
            "logindex": records[0].number if firmware.counts_log_index else 0,
            "record": rows[0] if is_bare else rows,
        }

    def _unanswered(self, now_s: float) -> None:
        self._voice.hang_up(now_s, "no answer to sendlog")

    def hear(self, answer: Fields, now_s: float) -> None:
        """The answer to the message that was sent; any other is a stray one."""
        records, tally = self._batch, self._voice.tally
        if not records:
            tally.stray_answers += 1
            return
        self._batch = ()
        if answer.get("result") is not True:
            tally.refused_messages += 1
        elif answer.get("count", len(records)) != len(records):
            tally.wrong_counts += 1
        else:
            self._settle(records, answer, now_s)
            return
        self._voice.outbox.remind("log", now_s + self._habits.refused_again_after_s, self.send)

    def _settle(self, records: Sequence[LogRecord], answer: Fields, now_s: float) -> None:
        tally = self._voice.tally
        self._voice.outbox.forget("log")
        self._memory.clock.set(answer.get("cloudtime"), now_s)
        tally.access_refused += len(records) == 1 and answer.get("access") in (0, False)
        fresh = self._memory.log.settle(records)
        tally.acknowledged += len(fresh)
        self._sent_numbers.difference_update(record.number for record in records)
        if fresh and self._on_acknowledged is not None:
            self._on_acknowledged(self._memory.serial_number, fresh)
        self.send(now_s)
