"""What goes over the presence door's socket, in both directions. No I/O."""

import base64
import json
from dataclasses import dataclass
from enum import Enum


class Action(str, Enum):
    """What the server wants done."""

    NONE = "NO_ACTION"
    LOCK_SCREEN = "ACTION_LOCK_SCREEN"
    SIGN_OUT = "ACTION_SIGN_OUT"
    WARNING = "ACTION_WARNING"
    ERROR = "ACTION_ERROR"


class Reason(str, Enum):
    """Why; the last two say that one picture could not be used."""

    EMPTY = "EMPTY_REASON"
    NO_FACE = "REASON_NO_FACE"
    SPOOF_IMAGE = "REASON_SPOOF_IMAGE"
    WRONG_USER = "REASON_WRONG_USER"
    PHONE_DETECTION = "REASON_PHONE_DETECTION"
    PAUSED_CLIENT = "REASON_PAUSED_CLIENT"
    BLOCKED_CLIENT = "REASON_BLOCKED_CLIENT"
    CLIENT_NOT_AVAILABLE = "REASON_CLIENT_NOT_AVAILABLE"
    INVALID_IMAGE_FORMAT = "INVALID_IMAGE_FORMAT"
    PROCESSING_TIMEOUT = "PROCESSING_TIMEOUT"


@dataclass(frozen=True)
class Answer:
    """What the server says to a picture, or of its own accord when an administrator blocks the client."""

    action: Action
    reason: str
    """One of `Reason`, or a word that a newer server has."""
    actual_username: str = ""
    """Whom the server saw: the user, another person's id, `unknown`; empty where it did not look."""
    send_time: str = ""
    finish_time: str = ""
    message: str = ""
    """A sentence, where one picture could not be used."""


@dataclass(frozen=True)
class Goodbye:
    """The last words before the server closes the connection."""

    error: str
    message: str


def picture_message(user: str, picture: bytes) -> str:
    """The JSON text that shows one encoded picture."""
    return json.dumps({"user_name": user, "image": base64.b64encode(picture).decode("ascii")})


def read_message(content: str | bytes) -> Answer | Goodbye | None:
    """What the server said; None where it cannot be understood, as from a newer server."""
    try:
        said = json.loads(content)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    if "error" in said:
        return Goodbye(_text(said.get("error")), _text(said.get("message")))
    try:
        action = Action(said.get("action"))
    except ValueError:
        return None
    return Answer(
        action=action,
        reason=_text(said.get("reason")),
        actual_username=_text(said.get("actual_username")),
        send_time=_text(said.get("send_time")),
        finish_time=_text(said.get("finish_time")),
        message=_text(said.get("message")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
