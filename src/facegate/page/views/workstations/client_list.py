"""Registered users: paused, resumed, blocked, let in again, and registered anew."""

from typing import Any

import streamlit as st

from facegate.page import choices, look, session, times
from facegate.page.look import Colour
from facegate.page.plain_text import plain
from facegate.page.server import in_path
from facegate.page.views.events import choosing
from facegate.page.views.workstations.say import say

Client = dict[str, Any]

_STATES = ("registered", "active", "paused", "blocked")
_PER_PAGE = 20
_PLACES = "client_places"
_TOKEN = "new_client_token"  # noqa: S105 - the name under which it is kept until it was read

_LOOKS: dict[str, tuple[Colour, str]] = {
    "registered": ("gray", "hourglass_empty"),
    "active": ("green", "check"),
    "paused": ("orange", "pause"),
    "blocked": ("red", "block"),
}


def show() -> None:
    """Draws it."""
    with st.container():
        _fresh_token()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = st.pills(
            say("state"),
            _STATES,
            format_func=choices.worded(_STATES, "workstations", "state"),
            key="client state",
        )
        st.button(session.words("shared", "refresh"), icon=":material/refresh:", key="clients refresh")
    kept = st.session_state.get(_PLACES)
    places: list[str | None] = kept[1] if kept is not None and kept[0] == state else [None]
    st.session_state[_PLACES] = (state, places)
    page = session.server().get("/presence/clients", status=state, after=places[-1], limit=_PER_PAGE)
    if not page["clients"]:
        look.empty(say("none_yet"), say("none_yet_step"))
    for client in page["clients"]:
        with st.container(border=True, gap="xsmall"), look.plain_troubles():
            _card(client)
    _turning(places, page["next_after"])
    with st.expander(
        say("register"), icon=":material/person_add:", expanded=not page["clients"], key="register"
    ):
        _registering()


def _card(client: Client) -> None:
    client_id, status = client["client_id"], client["status"]
    colour, icon = _LOOKS.get(status, ("gray", "help"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(client_id)}**", width="content")
        st.badge(say(f"state_{status}"), color=colour, icon=f":material/{icon}:")
        if client["is_connected"]:
            st.badge(say("connected"), color="blue", icon=":material/lan:")
    facts = [say("last_seen", when=times.ago(client["last_seen_at"]))]
    if client["has_token"]:
        facts.append(say("has_token"))
    if client["networks"]:
        facts.append(say("from_networks", networks=", ".join(client["networks"])))
    if client["status_note"]:
        facts.append(client["status_note"])
    st.caption(plain(" · ".join(facts)))
    with st.container(horizontal=True):
        _switches(client_id, status)
        _more(client)


def _switches(client_id: str, status: str) -> None:
    if status == "blocked":
        if st.button(say("unblock"), key=f"unblock {client_id}", icon=":material/lock_open:"):
            _order(client_id, "unblock", say("unblocked", name=plain(client_id)))
        return
    if status == "paused":
        if st.button(say("resume"), key=f"resume {client_id}", icon=":material/play_arrow:", type="primary"):
            _order(client_id, "resume", say("resumed", name=plain(client_id)))
    elif st.button(say("pause"), key=f"pause {client_id}", icon=":material/pause:", help=say("pause_help")):
        _order(client_id, "pause", say("paused", name=plain(client_id)))


def _more(client: Client) -> None:
    client_id = client["client_id"]
    with st.popover(say("more"), icon=":material/more_horiz:"):
        note = st.text_input(
            say("note"), key=f"note {client_id}", max_chars=500, placeholder=say("note_such")
        )
        if client["status"] != "blocked":
            if st.button(say("pause_note"), key=f"pause note {client_id}", width="stretch"):
                _order(client_id, "pause", say("paused", name=plain(client_id)), note)
            if st.button(
                say("block"),
                key=f"block {client_id}",
                icon=":material/block:",
                help=say("block_help"),
                width="stretch",
            ):
                _order(client_id, "block", say("blocked", name=plain(client_id)), note)
        if client["is_connected"] and st.button(say("disconnect"), key=f"cut {client_id}", width="stretch"):
            _order(client_id, "disconnect", say("disconnected", name=plain(client_id)), note)
        if st.button(say("new_token"), key=f"token {client_id}", help=say("new_token_help"), width="stretch"):
            given = session.server().post(f"/presence/clients/{in_path(client_id)}/token")
            st.session_state[_TOKEN] = (client_id, given["token"])
            st.rerun()
        if look.sure(
            f"unregister {client_id}", say("remove_question", name=plain(client_id)), label=say("remove")
        ):
            session.server().delete(f"/presence/clients/{in_path(client_id)}")
            _again(say("removed", name=plain(client_id)))


def _order(client_id: str, what: str, said: str, note: str = "") -> None:
    body = {"note": note.strip()} if note.strip() else None
    session.server().post(f"/presence/clients/{in_path(client_id)}/{what}", body)
    _again(said)


def _registering() -> None:
    st.caption(say("register_help"))
    subject_id = choosing.one("register client")
    networks = st.text_input(
        say("networks"),
        key="register networks",
        placeholder="10.1.0.0/16, 192.168.1.20",
        help=say("networks_help"),
    )
    has_token = st.toggle(say("with_token"), key="register token", help=say("with_token_help"))
    if st.button(say("register_now"), type="primary", icon=":material/add:", disabled=subject_id is None):
        body = {
            "user_name": subject_id,
            "networks": [one.strip() for one in networks.split(",") if one.strip()],
            "with_token": has_token,
        }
        made = session.server().post("/presence/clients", body)
        if made["token"]:
            st.session_state[_TOKEN] = (made["client_id"], made["token"])
        _again(say("registered", name=plain(made["client_id"])))


def _fresh_token() -> None:
    """A token is shown once, until somebody says that it was kept."""
    fresh = st.session_state.get(_TOKEN)
    if fresh is None:
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown(say("token_of", name=plain(fresh[0])))
        st.code(fresh[1], language=None)
        if st.button(say("token_kept"), type="primary"):
            del st.session_state[_TOKEN]
            st.rerun()


def _turning(places: list[str | None], next_after: str | None) -> None:
    with st.container(horizontal=True):
        is_back = len(places) > 1 and st.button(
            say("before"), icon=":material/chevron_left:", key="clients back"
        )
        is_on = next_after is not None and st.button(
            say("next"), icon=":material/chevron_right:", key="clients on"
        )
    if is_back:
        places.pop()
        st.rerun()
    if is_on:
        places.append(next_after)
        st.rerun()


def _again(sentence: str) -> None:
    look.tell_next_run(sentence)
    st.rerun()
