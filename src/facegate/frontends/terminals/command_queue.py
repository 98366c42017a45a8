"""Commands to one terminal, one at a time, without I/O.

Answers carry no id: only their word and their order tell whose they are. Terminals answer in the order in
which they were asked, each command once or never. After a time-out the answer may still come, so nothing of
that word is asked before it came or a harmless command that was sent later was answered (the fence). A word
that was just answered rests for a moment, in which a repetition of that answer is seen for what it is.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from facegate.domain.errors import (
    CommandTimedOut,
    EngineOverloaded,
    FacegateError,
    InvalidInput,
    TerminalOffline,
)
from facegate.domain.terminals.commands import SHORT_TIMEOUT_S, DeviceCommand, spec_of
from facegate.domain.terminals.records import whole_number
from facegate.frontends.terminals.effects import Effect, Finish, Note, NoteKind, Send
from facegate.frontends.terminals.messages import Message
from facegate.frontends.terminals.states import ConnectionLimits

FENCE_WORDS = ("gettime", "getdevlock", "getdevinfo")
"""Reads that every terminal knows; the first that is not itself waited for."""

_ECHOED = ("enrollid", "backupnum")


@dataclass(slots=True)
class Call:
    """A command and until when its caller waits. A fence has no caller; nor has one who has gone away."""

    command: DeviceCommand = field(repr=False)
    deadline_s: float
    call_id: int | None

    @property
    def word(self) -> str:
        """The command's word, which the answer repeats."""
        return self.command.word


class CommandQueue:
    """Every method takes what happened and gives what is to be done, in order."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._waiting: deque[Call] = deque()
        self._current: Call | None = None
        self._opens_at_s: float | None = None
        self._owed: dict[str, float] = {}
        self._rests = ("", 0.0)

    @property
    def pending_count(self) -> int:
        """Commands that wait or are being answered."""
        is_asking = self._current is not None and self._current.call_id is not None
        return len(self._waiting) + is_asking

    @property
    def is_open(self) -> bool:
        """Whether commands are taken."""
        return self._opens_at_s is not None

    def open(self, opens_at_s: float) -> None:
        """Commands are taken, and sent from then on."""
        self._opens_at_s = opens_at_s

    def close(self, why: str, now_s: float) -> list[Effect]:
        """All calls fail, and later ones too until `open`."""
        self._opens_at_s = None
        if self._current is not None:
            self._owed[self._current.word] = now_s + self._limits.late_answer_s
        calls = [call for call in (self._current, *self._waiting) if call is not None]
        self._current = None
        self._waiting.clear()
        return [effect for call in calls for effect in _finish(call, TerminalOffline(why))]

    def add(self, call_id: int, command: DeviceCommand, now_s: float) -> list[Effect]:
        """Somebody wants this of the terminal."""
        if not self.is_open:
            return [Finish(call_id, TerminalOffline("the terminal is not connected"))]
        if self.pending_count >= self._limits.max_waiting_commands:
            error = EngineOverloaded("too many commands wait for this terminal: come back in a moment")
            return [Finish(call_id, error)]
        self._waiting.append(Call(command, now_s + command.timeout_s, call_id))
        return self._send_next(now_s)

    def withdraw(self, call_id: int) -> None:
        """The caller has gone: a command that was not sent is dropped, the answer to one that was, too."""
        self._waiting = deque(call for call in self._waiting if call.call_id != call_id)
        if self._current is not None and self._current.call_id == call_id:
            self._current.call_id = None

    def is_done_when_written(self, call_id: int) -> bool:
        """Whether no answer is to follow to this command, which went out."""
        current = self._current
        return current is not None and current.call_id == call_id and not spec_of(current.word).has_reply

    def expects(self, word: str) -> bool:
        """Whether an answer with this word may be one to a command."""
        return word in self._owed or (self._current is not None and self._current.word == word)

    def answered(self, word: str, body: Message, now_s: float) -> list[Effect]:
        """The terminal has answered, perhaps to what nobody waits for any more."""
        current = self._current
        if current is not None and current.word == word and _fits(current.command, body):
            self._current = None
            # What was asked before and not answered by now never will be.
            self._owed.clear()
            self._rest(word, now_s)
            return [*_finish(current, body), *self._send_next(now_s)]
        if self._owed.pop(word, None) is not None:
            self._rest(word, now_s)
            return [Note(NoteKind.LATE_ANSWER, word), *self._send_next(now_s)]
        return [Note(NoteKind.UNASKED_ANSWER, word)]

    def tick(self, now_s: float) -> list[Effect]:
        """Time has passed."""
        effects: list[Effect] = []
        current = self._current
        if current is not None and now_s >= current.deadline_s:
            self._current = None
            self._owed[current.word] = now_s + self._limits.late_answer_s
            effects += [Note(NoteKind.TIMED_OUT, current.word), *_finish(current, _too_late())]
        late = [call for call in self._waiting if now_s >= call.deadline_s]
        if late:
            self._waiting = deque(call for call in self._waiting if now_s < call.deadline_s)
            effects += [effect for call in late for effect in _finish(call, _too_late())]
        self._owed = {word: until_s for word, until_s in self._owed.items() if now_s < until_s}
        return effects + self._send_next(now_s)

    @property
    def next_deadline_s(self) -> float | None:
        """When `tick` is due."""
        deadlines = [call.deadline_s for call in self._waiting]
        if self._current is not None:
            deadlines.append(self._current.deadline_s)
        elif self._waiting:
            deadlines.append(self._sends_at_s(self._waiting[0].word))
        return min(deadlines, default=None)

    def _rest(self, word: str, now_s: float) -> None:
        self._rests = (word, now_s + self._limits.same_word_pause_s)

    def _sends_at_s(self, word: str) -> float:
        """From when on a command of this word may go out, itself or a fence before it."""
        first = word if word not in self._owed else self._fence_word()
        if first is None:
            return min(self._owed.values())
        resting, until_s = self._rests
        return max(self._opens_at_s or 0.0, until_s if first == resting else 0.0)

    def _fence_word(self) -> str | None:
        return next((word for word in FENCE_WORDS if word not in self._owed), None)

    def _send_next(self, now_s: float) -> list[Effect]:
        if self._current is not None or not self._waiting or not self.is_open:
            return []
        word = self._waiting[0].word
        if now_s < self._sends_at_s(word):
            return []
        if word not in self._owed:
            self._current = self._waiting.popleft()
            return [Send(self._current.command.body(), self._current.call_id)]
        fence = self._fence_word()
        if fence is None:
            return []
        self._current = Call(DeviceCommand(fence), now_s + SHORT_TIMEOUT_S, None)
        return [Send(self._current.command.body())]


def _finish(call: Call, outcome: Message | FacegateError) -> list[Effect]:
    return [] if call.call_id is None else [Finish(call.call_id, outcome)]


def _too_late() -> CommandTimedOut:
    return CommandTimedOut("the terminal did not answer in time")


def _fits(command: DeviceCommand, answer: Mapping[str, object]) -> bool:
    """Whether what the answer repeats of the command is the same."""
    return all(_is_same(command.fields.get(name), answer.get(name)) for name in _ECHOED)


def _is_same(asked: object, echoed: object) -> bool:
    if asked is None or echoed in (None, ""):
        return True
    try:
        return whole_number(asked, field="asked") == whole_number(echoed, field="echoed")
    except InvalidInput:
        return asked == echoed
