"""What was told, what waits, and what failed and why."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from facegate.page import choices, look, session, times
from facegate.page.look import Colour
from facegate.page.plain_text import plain
from facegate.page.views.alerts.say import say

_PER_PAGE = 25
_PLACES = "outbox_places"

_LOOKS: dict[str, tuple[Colour, str]] = {
    "sent": ("green", "check"),
    "waiting": ("blue", "schedule"),
    "sending": ("blue", "outgoing_mail"),
    "held": ("gray", "inbox"),
    "expired": ("gray", "timer_off"),
    "failed": ("red", "error"),
    "uncertain": ("orange", "help"),
}


def show(channel_names: Mapping[str, str]) -> None:
    """Draws it."""
    states = st.pills(
        say("state"),
        list(_LOOKS),
        selection_mode="multi",
        format_func=choices.worded(_LOOKS, "alerts", "state"),
        key="outbox states",
    )
    kept = st.session_state.get(_PLACES)
    places: list[str | None] = kept[1] if kept is not None and kept[0] == states else [None]
    st.session_state[_PLACES] = (list(states), places)
    page = session.server().get("/alerts/messages", state=states or None, after=places[-1], limit=_PER_PAGE)
    if not page["messages"]:
        look.empty(say("no_messages"), say("no_messages_step"))
    for message in page["messages"]:
        with st.container(border=True, gap="xsmall"):
            _row(message, channel_names)
    with st.container(horizontal=True):
        is_back = len(places) > 1 and st.button(
            session.words("events", "newer"), icon=":material/chevron_left:", key="outbox newer"
        )
        is_on = page["next_after"] is not None and st.button(
            session.words("events", "older"), icon=":material/chevron_right:", key="outbox older"
        )
        st.button(session.words("shared", "refresh"), icon=":material/refresh:", key="outbox refresh")
    if is_back:
        places.pop()
        st.rerun()
    if is_on:
        places.append(page["next_after"])
        st.rerun()


def _row(message: dict[str, Any], channel_names: Mapping[str, str]) -> None:
    state = message["state"]
    colour, icon = _LOOKS.get(state, ("gray", "help"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(message['title'])}**", width="content")
        st.badge(say(f"state_{state}"), color=colour, icon=f":material/{icon}:")
    channel = channel_names.get(message["channel_id"]) or say("channel_gone")
    facts = [times.when(message["created_at"]), channel]
    if message["attempt_count"] > 1:
        facts.append(say("attempts", count=message["attempt_count"]))
    if state == "waiting" and message["attempt_count"]:
        facts.append(say("next_attempt", when=times.when(message["next_attempt_at"])))
    st.caption(plain(" · ".join(facts)))
    if message["last_error"]:
        st.caption(say("last_error", said=plain(message["last_error"].rstrip("."))))
