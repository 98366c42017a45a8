"""Whatever happens in whatever order, the state machine of a connection keeps its promises.

The terminal here answers in order, each command once or never, however late; it repeats an answer only
before it got another command of that word, or at once. That is what the protocol can stand: without ids
nothing could do better.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.protocols.terminals.moments import SERIAL_NUMBER, at, facts_of, message, record

from facegate.domain.errors import (
    CommandTimedOut,
    EngineOverloaded,
    FacegateError,
    InvalidInput,
    StoreFailed,
    TerminalOffline,
)
from facegate.domain.terminals.access_policy import AccessDecision
from facegate.domain.terminals.commands import DeviceCommand
from facegate.frontends.terminals.effects import (
    Admit,
    Attach,
    Close,
    Detach,
    Effect,
    Enrol,
    Finish,
    Judge,
    Note,
    Send,
    Store,
)
from facegate.frontends.terminals.messages import CloseCode
from facegate.frontends.terminals.protocol import TerminalProtocol
from facegate.frontends.terminals.states import ConnectionLimits, ConnectionState
from facegate.frontends.terminals.translate import read_message

LIMITS = ConnectionLimits(
    registration_timeout_s=30.0,
    command_delay_s=0.5,
    same_word_pause_s=0.1,
    late_answer_s=60.0,
    answer_timeout_s=15.0,
    reboot_grace_s=5.0,
    max_waiting_commands=4,
    max_bad_messages=12,
)

WORDS = ["getusername", "getusername", "gettime", "opendoor"]

ERRORS: list[FacegateError] = [StoreFailed("the disk"), EngineOverloaded("later"), InvalidInput("no")]


@dataclass
class Sent:
    """A command on its way through the terminal; its number is what an answer proves its origin with."""

    number: int
    word: str
    fields: dict[str, object]
    sent_s: float
    deadline_s: float


class Connection(RuleBasedStateMachine):
    """Plays the session, the callers and the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.protocol = TerminalProtocol(LIMITS, at(0.0))
        self.close: Close | None = None
        self.is_departed = False
        self.is_rebooting = False
        self.is_attached = False
        self.may_ask_from_s: float | None = None
        # What the terminal asked, with the number of the batch, and the work that follows from it.
        self.asked: deque[tuple[str, int]] = deque()
        self.batch_count = 0
        self.in_hand: int | None = None
        self.work: dict[int, tuple[Admit | Store | Enrol | Judge, int]] = {}
        self.durable: set[int] = set()
        # What callers asked, and what the terminal got of it.
        self.calls: dict[int, DeviceCommand] = {}
        self.call_count = 0
        self.deadlines: dict[int, float] = {}
        self.withdrawn: set[int] = set()
        self.sent_count = 0
        self.sent_for: dict[int, int] = {}
        self.outstanding: Sent | None = None
        self.on_terminal: deque[Sent] = deque()
        self.last_answer: dict[str, object] | None = None
        self.answered_s = 0.0

    @initialize(is_registered=st.sampled_from([True, True, True, False]))
    def the_beginning(self, is_registered: bool) -> None:
        if is_registered:
            self.terminal_asks("reg", 1)
            self.work_is_done(9, ERRORS[0])
            self.let_pass(LIMITS.command_delay_s)

    def is_over(self) -> bool:
        return self.close is not None or self.is_departed

    def hear(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            assert self.close is None or isinstance(effect, Finish), "nothing is said after the close"
            match effect:
                case Send() if "cmd" in effect.message:
                    self.hear_command(dict(effect.message), effect.call_id)
                case Send():
                    self.hear_answer(dict(effect.message))
                case Admit() | Store() | Enrol() | Judge():
                    assert self.in_hand is None, "one request at a time is served"
                    self.in_hand = effect.request_id
                    self.work[effect.request_id] = (effect, self.asked[0][1])
                case Finish():
                    self.hear_finish(effect)
                case Attach() | Detach():
                    assert self.is_attached is isinstance(effect, Detach)
                    self.is_attached = not self.is_attached
                    self.outstanding = None
                case Close():
                    self.close = effect
                case Note():
                    pass

    def hear_command(self, body: dict[str, object], call_id: int | None) -> None:
        assert not self.is_departed
        assert not self.is_rebooting
        assert self.may_ask_from_s is not None, "nothing before the registration was answered"
        assert self.now_s >= self.may_ask_from_s
        if self.outstanding is not None:
            assert self.now_s >= self.outstanding.deadline_s, "one command at a time"
        word = str(body.pop("cmd"))
        self.sent_count += 1
        deadline_s = self.now_s + 10.0 if call_id is None else self.deadlines[call_id]
        self.outstanding = Sent(self.sent_count, word, body, self.now_s, deadline_s)
        self.on_terminal.append(self.outstanding)
        is_repeated_at_once = self.now_s < self.answered_s + LIMITS.same_word_pause_s
        if self.last_answer is not None and self.last_answer["ret"] == word and not is_repeated_at_once:
            self.last_answer = None
        if call_id is not None:
            assert call_id not in self.withdrawn, "what was withdrawn is not sent"
            self.sent_for[call_id] = self.sent_count
            self.hear(self.protocol.written(call_id, at(self.now_s)))

    def hear_answer(self, body: dict[str, object]) -> None:
        assert not self.is_departed
        word, number = self.asked.popleft()
        assert body["ret"] == word, "each once and in order"
        self.in_hand = None
        if word == "reg" and body["result"]:
            welcome_s = self.now_s + LIMITS.command_delay_s
            self.may_ask_from_s = welcome_s if self.may_ask_from_s is None else self.may_ask_from_s
        elif word == "sendlog" and body["result"]:
            assert body["logindex"] == number
            assert number in self.durable, "acknowledged only what is stored"

    def hear_finish(self, effect: Finish) -> None:
        command = self.calls.pop(effect.call_id)
        outcome = effect.outcome
        if isinstance(outcome, FacegateError):
            assert isinstance(outcome, TerminalOffline | CommandTimedOut | EngineOverloaded)
        elif command.word == "reboot":
            assert outcome == {}
            self.is_rebooting = True
        else:
            assert outcome["number"] == self.sent_for[effect.call_id], "a foreign reply"

    def terminal_says(self, **body: object) -> None:
        self.hear(self.protocol.received(message(**body), at(self.now_s)))

    @precondition(lambda self: not self.protocol.is_full and not self.is_over())
    @rule(
        word=st.sampled_from(["reg", "reg", "sendlog", "sendlog", "senduser", "sendqrcode", "ping", "new"]),
        count=st.integers(0, 3),
    )
    def terminal_asks(self, word: str, count: int) -> None:
        self.batch_count += 1
        self.asked.append((word, self.batch_count))
        bodies: dict[str, dict[str, object]] = {
            "reg": {"sn": SERIAL_NUMBER if count else "not possible!"},
            "sendlog": {"logindex": self.batch_count, "count": count, "record": [record()] * count},
            "senduser": {"enrollid": count, "backupnum": 50, "record": "AAAA"},
            "sendqrcode": {"record": "7"},
        }
        self.terminal_says(cmd=word, **bodies.get(word, {}))

    @precondition(lambda self: not self.is_over())
    @rule(text=st.sampled_from(["", "[]", "{", "null", '{"a": 1}', "[[[[", '{"cmd": 5}', '{"ret": "x"}']))
    def terminal_babbles(self, text: str) -> None:
        self.hear(self.protocol.received(read_message(text), at(self.now_s)))

    @precondition(lambda self: self.work)
    @rule(how=st.integers(0, 12), error=st.sampled_from(ERRORS))
    def work_is_done(self, how: int, error: FacegateError) -> None:
        request_id = min(self.work)
        effect, number = self.work.pop(request_id)
        now = at(self.now_s)
        match effect:
            case _ if how == 0:
                self.hear(self.protocol.failed(request_id, error, now))
            case Admit() if how == 1:
                self.may_ask_from_s = None if self.in_hand == request_id else self.may_ask_from_s
                self.hear(self.protocol.turned_away(request_id, "blocked", now))
            case Admit():
                self.hear(self.protocol.admitted(request_id, facts_of(), now))
            case Store():
                self.durable.add(number)
                access = None if effect.decide is None else AccessDecision(is_granted=True)
                self.hear(self.protocol.stored(request_id, access, now))
            case Enrol():
                self.hear(self.protocol.enrolled(request_id, now))
            case Judge():
                self.hear(self.protocol.judged(request_id, AccessDecision(is_granted=False), now))

    @rule(
        word=st.sampled_from(WORDS),
        enroll_id=st.integers(1, 2),
        timeout_s=st.sampled_from([1.0, 3.0, 8.0]),
        reboots=st.integers(0, 30),
    )
    def somebody_calls(self, word: str, enroll_id: int, timeout_s: float, reboots: int) -> None:
        self.call_count += 1
        command = DeviceCommand("reboot" if reboots == 30 else word, {"enrollid": enroll_id}, timeout_s)
        self.calls[self.call_count] = command
        self.deadlines[self.call_count] = self.now_s + timeout_s
        self.hear(self.protocol.call(self.call_count, command, at(self.now_s)))

    @precondition(lambda self: self.calls)
    @rule(which=st.integers(0, 3))
    def somebody_goes_away(self, which: int) -> None:
        call_id = sorted(self.calls)[which % len(self.calls)]
        del self.calls[call_id]
        self.withdrawn.add(call_id)
        self.protocol.withdraw(call_id)

    @precondition(lambda self: self.on_terminal and not self.is_over())
    @rule(how=st.sampled_from(["answers", "answers", "answers", "echoes", "repeats the word", "never"]))
    def terminal_turns_to_the_next_command(self, how: str) -> None:
        sent = self.on_terminal.popleft()
        if how == "never" or self.now_s >= sent.sent_s + LIMITS.late_answer_s:
            return
        answer: dict[str, object] = {"ret": sent.word, "result": True, "number": sent.number}
        if how == "echoes":
            answer |= {"enrollid": str(sent.fields.get("enrollid", "")), "sn": SERIAL_NUMBER}
        if how == "repeats the word":
            answer["cmd"] = answer.pop("ret")
            self.last_answer = None
            # Where nobody can know that it was an answer it is acknowledged as an unknown word.
            if not self.protocol_expects(sent):
                self.asked.append((sent.word, 0))
        else:
            self.last_answer, self.answered_s = answer, self.now_s
        if self.outstanding is sent:
            self.outstanding = None
        self.terminal_says(**answer)

    def protocol_expects(self, sent: Sent) -> bool:
        """Whether the protocol has reason to take this as an answer: it was asked and nothing later was."""
        return sent is self.outstanding or sent.word in self.protocol._commands._owed

    @precondition(lambda self: self.last_answer is not None and not self.is_over())
    @rule()
    def terminal_repeats_its_answer(self) -> None:
        self.terminal_says(**(self.last_answer or {}))

    @rule(seconds=st.sampled_from([0.01, 0.2, 1.0, 2.0, 4.0, 9.0, 20.0, 70.0]))
    def time_passes(self, seconds: float) -> None:
        self.let_pass(seconds)

    def let_pass(self, seconds: float) -> None:
        """The session ticks whenever a deadline is due."""
        end_s = self.now_s + seconds
        for _ in range(200):
            deadline_s = self.protocol.next_deadline_s
            if deadline_s is None or deadline_s > end_s:
                break
            self.now_s = max(self.now_s, deadline_s)
            self.hear(self.protocol.tick(at(self.now_s)))
        else:
            raise AssertionError("the protocol never comes to rest")
        self.now_s = end_s

    @rule(how=st.sampled_from(["stopped", "left"]), chance=st.integers(0, 30))
    def the_end(self, how: str, chance: int) -> None:
        if chance == 30 and not self.is_over():
            if how == "stopped":
                self.hear(self.protocol.ended_by_server(CloseCode.GOING_AWAY, "the server stops"))
            else:
                self.hear(self.protocol.departed())
                self.is_departed = True

    @invariant()
    def the_end_is_known(self) -> None:
        assert (self.protocol.state is ConnectionState.ENDED) == self.is_over()
        if self.is_over():
            assert self.calls == {}, "who waits hears of the end at once"
            assert self.protocol.next_deadline_s is None
            assert self.protocol.pending_count == 0

    @invariant()
    def whatever_waits_has_a_clock(self) -> None:
        if self.is_over():
            return
        if self.calls or self.asked:
            assert self.protocol.next_deadline_s is not None
        if self.asked:
            assert self.in_hand is not None

    def teardown(self) -> None:
        """Left alone, a connection comes to rest: every call has ended, every request is answered."""
        for _ in range(LIMITS.max_waiting_requests + 5):
            if not self.is_over():
                self.let_pass(LIMITS.answer_timeout_s + 30.0)
        assert self.calls == {}
        assert self.is_over() or not self.asked


TestConnection = Connection.TestCase
TestConnection.settings = settings(
    max_examples=150, stateful_step_count=50, deadline=None, report_multiple_bugs=False
)
