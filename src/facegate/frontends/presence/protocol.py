"""One connection of the presence door as a state machine, without I/O.

Rules: messages are taken up one at a time and answered in their order; while one is being worked on only the
newest waits, and what it replaces is counted. At most one picture is being judged, even when its answer came
too late. After `Close` nothing is said any more.
"""

from facegate.domain.errors import FacegateError, ImageTooLarge
from facegate.domain.presence.clients import ClientStatus, PresenceClient
from facegate.domain.presence.verdicts import Verdict
from facegate.frontends.presence import messages
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
from facegate.frontends.presence.errors import Consequence, consequence_of
from facegate.frontends.presence.messages import CloseCode
from facegate.frontends.presence.states import (
    BadMessages,
    ConnectionLimits,
    ConnectionState,
    FrameInWork,
    LoggedIn,
    ReadMessage,
    WaitingMessage,
)
from facegate.frontends.presence.translate import (
    FrameRequest,
    Moment,
    action_message,
    blocked_verdict,
    clock_text,
    logged_in_verdict,
    paused_verdict,
)


class PresenceProtocol:
    """Every method takes what happened and gives what is to be done, in order. One thread at a time."""

    def __init__(self, limits: ConnectionLimits, opened: Moment) -> None:
        self._limits = limits
        self._opened_s = opened.at_s
        self._heard_s = opened.at_s
        self._client: LoggedIn | None = None
        self._current: FrameInWork | None = None
        self._waiting: WaitingMessage | None = None
        self._end: ConnectionState | None = None
        self._frame_count = 0
        self._bad = BadMessages(limits)

    @property
    def state(self) -> ConnectionState:
        """Where in the contract's diagram the connection is."""
        if self._end is not None:
            return self._end
        if self._client is None:
            return ConnectionState.CONNECTING
        if self._client.is_paused:
            return ConnectionState.PAUSED
        return ConnectionState.CONNECTED if self._current is None else ConnectionState.PROCESSING

    @property
    def next_deadline_s(self) -> float | None:
        """When `tick` is due, monotonic; None once the connection has ended."""
        if self._end is not None:
            return None
        unanswered = self._oldest_unanswered()
        if unanswered is not None:
            return unanswered.arrived.at_s + self._limits.processing_timeout_s
        return self._silence_ends_s()

    def message(self, content: str | bytes, now: Moment) -> list[Effect]:
        """A text or binary message has arrived."""
        if self._end is not None:
            return []
        self._heard_s = now.at_s
        waiting = WaitingMessage(content, now)
        if len(content) > self._limits.max_message_bytes:
            # Only the complaint waits, not the megabytes.
            waiting = WaitingMessage(ImageTooLarge("the message is larger than this server takes"), now)
        effects: list[Effect] = [Superseded()] if self._waiting is not None else []
        self._waiting = waiting
        return effects + self._take_up_next(now)

    def parsed(self, frame_id: int, request: FrameRequest, now: Moment) -> list[Effect]:
        """The message says this."""
        current = self._find(frame_id)
        if current is None:
            return []
        if current.is_answered:
            return self._finish(now)
        current.request = request
        if request.user_name is None:
            return self._reject()
        if self._client is None or request.user_name != self._client.client_id:
            # Only a picture logs in: a broken message in somebody's name must not end their session.
            return [Inspect(frame_id, request.image)]
        return self._judge_or_warn(current, request, now)

    def inspected(self, frame_id: int, picture: bytes, *, is_tiny: bool, now: Moment) -> list[Effect]:
        """The first picture in this name is one; a tiny one only logs in."""
        current = self._find(frame_id)
        if current is None:
            return []
        if current.is_answered or current.request is None or current.request.user_name is None:
            return self._finish(now)
        current.picture, current.is_tiny = picture, is_tiny
        return [LogIn(frame_id, current.request.user_name)]

    def logged_in(self, frame_id: int, client: PresenceClient, now: Moment) -> list[Effect]:
        """The user is let in, paused or not."""
        current = self._find(frame_id)
        if current is None:
            return []
        self._client = LoggedIn(client.client_id, client.status is ClientStatus.PAUSED)
        if client.status is ClientStatus.BLOCKED:
            return self._block(now)
        if current.is_answered or current.request is None:
            return self._finish(now)
        return self._judge_or_warn(current, current.request, now)

    def log_in_refused(self, frame_id: int, now: Moment, *, is_blocked: bool) -> list[Effect]:
        """The user is turned away."""
        current = self._find(frame_id)
        if current is None:
            return []
        if not is_blocked:
            return self._reject()
        if current.request is not None and current.request.user_name is not None:
            self._client = LoggedIn(current.request.user_name, is_paused=False)
        return self._block(now)

    def refreshed(self, frame_id: int, read: ReadMessage) -> Judge | None:
        """A picture's turn has come: the newest takes its place, if one waits; None changes nothing."""
        current, waiting, client = self._find(frame_id), self._waiting, self._client
        if current is None or waiting is None or client is None or current.is_answered:
            return None
        if isinstance(waiting.content, FacegateError):
            return None
        request = read(waiting.content, waiting.arrived)
        if request is None or request.user_name != client.client_id or client.is_paused:
            return None
        self._waiting = None
        self._current = FrameInWork(frame_id, waiting.arrived, request)
        return Judge(frame_id, client.client_id, request.image, waiting.arrived.at_s)

    def judged(self, frame_id: int, verdict: Verdict, now: Moment) -> list[Effect]:
        """The picture was judged; one whose client was paused meanwhile gets the warning all the same."""
        current = self._find(frame_id)
        if current is None:
            return []
        self._bad.clear()
        if current.is_answered or current.request is None:
            return self._finish(now)
        if self._client is not None and self._client.is_paused:
            return self._warn(current, current.request, self._client, now)
        return self._answer(current, current.request, verdict, now, was_judged=True)

    def failed(self, frame_id: int, error: FacegateError, now: Moment) -> list[Effect]:
        """A step of the work on this message failed."""
        current = self._find(frame_id)
        if current is None:
            return []
        consequence = consequence_of(error.kind)
        if consequence is Consequence.CONNECTION_ENDS:
            return self.ended_by_server(error.message)
        if consequence is Consequence.TURNED_AWAY:
            return self._reject()
        if current.is_answered:
            return self._finish(now)
        if consequence is Consequence.TRY_AGAIN:
            return [Send(messages.processing_timeout(error.message)), *self._finish(now)]
        return self._bad_frame(error, now, was_understood=current.request is not None)

    def client_changed(self, client: PresenceClient | None, now: Moment) -> list[Effect]:
        """An administrator changed the record of who is logged in here; None has removed it."""
        if self._end is not None or self._client is None:
            return []
        if client is None:
            return self._reject()
        if client.status is ClientStatus.BLOCKED:
            return self._block(now)
        self._client.is_paused = client.status is ClientStatus.PAUSED
        return []

    def replaced(self) -> list[Effect]:
        """The same user has opened another connection.

        The code tells clients not to come back: two machines in one name would throw each other out for ever.
        """
        return self._close_with_error(CloseCode.AUTHENTICATION_FAILED, "another connection took over")

    def ended_by_server(self, message: str) -> list[Effect]:
        """The server stops, an administrator ends the session, or something broke: come back later."""
        return self._close_with_error(CloseCode.NETWORK_ERROR, message)

    def departed(self) -> None:
        """The socket is gone."""
        self._end = ConnectionState.CLOSED
        self._current = self._waiting = None

    def tick(self, now: Moment) -> list[Effect]:
        """Time has passed; nothing happens before `next_deadline_s`."""
        deadline_s = self.next_deadline_s
        if deadline_s is None or now.at_s < deadline_s:
            return []
        unanswered = self._oldest_unanswered()
        if unanswered is None:
            what = "no frame came" if self._client is None else "nothing was heard"
            return self.ended_by_server(f"{what} for too long")
        if isinstance(unanswered, FrameInWork):
            unanswered.is_answered = True
        else:
            self._waiting = None
        return [Send(messages.processing_timeout("Processing took too long"))]

    def _oldest_unanswered(self) -> FrameInWork | WaitingMessage | None:
        if self._current is not None and not self._current.is_answered:
            return self._current
        return self._waiting

    def _silence_ends_s(self) -> float:
        if self._client is None:
            return self._opened_s + self._limits.first_frame_timeout_s
        return self._heard_s + self._limits.idle_timeout_s

    def _find(self, frame_id: int) -> FrameInWork | None:
        if self._current is None or self._current.frame_id != frame_id:
            return None
        return self._current

    def _take_up_next(self, now: Moment) -> list[Effect]:
        if self._current is not None or self._waiting is None:
            return []
        waiting, self._waiting = self._waiting, None
        self._frame_count += 1
        self._current = FrameInWork(self._frame_count, waiting.arrived)
        if isinstance(waiting.content, FacegateError):
            return self._bad_frame(waiting.content, now, was_understood=False)
        return [Parse(self._frame_count, waiting.content, waiting.arrived)]

    def _finish(self, now: Moment) -> list[Effect]:
        self._current = None
        return self._take_up_next(now)

    def _judge_or_warn(self, current: FrameInWork, request: FrameRequest, now: Moment) -> list[Effect]:
        client = self._client
        if client is None:
            return self.ended_by_server("the log-in was lost")
        if client.is_paused:
            return self._warn(current, request, client, now)
        if current.is_tiny:
            verdict = logged_in_verdict(client.client_id)
            return self._answer(current, request, verdict, now, was_judged=False)
        picture = request.image if current.picture is None else current.picture
        return [Judge(current.frame_id, client.client_id, picture, current.arrived.at_s)]

    def _warn(
        self, current: FrameInWork, request: FrameRequest, client: LoggedIn, now: Moment
    ) -> list[Effect]:
        verdict = paused_verdict(client.client_id)
        return self._answer(current, request, verdict, now, was_judged=False)

    def _answer(
        self, current: FrameInWork, request: FrameRequest, verdict: Verdict, now: Moment, *, was_judged: bool
    ) -> list[Effect]:
        latency_ms = (now.at_s - current.arrived.at_s) * 1000.0
        return [
            Send(action_message(verdict, request.send_time, now.local)),
            Answered(current.frame_id, verdict, latency_ms, was_judged),
            *self._finish(now),
        ]

    def _bad_frame(self, error: FacegateError, now: Moment, *, was_understood: bool) -> list[Effect]:
        what = "Image decode failed" if was_understood else "Message not understood"
        effects: list[Effect] = [Send(messages.invalid_image(f"{what}: {error.message}")), BadFrame()]
        if self._bad.is_flood(now.at_s):
            return effects + self.ended_by_server("too many messages that cannot be used")
        return effects + self._finish(now)

    def _reject(self) -> list[Effect]:
        return self._close(
            ConnectionState.REJECTED, messages.NotAvailableMessage(), CloseCode.AUTHENTICATION_FAILED
        )

    def _block(self, now: Moment) -> list[Effect]:
        name = self._client.client_id if self._client is not None else ""
        request = self._current.request if self._current is not None else None
        send_time = clock_text(now.local) if request is None else request.send_time
        message = action_message(blocked_verdict(name), send_time, now.local)
        return self._close(ConnectionState.BLOCKED, message, CloseCode.AUTHENTICATION_FAILED)

    def _close_with_error(self, code: CloseCode, message: str) -> list[Effect]:
        return self._close(ConnectionState.CLOSED, messages.connection_error(code, message), code)

    def _close(self, end: ConnectionState, last: messages.OutgoingMessage, code: CloseCode) -> list[Effect]:
        if self._end is not None:
            return []
        self._end = end
        self._current = self._waiting = None
        return [Send(last), Close(code)]
