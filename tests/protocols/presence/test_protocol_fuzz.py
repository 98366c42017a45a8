"""Whatever happens in whatever order, the state machine of a connection keeps its promises."""

from collections.abc import Iterable

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.protocols.presence.moments import a_client, at, frame_text

from facegate.domain.errors import (
    CapabilityMissing,
    ClientNotFound,
    EngineFailed,
    EngineOverloaded,
    FacegateError,
    UnreadableImage,
)
from facegate.domain.presence.clients import ClientStatus
from facegate.domain.presence.verdicts import Action, Reason, Verdict
from facegate.frontends.presence.effects import (
    Answered,
    BadFrame,
    Close,
    Effect,
    Inspect,
    Judge,
    LogIn,
    Parse,
    Send,
    Superseded,
)
from facegate.frontends.presence.messages import (
    ActionMessage,
    CloseCode,
    ConnectionErrorMessage,
    FrameErrorMessage,
    NotAvailableMessage,
)
from facegate.frontends.presence.protocol import PresenceProtocol
from facegate.frontends.presence.states import ConnectionLimits, ConnectionState
from facegate.frontends.presence.translate import Moment, frame_request

LIMITS = ConnectionLimits(
    first_frame_timeout_s=5.0,
    idle_timeout_s=60.0,
    processing_timeout_s=20.0,
    max_message_bytes=2_000,
    max_bad_in_a_row=4,
    bad_window_s=3.0,
)

NEXT_STATES = {
    ConnectionState.CONNECTING: {"connected", "processing", "paused"},
    ConnectionState.CONNECTED: {"processing", "paused"},
    ConnectionState.PROCESSING: {"connected", "paused"},
    ConnectionState.PAUSED: {"connected", "processing"},
    ConnectionState.BLOCKED: set(),
    ConnectionState.REJECTED: set(),
    ConnectionState.CLOSED: set(),
}
"""The contract's diagram, with the ends that every open state has left out."""

ENDS = {ConnectionState.BLOCKED, ConnectionState.REJECTED, ConnectionState.CLOSED}

VERDICTS = [
    Verdict(Action.NONE, Reason.EMPTY, "ann"),
    Verdict(Action.LOCK_SCREEN, Reason.NO_FACE, "ann"),
    Verdict(Action.SIGN_OUT, Reason.PHONE_DETECTION, "ann"),
]

ERRORS: list[FacegateError] = [
    UnreadableImage("The picture is damaged."),
    EngineOverloaded("too much to do"),
    EngineFailed("the runtime broke"),
    CapabilityMissing("no model", capability="liveness"),
    ClientNotFound("nobody"),
]

names = st.sampled_from(["ann", "bob"])

contents: st.SearchStrategy[str | bytes] = st.one_of(
    names.map(frame_text),
    st.builds(frame_text, names, st.text(max_size=8), timestamp=st.integers() | st.text() | st.none()),
    names.map(lambda name: frame_text(name).encode()),
    st.sampled_from(
        ["", "[]", "null", "{", '{"user_name": 5, "image": "AAAA"}', "x" * 3_000, b"\xff\xd8\xff"]
    ),
    st.builds(frame_text, st.sampled_from(["", "unknown", "a\0b", "x" * 500])),
    st.text(max_size=40),
    st.binary(max_size=40),
)


