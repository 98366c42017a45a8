"""The view `overview`: what is there, what needs somebody, and who was seen lately."""

from datetime import timedelta
from typing import Any

import streamlit as st

from facegate.page import charts, look, session, sightings, sizes, times

_REFRESH_S = 15
_MOST_COUNTED = 100
_DISK_SHARE_FREE = 0.05
_TROUBLED_STATES = ("down", "frozen")

_SPANS = {"last_day": (1, "hour"), "last_week": (7, "day"), "last_month": (30, "day")}


def show() -> None:
    """Draws it."""
    look.heading(_say("title"), _say("what_for"))
    counts = session.server().get("/status")
    if counts["subject_count"] == 0:
        _first_steps()
    _state()
    _over_time()
    _latest()


def _first_steps() -> None:
    with st.container(border=True):
        look.section(_say("first_steps"), _say("first_steps_what"))
        for column, (step, target, icon) in zip(
            st.columns(3),
            (
                ("enrol", "enrol", "person_add"),
                ("identify", "identify", "frame_person"),
                ("camera", "cameras", "videocam"),
            ),
            strict=True,
        ):
            with column:
                st.markdown(_say(f"step_{step}"))
                look.link(target, _say(f"go_{step}"), icon)


@st.fragment(run_every=_REFRESH_S)
def _state() -> None:
    with look.plain_troubles():
        server = session.server()
        counts, machine = server.get("/status"), server.get("/system")
        waiting_reviews = len(server.get("/events", review="pending", limit=_MOST_COUNTED)["events"])
        waiting = _messages("waiting", "held", "sending")
        today = times.days_back(0)
        failed = [
            one
            for one in _messages("failed", "uncertain", "expired")
            if times.local(one["created_at"]) >= today
        ]
        look.tiles(
            [
                (_say("people"), sizes.counted(counts["subject_count"])),
                (_say("templates"), sizes.counted(counts["template_count"])),
                (
                    _say("cameras_live"),
                    _say("of", some=machine["cameras_live"], all=machine["camera_count"]),
                ),
                (_say("reviews"), _counted(waiting_reviews)),
                (_say("alerts_waiting"), _counted(len(waiting))),
                (_say("alerts_failed"), _counted(len(failed))),
            ]
        )
        _health(counts, machine)
        with st.container(horizontal=True):
            if waiting_reviews:
                look.link("review", _say("look_at_reviews"), "rule")
            if failed:
                look.link("alerts", _say("look_at_alerts"), "notifications")


def _messages(*states: str) -> list[Any]:
    found = session.server().get("/alerts/messages", state=list(states), limit=_MOST_COUNTED)
    return list(found["messages"])


def _health(counts: dict[str, Any], machine: dict[str, Any]) -> None:
    troubles = []
    models = session.server().get("/models")["models"]
    missing = [one["model_id"] for one in models if not one["is_ready"] and not one["is_optional"]]
    if missing:
        troubles.append(_say("health_models", models=", ".join(missing)))
    dark = _dark_cameras() if machine["camera_count"] else 0
    if dark:
        troubles.append(_say("health_cameras", count=dark))
    engine = next((pool for pool in counts["workers"] if pool["name"] == "engine"), None)
    if engine is not None and engine["waiting"] > 2 * engine["thread_count"]:
        troubles.append(_say("health_busy", count=engine["waiting"]))
    if machine["disk_free_bytes"] < _DISK_SHARE_FREE * machine["disk_total_bytes"]:
        troubles.append(_say("health_disk", free=sizes.in_bytes(machine["disk_free_bytes"])))
    for trouble in troubles:
        st.warning(trouble, icon=":material/warning:")
    if not troubles:
        span = times.span(machine["uptime_s"])
        st.success(_say("health_well", span=span, version=machine["version"]), icon=":material/check_circle:")


def _dark_cameras() -> int:
    cameras = session.server().get("/cameras")["cameras"]
    return sum(1 for one in cameras if one["status"] and one["status"]["state"] in _TROUBLED_STATES)


def _over_time() -> None:
    look.section(_say("over_time"))
    span = st.segmented_control(
        _say("span"),
        list(_SPANS),
        format_func=_say,
        default="last_day",
        required=True,
        key="overview_span",
        label_visibility="collapsed",
    )
    days, by = _SPANS[span or "last_day"]
    until = times.now()
    since = until - timedelta(days=1) if by == "hour" else times.days_back(days - 1)
    found = session.server().get("/events/summary", since=since.isoformat(), until=until.isoformat(), by=by)[
        "buckets"
    ]
    if not found:
        look.empty(_say("nothing_seen"), _say("nothing_seen_next"))
        return
    names = [_say("known"), _say("strangers")]
    # Hours and days without anybody too: the axis is the whole period.
    values = [
        {"at": at, "name": name, "count": 0} for at in times.steps(since, until, by=by) for name in names
    ]
    values += [
        {"at": times.on_chart(times.local(bucket["begins"])), "name": name, "count": bucket[field]}
        for bucket in found
        for name, field in zip(names, ("known", "strangers"), strict=True)
    ]
    charts.show(charts.stacked_bars(values, names, [charts.TEAL, charts.AMBER], by=by), _say("chart_alt"))


@st.fragment(run_every=_REFRESH_S)
def _latest() -> None:
    with look.plain_troubles():
        events = session.server().get("/events", limit=6)["events"]
        if not events:
            return
        look.section(_say("latest"))
        sightings.cards(events)
        look.link("events", _say("all_events"), "history")


def _counted(count: int) -> str:
    return f"{count}+" if count >= _MOST_COUNTED else str(count)


def _say(key: str, **values: object) -> str:
    return session.words("overview", key, **values)
