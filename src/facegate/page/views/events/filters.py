"""Which events are wanted, and downloading them as a table."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

import streamlit as st

from facegate.page import choices, session, times
from facegate.page.views.events import choosing
from facegate.page.views.events.say import say

DOORS = ("cameras", "terminals", "presence", "attendance", "verification", "persons", "rest_v1")
KINDS = ("seen", "left", "identified", "verified", "scan", "violation", "camera_down", "camera_up")
BANDS = ("match", "review", "unknown")
_WHO = _ANYBODY, _PERSON, _STRANGERS = "anybody", "person", "strangers"


def show() -> dict[str, Any]:
    """What was chosen, as the server's query; nothing chosen is everything."""
    with st.container(horizontal=True):
        with st.popover(say("filter"), icon=":material/filter_list:"):
            query = _who() | _where() | _what()
        query |= _days()
        # Asked for at the click, when there is no visitor any more to ask for the server.
        server = session.server()
        st.download_button(
            say("download"),
            lambda: server.content("/events.csv", **query),
            "events.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
    return query


def _who() -> dict[str, Any]:
    who = st.segmented_control(
        say("who"),
        _WHO,
        default=_ANYBODY,
        format_func=choices.worded(_WHO, "events", "who"),
        required=True,
        key="history who",
    )
    if who == _STRANGERS:
        return {"stranger": "true"}
    if who == _PERSON:
        subject_id = choosing.one("history person")
        return {"subject_id": subject_id} if subject_id else {}
    return {}


def _where() -> dict[str, Any]:
    places = _places()
    place_id = st.selectbox(
        say("place"),
        list(places),
        index=None,
        format_func=lambda one: places.get(one, one),
        placeholder=say("everywhere"),
        key="history place",
    )
    doors = st.multiselect(
        say("door"),
        DOORS,
        format_func=choices.worded(DOORS, "shared", "door"),
        placeholder=say("all"),
        select_all=False,
        key="history door",
    )
    return _given(place_id=place_id, door=doors)


def _what() -> dict[str, Any]:
    kinds = st.multiselect(
        say("kind"),
        KINDS,
        format_func=choices.worded(KINDS, "shared", "kind"),
        placeholder=say("all"),
        select_all=False,
        key="history kind",
    )
    bands = st.multiselect(
        say("band"),
        BANDS,
        format_func=choices.worded(BANDS, "shared", "band"),
        placeholder=say("all"),
        select_all=False,
        key="history band",
    )
    return _given(kind=kinds, band=bands)


def _places() -> dict[str, str]:
    server = session.server()
    found = {one["camera_id"]: one["nickname"] for one in server.get("/cameras")["cameras"]}
    for one in server.get("/terminals", limit=200)["terminals"]:
        found[one["serial_number"]] = one["name"] or one["serial_number"]
    return found


def _days() -> dict[str, Any]:
    chosen: tuple[date, ...] | date = st.date_input(
        say("days"),
        cast(Any, ()),
        key="history days",
        label_visibility="collapsed",
        format="YYYY-MM-DD",
        width=260,
    )
    days = chosen if isinstance(chosen, tuple) else (chosen,)
    if not days:
        return {}
    # One end chosen so far is that day.
    first, last = days[0], days[-1]
    return {"since": _midnight(first), "until": _midnight(last + timedelta(days=1))}


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), times.zone()).isoformat()


def _given(**chosen: Any) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if value}
