"""Requests and answers between processes as JSON objects, errors by their kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from facegate.adapters.redis_bus.inbox import Body
from facegate.domain.errors import (
    BusFailed,
    CommandTimedOut,
    EngineOverloaded,
    FacegateError,
    InvalidInput,
    TerminalOffline,
    TerminalRefused,
)
from facegate.domain.terminals.commands import CommandReply, DeviceCommand


@dataclass(frozen=True, slots=True)
class Request:
    """A command for a terminal of another process. Its fields may hold photos and passwords."""

    request_id: str
    sender: str
    serial_number: str
    command: DeviceCommand

    def body(self) -> Body:
        """For the inbox."""
        return {
            "id": self.request_id,
            "sender": self.sender,
            "sn": self.serial_number,
            "word": self.command.word,
            "fields": self.command.fields,
            "timeout_s": self.command.timeout_s,
        }

    @classmethod
    def parse(cls, body: Body, age_s: float) -> "Request":
        """With the time-out that is left after `age_s`, which may be negative.

        Raises:
            ValueError, KeyError, TypeError: it is no request.
        """
        command = DeviceCommand(str(body["word"]), dict(body["fields"]), float(body["timeout_s"]) - age_s)
        return cls(str(body["id"]), str(body["sender"]), str(body["sn"]), command)


@dataclass(frozen=True, slots=True)
class Answer:
    """The terminal's reply or why there is none."""

    request_id: str
    reply: CommandReply | None = field(default=None, repr=False)
    error: FacegateError | None = None

    def body(self) -> Body:
        """For the inbox."""
        if self.error is None:
            return {"id": self.request_id, "reply": self.reply}
        told = {"kind": self.error.kind.value, "message": self.error.message}
        if isinstance(self.error, EngineOverloaded):
            told["retry_after_s"] = str(self.error.retry_after_s)
        if isinstance(self.error, TerminalRefused) and self.error.reason is not None:
            told["reason"] = self.error.reason
        return {"id": self.request_id, "error": told}

    @classmethod
    def parse(cls, body: Body) -> "Answer":
        """An error of a kind that we do not carry arrives as BusFailed.

        Raises:
            ValueError, KeyError, TypeError: it is no answer.
        """
        if "error" not in body:
            return cls(str(body["id"]), reply=dict(body["reply"]))
        return cls(str(body["id"]), error=_error_of(body["error"]))

    def result(self) -> CommandReply:
        """The reply; raises the error if that is what came."""
        if self.error is not None:
            raise self.error
        return self.reply or {}


_PLAIN_KINDS: Mapping[str, Callable[[str], FacegateError]] = {
    kind.kind.value: kind for kind in (TerminalOffline, CommandTimedOut, InvalidInput, BusFailed)
}


def _error_of(told: Mapping[str, str]) -> FacegateError:
    kind, message = told["kind"], told["message"]
    if kind == EngineOverloaded.kind.value:
        return EngineOverloaded(message, retry_after_s=int(told["retry_after_s"]))
    if kind == TerminalRefused.kind.value:
        return TerminalRefused(message, reason=told.get("reason"))
    return _PLAIN_KINDS.get(kind, BusFailed)(message)
