"""What a terminal asks of us, served one after the other and answered in that order, without I/O.

Terminals tell answers apart by their word alone, so none may overtake another. Each request is answered
exactly once: an outcome that comes after its answer is passed over.
"""

from collections import deque

from facegate.domain.errors import FacegateError
from facegate.domain.terminals.access_policy import AccessDecision, is_fresh
from facegate.domain.terminals.activity import ActivityKind, Scan
from facegate.domain.terminals.device_clock import cloud_time, parse_device_time
from facegate.frontends.terminals import messages
from facegate.frontends.terminals.effects import (
    Admit,
    Effect,
    Enrol,
    Judge,
    Note,
    NoteKind,
    Send,
    Store,
)
from facegate.frontends.terminals.errors import reason_of
from facegate.frontends.terminals.messages import (
    AccessAnswer,
    BadRequest,
    CodeScan,
    LogBatch,
    Message,
    Registration,
    Request,
    Unkept,
    UserPush,
    word_of,
)
from facegate.frontends.terminals.states import (
    ConnectionLimits,
    Moment,
    RequestInWork,
    TerminalFacts,
)

_WITH_THE_TIME = frozenset({"heartbeat", "ping", "checklive"})

_DECLINED = frozenset({"otacheck", "otaget", "talkcall"})
"""True would promise firmware that we do not have, or somebody who takes the call."""


