"""The queue of the middle band: a picture, whom it may show, and one click."""

from functools import partial
from typing import Any

import streamlit as st

from facegate.page import inline_pictures, look, session, sizes
from facegate.page.plain_text import plain
from facegate.page.views.events import cards, choosing, deciding

_AT_ONCE = 8
_SHOT_SIDE_PX = 640
_MAX_CANDIDATES = 3

say = partial(session.words, "review")


def show() -> None:
    """Draws it."""
    look.heading(session.words("shared", "menu_review"), say("what_for"))
    page = session.server().get("/events", review="pending", limit=_AT_ONCE)
    events = page["events"]
    if not events:
        look.empty(say("none_yet"), say("none_yet_step"))
        return
    count = f"{len(events)}+" if page["next_after"] else str(len(events))
    st.markdown(say("waiting", count=count))
    for event in events:
        with st.container(border=True):
            _card(event)
    if page["next_after"]:
        st.caption(say("more_after"))


def _card(event: dict[str, Any]) -> None:
    seen, answers = st.columns([2, 3], gap="medium")
    with seen:
        if event["has_shot"]:
            cards.shot(event, "stretch", _SHOT_SIDE_PX)
        else:
            inline_pictures.show_none(session.words("events", "shot_none"))
        st.caption(cards.where_and_when(event))
    with answers, look.plain_troubles():
        _answers(event)


def _answers(event: dict[str, Any]) -> None:
    event_id = event["event_id"]
    candidates = event["candidates"][:_MAX_CANDIDATES]
    st.markdown(f"**{say('question')}**")
    is_learned = deciding.learn_box(event)
    for number, candidate in enumerate(candidates):
        name = plain(candidate["display_name"] or candidate["subject_id"])
        label = say("candidate", name=name, percent=sizes.percent(candidate["confidence"]))
        if st.button(
            label,
            key=f"review {event_id} {number}",
            icon=":material/person:",
            type="primary" if number == 0 else "secondary",
            width="stretch",
        ):
            _keep(event, candidate["subject_id"], is_first=number == 0, is_learned=is_learned)
    with st.container(horizontal=True):
        if st.button(say("stranger"), key=f"review {event_id} stranger", icon=":material/person_off:"):
            deciding.decide(event, "dismiss")
        with st.popover(say("somebody_else"), icon=":material/person_search:"):
            subject_id = choosing.one(f"review {event_id}")
            is_kept = st.button(
                say("keep"), key=f"review {event_id} keep", type="primary", disabled=subject_id is None
            )
    if is_kept and subject_id is not None:
        _keep(event, subject_id, is_first=False, is_learned=is_learned)


def _keep(event: dict[str, Any], subject_id: str, *, is_first: bool, is_learned: bool) -> None:
    # What the engine thought first is confirmed, whoever else it was is a correction.
    if is_first and deciding.suggested(event) == subject_id:
        deciding.decide(event, "confirm", {"learn": is_learned})
    deciding.decide(event, "correct", {"subject_id": subject_id, "learn": is_learned})
