"""What the protocol wants done, in order. The session does it and tells the outcome back."""

from dataclasses import dataclass

from facegate.domain.presence.verdicts import Verdict
from facegate.frontends.presence.messages import CloseCode, OutgoingMessage
from facegate.frontends.presence.translate import Moment


@dataclass(frozen=True, slots=True)
class Parse:
    """Find out what a message asks: `parsed` or `failed` is to follow."""

    frame_id: int
    content: str | bytes
    arrived: Moment


@dataclass(frozen=True, slots=True)
class Inspect:
    """Decode the base64 and see whether it is a picture: `inspected` or `failed` is to follow."""

    frame_id: int
    image: str


@dataclass(frozen=True, slots=True)
class LogIn:
    """Let this user in: `logged_in`, `log_in_refused` or `failed` is to follow."""

    frame_id: int
    user_name: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Judge the picture, encoded or still base64: `judged` or `failed` is to follow."""

    frame_id: int
    client_id: str
    picture: bytes | str
    arrived_s: float


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message."""

    message: OutgoingMessage


@dataclass(frozen=True, slots=True)
class Answered:
    """The verdict that was just sent; `was_judged` is False where no picture was looked at."""

    frame_id: int
    verdict: Verdict
    latency_ms: float
    was_judged: bool


@dataclass(frozen=True, slots=True)
class BadFrame:
    """A message or picture could not be used and was answered so."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """A message was replaced by a newer one before anybody looked at it; it gets no answer."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket; nothing comes after this."""

    code: CloseCode


Effect = Parse | Inspect | LogIn | Judge | Send | Answered | BadFrame | Superseded | Close