class RequestLine:
    """Every method takes what happened and gives what is to be done, in order."""

    def __init__(self, limits: ConnectionLimits, *, ask_for_users: bool) -> None:
        self._limits = limits
        self._ask_for_users = ask_for_users
        self._facts: TerminalFacts | None = None
        self._current: RequestInWork | None = None
        self._waiting: deque[Request] = deque()
        self._request_count = 0
        self._refused_numbers: set[str] = set()

    @property
    def refused_number_count(self) -> int:
        """How many different serial numbers were turned away."""
        return len(self._refused_numbers)

    @property
    def facts(self) -> TerminalFacts | None:
        """Whose connection it is; None before a registration is accepted."""
        return self._facts

    @property
    def is_full(self) -> bool:
        """Whether so many requests wait that no more should be read."""
        return len(self._waiting) >= self._limits.max_waiting_requests

    @property
    def next_deadline_s(self) -> float | None:
        """When the request in work has waited long enough."""
        return None if self._current is None else self._current.begun_s + self._limits.answer_timeout_s

    def add(self, request: Request, now: Moment) -> list[Effect]:
        """The terminal asks."""
        self._waiting.append(request)
        return self._take_up_next(now)

    def clear(self) -> None:
        """Nobody is there to be answered."""
        self._current = None
        self._waiting.clear()

    def admitted(self, request_id: int, facts: TerminalFacts, now: Moment) -> list[Effect]:
        """The terminal is let in. A repeated registration changes nothing but the time."""
        if self._find(request_id, Registration) is None:
            return []
        self._facts = facts
        time = self._cloud_time(facts, now)
        return self._answer(messages.registered(time, ask_for_users=self._ask_for_users), now)

    def turned_away(self, request_id: int, reason: str, now: Moment) -> list[Effect]:
        """The terminal is not let in, or no more; it may ask again."""
        request = self._find(request_id, Registration)
        if not isinstance(request, Registration):
            return []
        if request.serial_number is not None:
            self._refused_numbers.add(request.serial_number)
        self._facts = None
        return self._answer(messages.refused("reg", reason), now)

    def stored(self, request_id: int, access: AccessDecision | None, now: Moment) -> list[Effect]:
        """The records are durable, and this is the decision if one was wanted."""
        batch, facts = self._find(request_id, LogBatch), self._facts
        if not isinstance(batch, LogBatch) or facts is None:
            return []
        decision = None if access is None else _access_answer(access, facts)
        return self._answer(messages.log_stored(batch, self._cloud_time(facts, now), decision), now)

    def enrolled(self, request_id: int, now: Moment) -> list[Effect]:
        """The enrolment is durable."""
        facts = self._facts
        if self._find(request_id, UserPush) is None or facts is None:
            return []
        return self._answer(messages.done("senduser", self._cloud_time(facts, now)), now)

    def judged(self, request_id: int, access: AccessDecision, now: Moment) -> list[Effect]:
        """The decision on a code."""
        scan, facts = self._find(request_id, CodeScan), self._facts
        if not isinstance(scan, CodeScan) or facts is None:
            return []
        return self._answer(messages.code_judged(scan.word, _access_answer(access, facts)), now)

    def failed(self, request_id: int, error: FacegateError, now: Moment) -> list[Effect]:
        """The request could not be served: the terminal keeps it."""
        request = self._find(request_id)
        if request is None:
            return []
        return self._answer(messages.refused(word_of(request), reason_of(error.kind)), now)

    def facts_changed(self, facts: TerminalFacts) -> None:
        """An administrator changed the terminal's zone or its encoding."""
        if self._facts is not None:
            self._facts = facts

    def tick(self, now: Moment) -> list[Effect]:
        """Time has passed: what takes too long is refused, and the next one has its turn."""
        deadline_s, current = self.next_deadline_s, self._current
        if deadline_s is None or current is None or now.at_s < deadline_s:
            return []
        word = word_of(current.request)
        return [Note(NoteKind.REQUEST_TOO_SLOW, word), *self._answer(messages.refused(word), now)]

    def _find(self, request_id: int, kind: type[Request] | None = None) -> Request | None:
        current = self._current
        if current is None or current.request_id != request_id:
            return None
        return current.request if kind is None or isinstance(current.request, kind) else None

    def _answer(self, answer: Message, now: Moment) -> list[Effect]:
        self._current = None
        return [Send(answer), *self._take_up_next(now)]

    def _take_up_next(self, now: Moment) -> list[Effect]:
        effects: list[Effect] = []
        while self._current is None and self._waiting:
            request = self._waiting.popleft()
            effects += self._answer_at_once(request, now) or self._begin(request, now)
        return effects

    def _begin(self, request: Request, now: Moment) -> list[Effect]:
        self._request_count += 1
        number = self._request_count
        self._current = RequestInWork(number, request, now.at_s)
        match request:
            case Registration(serial_number=str() as serial_number):
                return [Admit(number, serial_number, request.info)]
            case LogBatch():
                bad = [Note(NoteKind.BAD_RECORDS, str(request.bad_count))] if request.bad_count else []
                return [*bad, Store(number, request.scans, self._fresh_scan(request, now))]
            case UserPush():
                return [Enrol(number, request)]
            case CodeScan():
                return [Judge(number, request)]
            case _:
                raise AssertionError("answered at once")

    def _answer_at_once(self, request: Request, now: Moment) -> list[Effect]:
        """The whole answer to what needs no work; empty for the rest."""
        word = word_of(request)
        match request:
            case BadRequest():
                return [Note(NoteKind.BAD_REQUEST, request.why), Send(messages.refused(word))]
            case Registration():
                return self._impossible_registration(request.serial_number)
            case Unkept() if self._facts is not None:
                answer = messages.done(word, self._cloud_time(self._facts, now))
                return [Note(NoteKind.UNKEPT, request.why), Send(answer)]
            case LogBatch() | UserPush() | CodeScan() | Unkept():
                return [] if self._facts else [Send(messages.refused(word, messages.NOT_REGISTERED))]
            case _ if word in _DECLINED:
                return [Send(messages.refused(word))]
            case _ if word in _WITH_THE_TIME and self._facts is not None:
                return [Send(messages.done(word, self._cloud_time(self._facts, now)))]
            case _:
                known = [] if word in _WITH_THE_TIME else [Note(NoteKind.UNKNOWN_WORD, word)]
                return [*known, Send(messages.acknowledged(word))]

    def _impossible_registration(self, serial_number: str | None) -> list[Effect]:
        if serial_number is None:
            return [Send(messages.refused("reg", "a serial number of letters and digits is needed"))]
        if self._facts is not None and self._facts.serial_number != serial_number:
            return [Send(messages.refused("reg", "this connection is another terminal's"))]
        return []

    def _fresh_scan(self, batch: LogBatch, now: Moment) -> Scan | None:
        """The one scan for which somebody may be standing there; at an event of the door nobody is."""
        if self._facts is None or batch.bad_count or len(batch.scans) != 1:
            return None
        record = batch.scans[0].record
        if record.kind is ActivityKind.DEVICE_EVENT:
            return None
        occurred_at = parse_device_time(record.time_text, self._facts.zone, near=now.utc)
        return batch.scans[0] if is_fresh(occurred_at, now.utc) else None

    @staticmethod
    def _cloud_time(facts: TerminalFacts, now: Moment) -> str:
        return cloud_time(now.utc, facts.zone)


def _access_answer(decision: AccessDecision, facts: TerminalFacts) -> AccessAnswer:
    return AccessAnswer(decision.is_granted, decision.message, facts.access_encoding)
