"""Open sessions as they are now."""

from typing import Any

import streamlit as st

from facegate.page import look, session, times
from facegate.page.look import Colour
from facegate.page.plain_text import plain
from facegate.page.server import in_path
from facegate.page.views.workstations.say import say, say_code

_EVERY_S = 3

_COLOURS: dict[str, Colour] = {
    "NO_ACTION": "green",
    "ACTION_WARNING": "orange",
    "ACTION_LOCK_SCREEN": "red",
    "ACTION_SIGN_OUT": "red",
    "ACTION_ERROR": "red",
}


@st.fragment(run_every=_EVERY_S)
def show() -> None:
    """Draws it, and again every few seconds."""
    with look.plain_troubles():
        found = session.server().get("/presence/sessions")
        st.caption(
            say(
                "connections",
                count=found["connection_count"],
                most=found["max_connections"],
                refused=found["refused_count"],
            )
        )
        if not found["sessions"]:
            look.empty(say("nobody_live"), say("nobody_live_step"))
        for one in found["sessions"]:
            with st.container(border=True, gap="xsmall"):
                _card(one)


def _card(one: dict[str, Any]) -> None:
    client_id, verdict = one["client_id"], one["last_verdict"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(client_id)}**", width="content")
        st.badge(say_code("session", one["state"]), color="blue")
        if verdict is not None:
            st.badge(
                say_code("action", verdict["action"]),
                color=_COLOURS.get(verdict["action"], "gray"),
                icon=None,
            )
    if verdict is not None and verdict["action"] != "NO_ACTION":
        findings = [say_code("finding", cue["finding"]) for cue in verdict["cues"]]
        st.caption(plain(", ".join(findings) or say_code("reason", verdict["reason"])))
    facts = [one["address"], say("since", when=times.when(one["connected_at"]))]
    facts.append(say("rate", rate=f"{one['frames_per_s']:.1f}"))
    if one["p95_latency_ms"] is not None:
        facts.append(say("latency", ms=f"{one['p95_latency_ms']:.0f}"))
    st.caption(plain(" · ".join(facts)))
    if st.button(
        say("disconnect"),
        key=f"disconnect {client_id}",
        icon=":material/link_off:",
        help=say("disconnect_help"),
    ):
        session.server().post(f"/presence/clients/{in_path(client_id)}/disconnect")
        look.tell_next_run(say("disconnected", name=plain(client_id)))
        st.rerun()
