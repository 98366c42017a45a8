"""A camera's settings as a JSON document, read field by field.

What is missing takes its default and what is unknown is passed over, so that a later version can add a
field without a migration. What is of the wrong type or out of range is damage, and is told.
"""

import json
from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar

from facegate.adapters.sql_store.rows import optional_time, optional_us
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.camera import HardwareDecode, Transport, WatchSettings
from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule
from facegate.domain.cameras.zones import Zone
from facegate.domain.errors import InvalidInput, StoreFailed

_Kind = TypeVar("_Kind", bound=StrEnum)


def settings_to_json(watch: WatchSettings, alerts: AlertRule) -> str:
    """One document with both."""
    return json.dumps({"watch": _watch_document(watch), "alerts": _alert_document(alerts)})


def settings_from_json(document: str) -> tuple[WatchSettings, AlertRule]:
    """Both out of the document.

    Raises:
        StoreFailed: the document is damaged.
    """
    try:
        fields = _Fields(json.loads(document))
        return _watch_of(fields.inner("watch")), _alerts_of(fields.inner("alerts"))
    except (ValueError, TypeError, OverflowError, InvalidInput) as error:
        raise StoreFailed(
            "the stored settings of a camera are damaged: restore the database from a backup, "
            "or delete the camera and add it again"
        ) from error


class _Fields:
    """The fields of one JSON object, each of the type that is asked for. Raises TypeError and ValueError."""

    def __init__(self, document: object) -> None:
        if not isinstance(document, dict):
            raise TypeError("not an object")
        self._document: Mapping[str, Any] = document

    def inner(self, name: str) -> "_Fields":
        return _Fields(self._document.get(name, {}))

    def has(self, name: str) -> bool:
        return self._document.get(name) is not None

    def number(self, name: str, default: float) -> float:
        value = self._document.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{name} is no number")
        return float(value)

    def integer(self, name: str, default: int) -> int:
        value = self._document.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} is no integer")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._document.get(name, default)
        if not isinstance(value, bool):
            raise TypeError(f"{name} is neither true nor false")
        return value

    def text(self, name: str) -> str:
        value = self._document.get(name)
        if not isinstance(value, str):
            raise TypeError(f"{name} is no text")
        return value

    def kind(self, name: str, default: _Kind) -> _Kind:
        return type(default)(self.text(name)) if name in self._document else default

    def items(self, name: str) -> list[Any]:
        value = self._document.get(name, [])
        if not isinstance(value, list):
            raise TypeError(f"{name} is no list")
        return value

    def texts(self, name: str) -> list[str]:
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise TypeError(f"{name} holds something else than texts")
        return values


def _watch_document(watch: WatchSettings) -> dict[str, object]:
    return {
        "frames_per_s": watch.frames_per_s,
        "detection_side_px": watch.detection_side_px,
        "zone": None if watch.zone is None else {"corners": [list(corner) for corner in watch.zone.corners]},
        "min_face_px": watch.min_face_px,
        "threshold": watch.threshold,
        "votes_needed": watch.votes_needed,
        "leave_after_s": watch.leave_after_s,
        "has_motion_gate": watch.has_motion_gate,
        "checks_liveness": watch.checks_liveness,
        "schedule": _schedule_document(watch.schedule),
        "transport": watch.transport.value,
        "hardware_decode": watch.hardware_decode.value,
    }


def _watch_of(fields: _Fields) -> WatchSettings:
    default = WatchSettings()
    return WatchSettings(
        frames_per_s=fields.number("frames_per_s", default.frames_per_s),
        detection_side_px=fields.integer("detection_side_px", default.detection_side_px),
        zone=_zone_of(fields.inner("zone")) if fields.has("zone") else None,
        min_face_px=fields.integer("min_face_px", default.min_face_px),
        threshold=fields.number("threshold", default.threshold),
        votes_needed=fields.integer("votes_needed", default.votes_needed),
        leave_after_s=fields.number("leave_after_s", default.leave_after_s),
        has_motion_gate=fields.flag("has_motion_gate", default=default.has_motion_gate),
        checks_liveness=fields.flag("checks_liveness", default=default.checks_liveness),
        schedule=_schedule_of(fields, "schedule"),
        transport=fields.kind("transport", Transport.TCP),
        hardware_decode=fields.kind("hardware_decode", HardwareDecode.NONE),
    )


def _alert_document(rule: AlertRule) -> dict[str, object]:
    return {
        "who": rule.who.value,
        "subject_ids": sorted(rule.subject_ids),
        "groups": sorted(rule.groups),
        "channel_ids": list(rule.channel_ids),
        "cooldown_s": rule.cooldown_s,
        "once_per_day": rule.once_per_day,
        "quiet_hours": _schedule_document(rule.quiet_hours),
        "digest_after_quiet": rule.digest_after_quiet,
        "digest_every_s": rule.digest_every_s,
        "snoozed_until_us": optional_us(rule.snoozed_until),
        "tells_leaving": rule.tells_leaving,
        "tells_health": rule.tells_health,
        "sends_picture": rule.sends_picture,
    }


def _alerts_of(fields: _Fields) -> AlertRule:
    default = AlertRule()
    snoozed_us = fields.integer("snoozed_until_us", 0) if fields.has("snoozed_until_us") else None
    return AlertRule(
        who=fields.kind("who", AlertWho.KNOWN),
        subject_ids=frozenset(fields.texts("subject_ids")),
        groups=frozenset(fields.texts("groups")),
        channel_ids=tuple(fields.texts("channel_ids")),
        cooldown_s=fields.integer("cooldown_s", default.cooldown_s),
        once_per_day=fields.flag("once_per_day", default=default.once_per_day),
        quiet_hours=_schedule_of(fields, "quiet_hours"),
        digest_after_quiet=fields.flag("digest_after_quiet", default=default.digest_after_quiet),
        digest_every_s=fields.integer("digest_every_s", default.digest_every_s),
        snoozed_until=optional_time(snoozed_us),
        tells_leaving=fields.flag("tells_leaving", default=default.tells_leaving),
        tells_health=fields.flag("tells_health", default=default.tells_health),
        sends_picture=fields.flag("sends_picture", default=default.sends_picture),
    )


def _zone_of(fields: _Fields) -> Zone:
    corners = [tuple(map(float, corner)) for corner in fields.items("corners")]
    return Zone(tuple((x, y) for x, y in corners))


def _schedule_document(schedule: WeeklySchedule | None) -> dict[str, object] | None:
    if schedule is None:
        return None
    hours = [
        {"begins": one.begins.isoformat(), "ends": one.ends.isoformat(), "days": sorted(one.days)}
        for one in schedule.hours
    ]
    return {"hours": hours}


def _schedule_of(fields: _Fields, name: str) -> WeeklySchedule | None:
    if not fields.has(name):
        return None
    return WeeklySchedule(tuple(_hours_of(_Fields(one)) for one in fields.inner(name).items("hours")))


def _hours_of(fields: _Fields) -> DailyHours:
    days = frozenset(fields.items("days") or range(7))
    return DailyHours(
        time.fromisoformat(fields.text("begins")), time.fromisoformat(fields.text("ends")), days
    )
