"""From the presence door's messages to frames and from verdicts to messages. No I/O."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from facegate.domain.errors import InvalidInput
from facegate.domain.presence.verdicts import Action, Cue, Reason, Verdict
from facegate.domain.subjects import parse_subject_id
from facegate.frontends.presence.messages import ActionMessage, FrameMessage
from facegate.frontends.wire.json_messages import message_from_json

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-3])[:-]([0-5]\d)[:-]([0-5]\d)(?:[.,]\d+)?", re.ASCII)
_NUMBER = re.compile(r"\d{1,17}(?:\.\d{1,9})?", re.ASCII)
_MAX_TIMESTAMP_CHARS = 64
_DATE_CHARS = len("2024-01-01")

_MILLISECONDS_FROM = 1e11
"""In seconds this is the year 5138, in milliseconds 1973."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, twice: monotonic seconds for measuring, and an aware time in the server's zone for answers."""

    at_s: float
    local: datetime


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """A message that was understood. `user_name` is None where the text is no possible id.

    `image` is base64 that nobody has looked at yet; `send_time` is `HH:MM:SS`.
    """

    user_name: str | None
    image: str
    send_time: str


def frame_request(content: str | bytes, arrived: Moment) -> FrameRequest:
    """What a text or binary message asks; binary ones hold the same JSON as UTF-8.

    Raises:
        InvalidInput: not JSON, not an object, or a field is missing or of the wrong type.
    """
    encoded = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    message = message_from_json(FrameMessage, encoded)
    return FrameRequest(
        user_name=_possible_name(message.user_name),
        image=message.image,
        send_time=send_time_text(message.timestamp, arrived.local),
    )


def send_time_text(timestamp: object, arrived: datetime) -> str:
    """The client's time as `HH:MM:SS`, or the arrival where it sent none that can be read.

    A time of day is taken as it stands, with colons or hyphens; ISO 8601 too, turned into the server's zone
    if it names one; a number is seconds or milliseconds since 1970, as JavaScript and Python give them.
    """
    return _stated_time(timestamp, arrived.tzinfo) or clock_text(arrived)


def clock_text(moment: datetime) -> str:
    """`HH:MM:SS` of an aware time, as it stands."""
    return moment.time().isoformat("seconds")


def action_message(verdict: Verdict, send_time: str, finished: datetime) -> ActionMessage:
    """The five fields of an answer."""
    return ActionMessage(
        action=verdict.action,
        reason=verdict.reason,
        actual_username=verdict.actual_username,
        send_time=send_time,
        finish_time=clock_text(finished),
    )


def logged_in_verdict(user_name: str) -> Verdict:
    """A tiny first picture was no picture of anybody: nothing was judged."""
    return Verdict(Action.NONE, Reason.EMPTY, user_name)


def paused_verdict(user_name: str) -> Verdict:
    """Frames of paused clients are not analysed."""
    return Verdict(Action.WARNING, Reason.PAUSED_CLIENT, user_name)


def blocked_verdict(user_name: str) -> Verdict:
    """Blocked clients are turned away."""
    return Verdict(Action.ERROR, Reason.BLOCKED_CLIENT, user_name)


def explanation(verdict: Verdict) -> str:
    """Why, for the log: cues with their numbers and the checks that did not simply run. Holds no name."""
    parts = [f"{verdict.action} {verdict.reason}", *map(_cue_text, verdict.cues)]
    if verdict.checks is not None:
        parts += [f"{check} {state}" for check, state in verdict.checks.items() if state != "ran"]
    return "; ".join(parts)


def _cue_text(cue: Cue) -> str:
    numbers = [f"in {cue.frame_count} of {cue.of_frames} frames"]
    if cue.threshold is not None:
        numbers.insert(0, f"threshold {cue.threshold:.3f}")
    value = "" if cue.value is None else f" {cue.value:.3f}"
    return f"{cue.finding}{value} ({', '.join(numbers)})"


def _possible_name(text: str) -> str | None:
    try:
        return parse_subject_id(text)
    except InvalidInput:
        return None


def _stated_time(timestamp: object, zone: tzinfo | None) -> str | None:
    if isinstance(timestamp, str) and len(timestamp) <= _MAX_TIMESTAMP_CHARS:
        return _time_of_text(timestamp.strip(), zone)
    if isinstance(timestamp, int | float) and not isinstance(timestamp, bool):
        return _time_of_number(timestamp, zone)
    return None


def _time_of_text(text: str, zone: tzinfo | None) -> str | None:
    time_of_day = _CLOCK_TIME.fullmatch(text)
    if time_of_day is not None:
        hours, minutes, seconds = time_of_day.groups()
        return f"{int(hours):02}:{minutes}:{seconds}"
    if _NUMBER.fullmatch(text):
        return _time_of_number(float(text), zone)
    if len(text) <= _DATE_CHARS:
        return None
    try:
        stated = datetime.fromisoformat(text)
        return clock_text(stated if stated.tzinfo is None else stated.astimezone(zone))
    except (ValueError, OverflowError):  # the year 1 in a zone ahead of ours is before all time
        return None


def _time_of_number(number: float, zone: tzinfo | None) -> str | None:
    try:
        seconds = float(number)
        if not math.isfinite(seconds):
            return None
        if abs(seconds) >= _MILLISECONDS_FROM:
            seconds /= 1000.0
        return clock_text(datetime.fromtimestamp(seconds, UTC).astimezone(zone))
    except (ValueError, OverflowError, OSError):  # beyond the years that a date can hold
        return None
