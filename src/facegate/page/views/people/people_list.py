"""Everybody, a page at a time, with a search."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from facegate.page import look, session, sizes
from facegate.page.plain_text import plain
from facegate.page.views.people import opened
from facegate.page.views.people.say import say

_PER_PAGE = 20

# The search and the `after` of each page up to this one; the first page's is None.
_TRAIL, _SEARCHED = "people trail", "people searched"


def show() -> None:
    """The search field and the page."""
    look.heading(say("title"), say("what_for"))
    searched = st.text_input(say("search"), icon=":material/search:", key="people search").strip()
    if st.session_state.get(_SEARCHED, "") != searched:
        st.session_state[_SEARCHED] = searched
        st.session_state[_TRAIL] = [None]
    trail: list[str | None] = st.session_state.setdefault(_TRAIL, [None])
    page = session.server().get("/subjects", limit=_PER_PAGE, after=trail[-1], containing=searched or None)
    if not page["subjects"]:
        _show_nobody(searched)
        return
    for subject in page["subjects"]:
        _row(subject)
    _paging(trail, page["next_after"])


def _show_nobody(searched: str) -> None:
    if searched:
        look.empty(say("none_found"), say("none_found_next"))
        return
    look.empty(say("nobody"), say("nobody_next"))
    look.link("enrol", say("go_enrol"), "person_add")


def _row(subject: Mapping[str, Any]) -> None:
    subject_id = subject["subject_id"]
    name = subject["display_name"] or subject_id
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        count = subject["template_count"]
        said = say("templates_count", count=sizes.counted(count)) if count else say("no_templates")
        look.two_lines(plain(name), said if name == subject_id else f"{plain(subject_id)} · {said}")
        if st.button(say("open"), key=f"open {subject_id}"):
            opened.show_person(subject_id)
            st.rerun()


def _paging(trail: list[str | None], next_after: str | None) -> None:
    if len(trail) == 1 and next_after is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(say("previous"), disabled=len(trail) == 1, icon=":material/chevron_left:"):
            trail.pop()
            st.rerun()
        if st.button(
            say("next"), disabled=next_after is None, icon=":material/chevron_right:", icon_position="right"
        ):
            trail.append(next_after)
            st.rerun()
        st.caption(say("page", number=len(trail)), width="content")
