"""Choosing people of the gallery, which may be too many for one list: by a part of the name or id."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from facegate.page import session
from facegate.page.views.events.say import say

_SHOWN_AT_ONCE = 50


def one(key: str, label: str = "") -> str | None:
    """A person's id, None while nobody is chosen."""
    found, hint = _search(key, label)
    names = {person["subject_id"]: _name(person) for person in found}
    chosen: str | None = st.selectbox(
        session.words("shared", "person"),
        list(names),
        index=None,
        format_func=lambda subject_id: names.get(subject_id, subject_id),
        placeholder=hint,
        key=f"{key} one",
        label_visibility="collapsed",
    )
    return chosen


def several(key: str, chosen: Sequence[str]) -> list[str]:
    """Ids of people; those chosen before stay on the list whatever is searched for."""
    found, hint = _search(key, session.words("shared", "person"))
    names = {person["subject_id"]: _name(person) for person in found}
    before = st.session_state.setdefault(f"{key} several", list(chosen))
    for subject_id in before:
        names.setdefault(subject_id, subject_id)
    wanted: list[str] = st.multiselect(
        session.words("shared", "person"),
        list(names),
        format_func=lambda subject_id: str(names.get(subject_id, subject_id)),
        placeholder=hint,
        key=f"{key} several",
        select_all=False,
        label_visibility="collapsed",
    )
    return wanted


def _search(key: str, label: str) -> tuple[list[dict[str, Any]], str]:
    text = st.text_input(
        label or say("person_search"),
        key=f"{key} search",
        max_chars=100,
        placeholder=say("person_search_such"),
        icon=":material/search:",
    ).strip()
    page = session.server().get("/subjects", containing=text or None, limit=_SHOWN_AT_ONCE)
    found: list[dict[str, Any]] = page["subjects"]
    if not found:
        return found, say("person_none")
    return found, say("person_more") if page["next_after"] else say("person_choose")


def _name(person: dict[str, Any]) -> str:
    name, subject_id = person["display_name"], person["subject_id"]
    return str(subject_id) if not name or name == subject_id else f"{name} ({subject_id})"
