"""From messages about cameras to the domain and back. No I/O."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.cameras.sources import masked_source
from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule
from facegate.domain.cameras.zones import Zone
from facegate.domain.errors import InvalidInput
from facegate.domain.subjects import parse_subject_id
from facegate.frontends.rest_v1.camera_admin.messages import (
    AddCameraMessage,
    AlertsMessage,
    ChangeCameraMessage,
    HoursMessage,
    SnoozeMessage,
    WatchMessage,
)
from facegate.use_cases.cameras.register import CameraChange, NewCamera
from facegate.use_cases.subject_groups import parse_group_name

T = TypeVar("T")

_OWN_NAMES = {"rtsp_link": "source", "camera_nickname": "nickname"}
"""Fields that the domain calls as the older contract does."""

_LONGEST_SNOOZE = timedelta(days=366)


def new_camera(message: AddCameraMessage) -> NewCamera:
    """The camera as sent, defaults where nothing was said.

    Raises:
        InvalidInput: a value is out of range.
    """
    return NewCamera(
        nickname=message.nickname,
        source=whole_source(message.source),
        watch=watch_settings(WatchSettings(), message.watch),
        alerts=alert_rule(AlertRule(), message.alerts),
        is_enabled=message.is_enabled,
    )


def camera_change(message: ChangeCameraMessage, now: Camera) -> CameraChange:
    """What changes of a camera that is so now."""
    return CameraChange(
        nickname=message.nickname,
        source=_new_source(message.source, now),
        watch=None if message.watch is None else watch_settings(now.watch, message.watch),
        alerts=None if message.alerts is None else alert_rule(now.alerts, message.alerts),
    )


def in_own_names(call: Callable[[], T]) -> T:
    """What the call gives; its complaints name fields as this door does."""
    try:
        return call()
    except InvalidInput as error:
        own_name = _OWN_NAMES.get(error.field or "")
        if own_name is None:
            raise
        message = error.message
        if error.field is not None and message.startswith(error.field):
            message = own_name + message.removeprefix(error.field)
        raise InvalidInput(message, field=own_name) from error


def watch_settings(now: WatchSettings, message: WatchMessage) -> WatchSettings:
    """The settings with what was named."""
    values = _named(message, nullable=frozenset({"zone", "schedule"}))

    def changed() -> WatchSettings:
        if message.zone is not None:
            values["zone"] = Zone(tuple(message.zone))
        if message.schedule is not None:
            values["schedule"] = _schedule(message.schedule, "schedule")
        return replace(now, **values)

    return _inside("watch", changed)


def alert_rule(now: AlertRule, message: AlertsMessage) -> AlertRule:
    """The rule with what was named."""
    values = _named(message, nullable=frozenset({"quiet_hours"}))
    if "cooldown_seconds" in values:
        values["cooldown_s"] = values.pop("cooldown_seconds")

    def changed() -> AlertRule:
        if message.channel_ids is not None:
            values["channel_ids"] = tuple(dict.fromkeys(message.channel_ids))
        if message.subject_ids is not None:
            values["subject_ids"] = frozenset(map(_subject_id, message.subject_ids))
        if message.groups is not None:
            values["groups"] = frozenset(parse_group_name(one) for one in message.groups)
        if message.quiet_hours is not None:
            values["quiet_hours"] = _schedule(message.quiet_hours, "quiet_hours")
        return replace(now, **values)

    return _inside("alerts", changed)


def snooze_until(message: SnoozeMessage, now: datetime) -> datetime | None:
    """When the snooze ends; None ends it now.

    Raises:
        InvalidInput: both ways of saying it were used, or the time has passed or is more than a year away.
    """
    if message.minutes is not None and message.until is not None:
        raise InvalidInput("name minutes or until, not both", field="until")
    if message.minutes is not None:
        return now + timedelta(minutes=message.minutes)
    if message.until is None:
        return None
    if message.until <= now:
        raise InvalidInput("until lies in the past", field="until")
    # Compared before it is put into UTC, where the last hours of the year 9999 have no name.
    if message.until > now + _LONGEST_SNOOZE:
        raise InvalidInput("until lies more than a year ahead: stop the camera instead", field="until")
    return message.until.astimezone(UTC)


def whole_source(text: str) -> str:
    """The address as sent.

    Raises:
        InvalidInput: it is one as it is shown, without its secrets.
    """
    address = text.strip()
    if "***" in address and masked_source(address) == address:
        raise InvalidInput("this address was shown without its secrets: send the whole one", field="source")
    return address


def _new_source(text: str | None, now: Camera) -> str | None:
    """None where it stays: nothing was sent, or what was shown."""
    if text is None or text.strip() == masked_source(now.source):
        return None
    return whole_source(text)


def _subject_id(text: str) -> str:
    try:
        return parse_subject_id(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="subject_ids") from error


def _inside(part: str, call: Callable[[], T]) -> T:
    """Complaints name the field with the part of the message in which it stands."""
    try:
        return call()
    except InvalidInput as error:
        raise InvalidInput(error.message, field=f"{part}.{error.field}") from error


def _named(message: WatchMessage | AlertsMessage, *, nullable: frozenset[str]) -> dict[str, Any]:
    """The fields that were sent; null stands for "as it was" but where it means something itself."""
    values = {name: getattr(message, name) for name in message.model_fields_set}
    return {name: value for name, value in values.items() if value is not None or name in nullable}


def _schedule(hours: Sequence[HoursMessage], field: str) -> WeeklySchedule | None:
    """None, which is always or never, where no hours are left."""
    if not hours:
        return None
    try:
        return WeeklySchedule(tuple(DailyHours(one.begins, one.ends, one.days) for one in hours))
    except InvalidInput as error:
        raise InvalidInput(error.message, field=field) from error
