"""Saying who it was: in a window over the history, and with one click in the review queue."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from facegate.page import look, session
from facegate.page.plain_text import plain
from facegate.page.views.events import cards, choosing
from facegate.page.views.events.say import say

Event = dict[str, Any]


def ask(event: Event) -> None:
    """Opens the window."""
    # Its title is in the visitor's language, so it is made anew.
    window: Callable[[Event], None] = st.dialog(say("decide_title"))(questions)
    window(event)


def questions(event: Event) -> None:
    """What the window asks: was it this person, somebody else, or a stranger?"""
    with look.plain_troubles():
        if event["has_shot"]:
            cards.shot(event, 200)
        st.markdown(f"**{plain(cards.name_of(event))}** · {cards.where_and_when(event)}")
        event_id = event["event_id"]
        is_learned = learn_box(event)
        if suggested(event) and st.button(
            say("is_right", name=plain(suggested_name(event))),
            key=f"window right {event_id}",
            icon=":material/check:",
            width="stretch",
        ):
            decide(event, "confirm", {"learn": is_learned})
        subject_id = choosing.one(f"window {event_id}", say("was_somebody_else"))
        if st.button(
            say("keep_person"),
            key=f"window other {event_id}",
            icon=":material/person_check:",
            type="primary",
            width="stretch",
            disabled=subject_id is None,
        ):
            decide(event, "correct", {"subject_id": subject_id, "learn": is_learned})
        if st.button(
            say("was_stranger"),
            key=f"window stranger {event_id}",
            icon=":material/person_off:",
            width="stretch",
        ):
            decide(event, "dismiss")


def learn_box(event: Event) -> bool:
    """Whether the picture is to be enrolled for whoever it was."""
    if not event["has_shot"]:
        st.caption(say("learn_no_shot"))
        return False
    return st.checkbox(say("learn"), help=say("learn_help"), key=f"learn {event['event_id']}")


def suggested(event: Event) -> str | None:
    """Whom the server would confirm: the person named, else the closest one."""
    if event["subject_id"]:
        return str(event["subject_id"])
    return str(event["candidates"][0]["subject_id"]) if event["candidates"] else None


def suggested_name(event: Event) -> str:
    """The same as people call them."""
    if event["subject_id"]:
        return cards.name_of(event)
    best = event["candidates"][0]
    return str(best["display_name"] or best["subject_id"])


def decide(event: Event, what: str, body: object | None = None) -> None:
    """Tells the server, and draws everything anew.

    Raises:
        ServerSaid: it was not decided, because the picture cannot be learned from, for instance.
    """
    session.server().post(f"/events/{event['event_id']}/{what}", body)
    look.tell_next_run(say("decided"))
    st.rerun()
