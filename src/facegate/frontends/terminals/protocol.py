"""One connection of a terminal as a state machine, without I/O.

Rules: no command before a registration was answered; every request is answered exactly once, in order;
records are acknowledged only when they are stored; every call ends, with its own answer or an error; a bad
message never ends the connection, only a flood of them does. After `Close` nothing is said any more.
"""

from facegate.domain.errors import FacegateError
from facegate.domain.terminals.access_policy import AccessDecision
from facegate.domain.terminals.commands import DeviceCommand
from facegate.frontends.terminals.command_queue import CommandQueue
from facegate.frontends.terminals.effects import Attach, Close, Detach, Effect, Finish, Note, NoteKind
from facegate.frontends.terminals.messages import (
    CloseCode,
    DeviceAnswer,
    Incoming,
    OtherRequest,
    Unusable,
)
from facegate.frontends.terminals.request_line import RequestLine
from facegate.frontends.terminals.states import (
    BadMessages,
    ConnectionLimits,
    ConnectionState,
    Moment,
    TerminalFacts,
)

_OVER = "the connection ended before the terminal answered"


class TerminalProtocol:
    """Every method takes what happened and gives what is to be done, in order. One thread at a time."""

    def __init__(self, limits: ConnectionLimits, opened: Moment, *, ask_for_users: bool = False) -> None:
        """`ask_for_users`: whether terminals are to send whom they have enrolled."""
        self._limits = limits
        self._asked_s = opened.at_s
        self._heard_s = opened.at_s
        self._is_ended = False
        self._refusal_count = 0
        self._reboots_until_s: float | None = None
        self._bad = BadMessages(limits)
        self._requests = RequestLine(limits, ask_for_users=ask_for_users)
        self._commands = CommandQueue(limits)

    @property
    def state(self) -> ConnectionState:
        """How far the connection has come."""
        if self._is_ended:
            return ConnectionState.ENDED
        return ConnectionState.WAITING if self._requests.facts is None else ConnectionState.REGISTERED

    @property
    def facts(self) -> TerminalFacts | None:
        """Whose connection it is; None before a registration is accepted."""
        return self._requests.facts

    @property
    def pending_count(self) -> int:
        """Commands that wait or are being answered."""
        return self._commands.pending_count

    @property
    def is_full(self) -> bool:
        """Whether so many requests wait that no more should be read."""
        return self._requests.is_full and not self._is_ended

    @property
    def next_deadline_s(self) -> float | None:
        """When `tick` is due, monotonic; None when nothing is waited for."""
        if self._is_ended:
            return None
        deadlines = (
            self._silence_ends_s(),
            self._reboots_until_s,
            self._commands.next_deadline_s,
            self._requests.next_deadline_s,
        )
        return min((at_s for at_s in deadlines if at_s is not None), default=None)

    def received(self, message: Incoming, now: Moment) -> list[Effect]:
        """A message has arrived and was read."""
        if self._is_ended:
            return []
        self._heard_s = now.at_s
        match message:
            case DeviceAnswer():
                return self._answered(message, now)
            case OtherRequest() if self._commands.expects(message.word):
                # Some firmware repeats the command's own key instead of `ret`.
                return self._commands.answered(message.word, message.body, now.at_s)
            case Unusable():
                return self._counted_as_bad([Note(NoteKind.UNUSABLE, message.why)], now)
            case _:
                return self._requests.add(message, now)

    def too_large(self) -> list[Effect]:
        """A message is beyond the limit."""
        return self._end(CloseCode.TOO_BIG, "the message is too large")

    def admitted(self, request_id: int, facts: TerminalFacts, now: Moment) -> list[Effect]:
        """The terminal is let in. A repeated registration changes nothing but the time."""
        effects = self._requests.admitted(request_id, facts, now)
        if effects and not self._commands.is_open and self._reboots_until_s is None:
            self._commands.open(now.at_s + self._limits.command_delay_s)
            effects.insert(1, Attach(facts.serial_number))
        return effects

    def turned_away(self, request_id: int, reason: str, now: Moment) -> list[Effect]:
        """The terminal is not let in, or no more; it may ask again on this connection, but not for ever."""
        effects = self._requests.turned_away(request_id, reason, now)
        if not effects:
            return []
        self._refusal_count += 1
        if self._refusal_count <= self._limits.max_prolonging_refusals:
            self._asked_s = now.at_s
        if self._commands.is_open:
            effects[1:1] = [*self._commands.close(_OVER, now.at_s), Detach()]
        if self._requests.refused_number_count > self._limits.max_refused_numbers:
            return [*effects, *self._end(CloseCode.POLICY, "too many serial numbers were tried")]
        return effects

    def stored(self, request_id: int, access: AccessDecision | None, now: Moment) -> list[Effect]:
        """The records are durable, and this is the decision if one was wanted."""
        return self._requests.stored(request_id, access, now)

    def enrolled(self, request_id: int, now: Moment) -> list[Effect]:
        """The enrolment is durable."""
        return self._requests.enrolled(request_id, now)

    def judged(self, request_id: int, access: AccessDecision, now: Moment) -> list[Effect]:
        """The decision on a code."""
        return self._requests.judged(request_id, access, now)

    def failed(self, request_id: int, error: FacegateError, now: Moment) -> list[Effect]:
        """The request could not be served: the terminal keeps what it sent."""
        return self._requests.failed(request_id, error, now)

    def facts_changed(self, facts: TerminalFacts) -> None:
        """An administrator changed the terminal's zone or its encoding."""
        self._requests.facts_changed(facts)

    def call(self, call_id: int, command: DeviceCommand, now: Moment) -> list[Effect]:
        """Somebody wants this of the terminal: `Finish` follows, whatever happens."""
        return self._commands.add(call_id, command, now.at_s)

    def withdraw(self, call_id: int) -> None:
        """Whoever made the call has gone."""
        self._commands.withdraw(call_id)

    def written(self, call_id: int, now: Moment) -> list[Effect]:
        """A command went out. A restart has succeeded with that, and nothing more is asked."""
        if not self._commands.is_done_when_written(call_id):
            return []
        self._commands.withdraw(call_id)
        self._reboots_until_s = now.at_s + self._limits.reboot_grace_s
        return [Finish(call_id, {}), *self._commands.close("the terminal restarts", now.at_s)]

    def ended_by_server(self, code: CloseCode, reason: str) -> list[Effect]:
        """The server stops, another connection took over, or the terminal was blocked."""
        return self._end(code, reason)

    def departed(self) -> list[Effect]:
        """The socket is gone: whoever waits hears of it at once."""
        if self._is_ended:
            return []
        self._is_ended = True
        self._requests.clear()
        return self._commands.close(_OVER, self._heard_s)

    def tick(self, now: Moment) -> list[Effect]:
        """Time has passed; nothing happens before `next_deadline_s`."""
        if self._is_ended:
            return []
        if self._reboots_until_s is not None and now.at_s >= self._reboots_until_s:
            return self._end(CloseCode.NORMAL, "the terminal restarts")
        silence_ends_s = self._silence_ends_s()
        if silence_ends_s is not None and now.at_s >= silence_ends_s:
            what = "nobody registered" if self._requests.facts is None else "nothing was heard"
            return self._end(CloseCode.POLICY, f"{what} for too long")
        return self._commands.tick(now.at_s) + self._requests.tick(now)

    def _silence_ends_s(self) -> float | None:
        if self._requests.facts is None:
            return self._asked_s + self._limits.registration_timeout_s
        return self._heard_s + self._limits.idle_timeout_s if self._limits.idle_timeout_s else None

    def _answered(self, answer: DeviceAnswer, now: Moment) -> list[Effect]:
        effects = self._commands.answered(answer.word, answer.body, now.at_s)
        if effects == [Note(NoteKind.UNASKED_ANSWER, answer.word)]:
            return self._counted_as_bad(effects, now)
        return effects

    def _counted_as_bad(self, effects: list[Effect], now: Moment) -> list[Effect]:
        if self._bad.is_flood(now.at_s):
            return effects + self._end(CloseCode.POLICY, "too many messages that cannot be used")
        return effects

    def _end(self, code: CloseCode, reason: str) -> list[Effect]:
        if self._is_ended:
            return []
        return [*self.departed(), Close(code, reason)]
