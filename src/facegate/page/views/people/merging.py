"""Merging a person who was enrolled twice."""

import streamlit as st

from facegate.page import look, session
from facegate.page.plain_text import plain
from facegate.page.views.people import opened
from facegate.page.views.people.say import say

_MOST_SHOWN = 50


def show(subject_id: str, name: str) -> None:
    """The search for the other person, and the merging."""
    with st.expander(say("merge"), icon=":material/merge:"):
        st.caption(say("merge_what", name=plain(name)))
        searched = st.text_input(say("merge_search"), key=f"merge search {subject_id}").strip()
        names = _others(subject_id, searched)
        if not names:
            st.caption(say("none_found"))
            return
        into = st.selectbox(
            say("merge_into"),
            list(names),
            index=None,
            format_func=lambda other: names.get(other, other),
            key=f"merge into {subject_id}",
            placeholder="",
        )
        if into is None:
            return
        question = say("merge_sure", name=plain(name), other=plain(names[into]))
        if look.sure(
            f"merge {subject_id} {into}",
            question,
            label=say("merge_button"),
            confirm=say("merge_yes"),
            icon="merge",
        ):
            _merge(subject_id, into)


def _others(subject_id: str, searched: str) -> dict[str, str]:
    """Ids and what is shown of them."""
    found = session.server().get("/subjects", limit=_MOST_SHOWN, containing=searched or None)["subjects"]
    return {
        one["subject_id"]: f"{one['display_name']} · {one['subject_id']}"
        if one["display_name"] not in ("", one["subject_id"])
        else one["subject_id"]
        for one in found
        if one["subject_id"] != subject_id
    }


def _merge(subject_id: str, into: str) -> None:
    done = session.server().post("/subjects/merge", {"subject_id": subject_id, "into": into}, is_long=True)
    opened.show_person(into)
    look.tell_next_run(say("merged", moved=done["moved_count"], left_out=done["left_out_count"]))
    st.rerun()
