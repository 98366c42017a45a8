"""What goes over the presence door's socket, in and out. What it means to the engine is in `translate.py`."""

from enum import IntEnum, StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from facegate.domain.presence.verdicts import Action, Reason


class CloseCode(IntEnum):
    """With what the door closes a socket; the WebSocket protocol's own codes stand beside these."""

    NETWORK_ERROR = 4000
    AUTHENTICATION_FAILED = 4001
    CONNECTION_REFUSED = 4002


class FrameErrorReason(StrEnum):
    """Why one message got no verdict."""

    INVALID_IMAGE_FORMAT = "INVALID_IMAGE_FORMAT"
    PROCESSING_TIMEOUT = "PROCESSING_TIMEOUT"


class FrameMessage(BaseModel):
    """What a workstation sends. Fields that are not named here are passed over."""

    model_config = ConfigDict(frozen=True)

    user_name: StrictStr
    image: StrictStr = Field(description="The picture as base64, bare or as a data URI.")
    timestamp: Any = Field(default=None, description="When it was taken; what cannot be read is passed over.")


class ActionMessage(BaseModel):
    """The answer to a frame; both times are `HH:MM:SS`."""

    model_config = ConfigDict(frozen=True)

    action: Action
    reason: Reason
    actual_username: str
    send_time: str
    finish_time: str


class NotAvailableMessage(BaseModel):
    """Who says so is no client here; the socket is closed with 4001."""

    model_config = ConfigDict(frozen=True)

    action: Literal[Action.ERROR] = Action.ERROR
    reason: Literal[Reason.CLIENT_NOT_AVAILABLE] = Reason.CLIENT_NOT_AVAILABLE


class FrameErrorMessage(BaseModel):
    """The answer to a message that got no verdict; the socket stays open."""

    model_config = ConfigDict(frozen=True)

    action: Literal[Action.ERROR] = Action.ERROR
    reason: FrameErrorReason
    message: str


class ConnectionErrorMessage(BaseModel):
    """The last words before the socket is closed with `code`."""

    model_config = ConfigDict(frozen=True)

    error: Literal["CONNECTION_REFUSED", "AUTHENTICATION_FAILED", "NETWORK_ERROR"]
    message: str
    code: CloseCode


OutgoingMessage = ActionMessage | NotAvailableMessage | FrameErrorMessage | ConnectionErrorMessage


def connection_error(code: CloseCode, message: str) -> ConnectionErrorMessage:
    """The frame that goes with a close code."""
    match code:
        case CloseCode.NETWORK_ERROR:
            return ConnectionErrorMessage(error="NETWORK_ERROR", message=message, code=code)
        case CloseCode.AUTHENTICATION_FAILED:
            return ConnectionErrorMessage(error="AUTHENTICATION_FAILED", message=message, code=code)
        case CloseCode.CONNECTION_REFUSED:
            return ConnectionErrorMessage(error="CONNECTION_REFUSED", message=message, code=code)


def invalid_image(message: str) -> FrameErrorMessage:
    """The answer to a message or picture that cannot be used."""
    return FrameErrorMessage(reason=FrameErrorReason.INVALID_IMAGE_FORMAT, message=message)


def processing_timeout(message: str) -> FrameErrorMessage:
    """The answer to a frame for which there was no time."""
    return FrameErrorMessage(reason=FrameErrorReason.PROCESSING_TIMEOUT, message=message)
