"""The history: who was seen where and when, a page at a time."""

from itertools import groupby
from typing import Any

import streamlit as st

from facegate.page import look, session, times
from facegate.page.views.events import cards, deciding, filters
from facegate.page.views.events.say import say

_PER_PAGE = 20
_PAGES = "history_pages"


def show() -> None:
    """Draws it."""
    look.heading(session.words("shared", "menu_events"), say("what_for"))
    query = filters.show()
    # Where each page begins, the one shown last; begun anew when something else is wanted.
    kept = st.session_state.get(_PAGES)
    places: list[str | None] = kept[1] if kept is not None and kept[0] == query else [None]
    st.session_state[_PAGES] = (query, places)
    page = session.server().get("/events", **query, after=places[-1], limit=_PER_PAGE)
    if not page["events"]:
        _nothing(is_filtered=bool(query))
        return
    _days(page["events"])
    _turning(places, page["next_after"])


def _nothing(*, is_filtered: bool) -> None:
    if is_filtered:
        look.empty(say("none_found"), say("none_found_step"))
    else:
        look.empty(say("none_yet"), say("none_yet_step"))


def _days(events: list[dict[str, Any]]) -> None:
    for day, of_day in groupby(events, key=lambda event: times.local(event["occurred_at"]).date()):
        back = (times.now().date() - day).days
        word = {0: say("today"), 1: say("yesterday")}.get(back, "")
        st.markdown(f"**{word}** · {day:%Y-%m-%d}" if word else f"**{day:%Y-%m-%d}**")
        for event in of_day:
            with st.container(border=True):
                if cards.show(event):
                    deciding.ask(event)


def _turning(places: list[str | None], next_after: str | None) -> None:
    with st.container(horizontal=True):
        is_back = len(places) > 1 and st.button(say("newer"), icon=":material/chevron_left:")
        is_on = next_after is not None and st.button(say("older"), icon=":material/chevron_right:")
    if is_back:
        places.pop()
        st.rerun()
    if is_on:
        places.append(next_after)
        st.rerun()
