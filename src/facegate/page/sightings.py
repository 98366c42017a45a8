"""Events as small cards: picture, who, where, when. For every view that shows some."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from facegate.page import look, session, times
from facegate.page.plain_text import plain
from facegate.page.server import ServerSaid

Event = Mapping[str, Any]


def cards(events: Sequence[Event], per_row: int = 3) -> None:
    """The events side by side, newest first as they come."""
    for start in range(0, len(events), per_row):
        columns = st.columns(per_row)
        for column, event in zip(columns, events[start : start + per_row], strict=False):
            with column.container(border=True):
                card(event)


def card(event: Event) -> None:
    """One event."""
    picture = shot(event)
    if picture is not None:
        st.image(picture, width="stretch", alt=name(event))
    look.two_lines(plain(name(event)), f"{where(event)} · {times.ago(event['occurred_at'])}")
    if event["band"]:
        look.band_badge(event["band"])


def shot(event: Event) -> bytes | None:
    """The event's best picture; None where there is none, or none any more."""
    if not event["has_shot"]:
        return None
    try:
        return session.server().content(f"/events/{event['event_id']}/shot.jpg")
    except ServerSaid as error:
        if error.kind == "event_not_found":
            return None
        raise


def name(event: Event) -> str:
    """Who it was, or what happened where nobody is meant."""
    if event["kind"] in ("camera_down", "camera_up"):
        return session.words("shared", f"kind_{event['kind']}")
    if event["subject_id"]:
        return str(event["display_name"] or event["subject_id"])
    return session.words("shared", "unknown_person")


def where(event: Event) -> str:
    """The place, or the door where there is no place; safe in Markdown."""
    if event["place_name"]:
        return plain(str(event["place_name"]))
    return session.words("shared", f"door_{event['door']}")
