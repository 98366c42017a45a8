"""Moments as the visitor's clock shows them."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from facegate.page import session

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


def zone() -> tzinfo:
    """The visitor's; UTC where the browser does not say."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def now() -> datetime:
    """Now, by the visitor's clock."""
    return datetime.now(zone())


def local(moment: str) -> datetime:
    """A moment of the server's answers."""
    return datetime.fromisoformat(moment).astimezone(zone())


def when(moment: str | None) -> str:
    """The time, with its day unless that is today."""
    if not moment:
        return session.words("shared", "never")
    at = local(moment)
    return f"{at:%H:%M}" if at.date() == now().date() else f"{at:%Y-%m-%d %H:%M}"


def ago(moment: str | None) -> str:
    """How long ago, in words."""
    if not moment:
        return session.words("shared", "never")
    seconds = (datetime.now(UTC) - local(moment)).total_seconds()
    if seconds < _MINUTE_S:
        return session.words("shared", "just_now")
    return session.words("shared", "ago", span=span(seconds))


def span(seconds: float) -> str:
    """A length of time in its largest unit."""
    for unit_s, name in ((_DAY_S, "days"), (_HOUR_S, "hours"), (_MINUTE_S, "minutes")):
        if seconds >= unit_s:
            count = int(seconds // unit_s)
            return session.words("shared", name if count != 1 else f"{name}_one", count=count)
    return session.words("shared", "seconds", count=int(seconds))


def on_chart(moment: datetime) -> str:
    """The visitor's time without a zone: charts show it as it stands."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def steps(since: datetime, until: datetime, *, by: str) -> list[str]:
    """Every full hour or day from `since` to `until`, for a chart."""
    at = since.replace(minute=0, second=0, microsecond=0)
    step = timedelta(hours=1)
    if by == "day":
        at, step = at.replace(hour=0), timedelta(days=1)
    found = []
    while at < until:
        found.append(on_chart(at))
        at += step
    return found


def days_back(days: int) -> datetime:
    """Midnight of so many days ago; 0 is this morning."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days)
