"""One event as people read it: picture, who, where, when, how sure, and whether somebody was told."""

from typing import Any

import streamlit as st

from facegate.page import inline_pictures, look, session, sizes, times
from facegate.page.plain_text import plain
from facegate.page.views.events.say import say
from facegate.page.words import words_of

_SHOT_SIDE_PX = 360
_SHOT_WIDTH_PX = 112

_HEALTH = ("camera_down", "camera_up")
OF_FACES = ("seen", "left", "identified", "verified", "scan")

Event = dict[str, Any]


def show(event: Event) -> bool:
    """Draws it; true in the run in which the visitor wants to say who it was."""
    with st.container(horizontal=True, wrap=False, gap="medium"):
        if event["has_shot"]:
            shot(event, _SHOT_WIDTH_PX)
        with st.container(gap=None):
            is_asked = _who(event)
            st.markdown(where_and_when(event))
            facts = _more(event)
            if facts:
                st.caption(" · ".join(facts))
    return is_asked


def shot(event: Event, width: inline_pictures.Width, max_side_px: int = _SHOT_SIDE_PX) -> None:
    """The event's best picture."""
    jpeg = inline_pictures.thumbnail(f"/events/{event['event_id']}/shot.jpg", max_side_px)
    if jpeg is None:
        inline_pictures.show_none(say("shot_gone"), width, is_wide=False)
    else:
        inline_pictures.show(jpeg, say("shot_of", name=name_of(event)), width)


def name_of(event: Event) -> str:
    """Who it was; a stranger where nobody knows."""
    name = event["display_name"] or event["subject_id"]
    return str(name) if name else session.words("shared", "unknown_person")


def where_and_when(event: Event) -> str:
    """Time, what happened, and where."""
    at = times.local(event["occurred_at"])
    facts = [f"{at:%H:%M:%S}", session.words("shared", f"kind_{event['kind']}")]
    place = event["place_name"] or session.words("shared", f"door_{event['door']}")
    return " · ".join(plain(fact) for fact in (*facts, place))


def _who(event: Event) -> bool:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if event["kind"] in _HEALTH:
            st.markdown(f"**{plain(event['place_name'])}**", width="content")
            is_down = event["kind"] == "camera_down"
            st.badge(session.words("shared", f"kind_{event['kind']}"), color="red" if is_down else "green")
            return False
        st.markdown(f"**{plain(name_of(event))}**", width="content")
        if event["kind"] == "violation":
            st.badge(session.words("shared", "kind_violation"), color="red", icon=":material/gpp_maybe:")
        elif event["review"] in ("confirmed", "corrected", "dismissed"):
            st.badge(say(f"review_{event['review']}"), color="blue", icon=":material/verified_user:")
        elif event["band"]:
            look.band_badge(event["band"])
        return event["kind"] in OF_FACES and st.button(
            say("decide"), key=f"decide {event['event_id']}", icon=":material/edit:", type="tertiary"
        )


def _more(event: Event) -> list[str]:
    """What else is known, safe in Markdown."""
    facts: dict[str, Any] = event["facts"]
    known = [_sureness(event), _stay(event), _violation(facts), _closest(event), _why(facts)]
    if facts.get("is_live") is False:
        known.append(say("not_live"))
    return [fact for fact in known if fact]


def _sureness(event: Event) -> str:
    facts = []
    if event["confidence"] is not None and event["band"] != "unknown":
        facts.append(say("sure", percent=sizes.percent(event["confidence"])))
    if event["similarity"] is not None:
        facts.append(say("similar", similarity=f"{event['similarity']:.2f}"))
    quality = event["facts"].get("quality")
    if isinstance(quality, int | float):
        facts.append(say("quality", percent=sizes.percent(quality)))
    return plain(" · ".join(facts))


def _stay(event: Event) -> str:
    if event["kind"] not in ("seen", "left", "camera_up"):
        return ""
    seconds = event["facts"].get("duration_s")
    if seconds is None and event["ended_at"]:
        seconds = (times.local(event["ended_at"]) - times.local(event["occurred_at"])).total_seconds()
    if seconds is None:
        return say("still_there") if event["kind"] == "seen" else ""
    key = "was_away" if event["kind"] == "camera_up" else "stayed"
    return say(key, span=times.span(float(seconds)))


def _violation(facts: dict[str, Any]) -> str:
    findings = [one for one in facts.get("findings", []) if isinstance(one, str)]
    known = [
        session.words("workstations", f"finding_{one}")
        for one in findings
        if f"finding_{one}" in words_of("workstations")
    ]
    return ", ".join(known)


def _closest(event: Event) -> str:
    if event["band"] != "review" or event["subject_id"] or not event["candidates"]:
        return ""
    best = event["candidates"][0]
    return say("closest", name=plain(best["display_name"] or best["subject_id"]))


def _why(facts: dict[str, Any]) -> str:
    """Whether somebody was told of it, and why not."""
    reason = f"why_{facts.get('alert')}"
    return say(reason) if reason in words_of("events") else ""