class Connection(RuleBasedStateMachine):
    """Plays the session: does what the protocol wants, late, early or never."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.protocol = PresenceProtocol(LIMITS, at(0.0))
        self.steps: dict[int, Parse | Inspect | LogIn | Judge] = {}
        self.message_count = 0
        self.superseded_count = 0
        self.answers: list[int] = []
        self.close: Close | None = None
        self.is_departed = False
        self.state = ConnectionState.CONNECTING

    def moment(self) -> Moment:
        return at(self.now_s)

    def hear(self, effects: Iterable[Effect]) -> None:
        said: list[Effect] = list(effects)
        for place, effect in enumerate(said):
            assert self.close is None, "nothing comes after the close"
            assert not self.is_departed, "nobody is there to be told"
            match effect:
                case Parse() | Inspect() | LogIn() | Judge():
                    assert not self.steps, "one message at a time is worked on"
                    self.steps[effect.frame_id] = effect
                case Send():
                    self.check_message(effect, said[place + 1 :])
                case Answered():
                    assert isinstance(said[place - 1], Send)
                    self.answers.append(effect.frame_id)
                case BadFrame():
                    assert isinstance(said[place - 1], Send)
                case Superseded():
                    self.superseded_count += 1
                case Close():
                    self.close = effect

    def check_message(self, effect: Send, following: list[Effect]) -> None:
        match effect.message:
            case ActionMessage(action=Action.ERROR):
                assert effect.message.reason is Reason.BLOCKED_CLIENT
                assert following == [Close(CloseCode.AUTHENTICATION_FAILED)]
            case ActionMessage():
                assert isinstance(following[0], Answered)
            case NotAvailableMessage():
                assert following == [Close(CloseCode.AUTHENTICATION_FAILED)]
            case ConnectionErrorMessage(code=code):
                assert following == [Close(code)]
            case FrameErrorMessage():
                assert not any(isinstance(later, Answered) for later in following[:1])

    @rule(content=contents)
    def message(self, content: str | bytes) -> None:
        if not self.is_departed:
            self.message_count += 1
        self.hear(self.protocol.message(content, self.moment()))

    @precondition(lambda self: self.steps)
    @rule(verdict=st.sampled_from(VERDICTS), is_tiny=st.booleans(), status=st.sampled_from(ClientStatus))
    def step_is_done(self, verdict: Verdict, is_tiny: bool, status: ClientStatus) -> None:
        (step,) = self.steps.values()
        del self.steps[step.frame_id]
        match step:
            case Parse():
                try:
                    request = frame_request(step.content, step.arrived)
                except FacegateError as error:
                    self.hear(self.protocol.failed(step.frame_id, error, self.moment()))
                else:
                    self.hear(self.protocol.parsed(step.frame_id, request, self.moment()))
            case Inspect():
                found = self.protocol.inspected(step.frame_id, b"p", is_tiny=is_tiny, now=self.moment())
                self.hear(found)
            case LogIn():
                client = a_client(step.user_name, status)
                self.hear(self.protocol.logged_in(step.frame_id, client, self.moment()))
            case Judge():
                self.hear(self.protocol.judged(step.frame_id, verdict, self.moment()))

    @precondition(lambda self: self.steps)
    @rule(error=st.sampled_from(ERRORS))
    def step_fails(self, error: FacegateError) -> None:
        (step,) = self.steps.values()
        del self.steps[step.frame_id]
        self.hear(self.protocol.failed(step.frame_id, error, self.moment()))

    @precondition(lambda self: any(isinstance(step, LogIn) for step in self.steps.values()))
    @rule(is_blocked=st.booleans())
    def log_in_is_refused(self, is_blocked: bool) -> None:
        (step,) = self.steps.values()
        del self.steps[step.frame_id]
        self.hear(self.protocol.log_in_refused(step.frame_id, self.moment(), is_blocked=is_blocked))

    @rule(frame_id=st.integers(-3, 0) | st.integers(10_000, 10_003), verdict=st.sampled_from(VERDICTS))
    def an_unknown_step_is_done(self, frame_id: int, verdict: Verdict) -> None:
        assert self.protocol.judged(frame_id, verdict, self.moment()) == []
        assert self.protocol.failed(frame_id, ERRORS[2], self.moment()) == []
        assert self.protocol.logged_in(frame_id, a_client(), self.moment()) == []

    @rule(status=st.none() | st.sampled_from(ClientStatus))
    def client_changes(self, status: ClientStatus | None) -> None:
        client = None if status is None else a_client("ann", status)
        self.hear(self.protocol.client_changed(client, self.moment()))

    @rule(seconds=st.floats(0.0, 30.0))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        for _ in range(4):
            self.hear(self.protocol.tick(self.moment()))

    @rule(how=st.sampled_from(["replaced", "stopped", "left"]), chance=st.integers(0, 5))
    def the_end(self, how: str, chance: int) -> None:
        if chance:
            return
        if how == "replaced":
            self.hear(self.protocol.replaced())
        elif how == "stopped":
            self.hear(self.protocol.ended_by_server("the server stops"))
        else:
            self.protocol.departed()
            self.is_departed = True

    @invariant()
    def answers_keep_the_order_and_come_once(self) -> None:
        assert self.answers == sorted(set(self.answers))

    @invariant()
    def nothing_is_made_up(self) -> None:
        assert len(self.answers) + self.superseded_count <= self.message_count

    @invariant()
    def the_state_follows_the_diagram(self) -> None:
        state, self.state = self.state, self.protocol.state
        if self.state is state:
            return
        if self.state is ConnectionState.CLOSED and self.is_departed:
            return
        assert self.state in ENDS or self.state.value in NEXT_STATES[state]
        assert state not in ENDS

    @invariant()
    def an_end_was_told_unless_the_client_left(self) -> None:
        is_over = self.protocol.state in ENDS
        assert is_over == (self.close is not None or self.is_departed)
        assert (self.protocol.next_deadline_s is None) == is_over
        if self.close is not None:
            assert self.close.code in CloseCode

    @invariant()
    def work_is_never_forgotten(self) -> None:
        """An open connection that is silent waits for the network, for a worker or for the clock."""
        if self.protocol.state is ConnectionState.PROCESSING:
            assert self.steps
        deadline_s = self.protocol.next_deadline_s
        if deadline_s is not None:
            assert deadline_s <= self.now_s + max(LIMITS.idle_timeout_s, LIMITS.processing_timeout_s)


TestConnection = Connection.TestCase
TestConnection.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
