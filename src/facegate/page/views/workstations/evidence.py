"""The gallery of violations: the frame that was judged, what was found in it, and when."""

from typing import Any

import streamlit as st

from facegate.page import choices, inline_pictures, look, session, times
from facegate.page.plain_text import plain
from facegate.page.server import in_path
from facegate.page.views.workstations.say import say, say_code

_PER_PAGE = 12
_PER_ROW = 3
_SIDE_PX = 480
_PLACES = "evidence_places"

REASONS = ("REASON_NO_FACE", "REASON_WRONG_USER", "REASON_PHONE_DETECTION", "REASON_SPOOF_IMAGE")


def show() -> None:
    """Draws it."""
    left, right = st.columns(2)
    with left:
        client = st.text_input(
            say("evidence_of"), key="evidence client", max_chars=128, placeholder=say("evidence_of_all")
        ).strip()
    with right:
        reason = st.selectbox(
            say("reason"),
            REASONS,
            index=None,
            format_func=choices.worded(REASONS, "workstations", "reason"),
            placeholder=say("reason_all"),
            key="evidence reason",
        )
    wanted = (client or None, reason)
    kept = st.session_state.get(_PLACES)
    places: list[str | None] = kept[1] if kept is not None and kept[0] == wanted else [None]
    st.session_state[_PLACES] = (wanted, places)
    page = session.server().get(
        "/presence/evidence", client=wanted[0], reason=reason, after=places[-1], limit=_PER_PAGE
    )
    found = page["evidence"]
    if not found:
        look.empty(say("no_evidence"), say("no_evidence_step"))
    for start in range(0, len(found), _PER_ROW):
        row = found[start : start + _PER_ROW]
        for column, one in zip(st.columns(_PER_ROW), row, strict=False):
            with column, st.container(border=True, gap="xsmall"):
                _card(one)
    _turning(places, page["next_after"])


def _card(one: dict[str, Any]) -> None:
    evidence_id = one["evidence_id"]
    jpeg = inline_pictures.thumbnail(f"/presence/evidence/{in_path(evidence_id)}/picture", _SIDE_PX)
    if jpeg is None:
        inline_pictures.show_none(say("picture_gone"))
    else:
        inline_pictures.show(jpeg, say("picture_of", name=one["client_id"]))
    st.markdown(f"**{plain(one['client_id'])}** · {times.when(one['at'])}")
    st.badge(say_code("reason", one["reason"]), color="red")
    seen = one["actual_username"]
    facts = [say_code("action", one["action"])]
    facts += [say_code("finding", cue["finding"]) for cue in one["cues"]]
    if seen and seen != one["client_id"]:
        facts.append(say("seen_instead", name=_person(seen)))
    st.caption(plain(" · ".join(dict.fromkeys(facts))))
    if look.sure(f"evidence {evidence_id}", say("evidence_question")):
        session.server().delete(f"/presence/evidence/{in_path(evidence_id)}")
        look.tell_next_run(say("evidence_removed"))
        st.rerun()


def _person(seen: str) -> str:
    return session.words("shared", "unknown_person") if seen == "unknown" else seen


def _turning(places: list[str | None], next_after: str | None) -> None:
    with st.container(horizontal=True):
        is_back = len(places) > 1 and st.button(
            session.words("events", "newer"), icon=":material/chevron_left:", key="evidence back"
        )
        is_on = next_after is not None and st.button(
            session.words("events", "older"), icon=":material/chevron_right:", key="evidence on"
        )
    if is_back:
        places.pop()
        st.rerun()
    if is_on:
        places.append(next_after)
        st.rerun()
