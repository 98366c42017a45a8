"""Every terminal as a card: let in or not, connected or not, its name, its door."""

from typing import Any

import streamlit as st

from facegate.page import look, session, times
from facegate.page.look import Colour
from facegate.page.plain_text import plain
from facegate.page.views.terminals.say import say

Terminal = dict[str, Any]

_MUCH_S = 60
"""A clock that is further off spoils the times of scans."""

_STATES: dict[str, tuple[Colour, str]] = {
    "waiting": ("orange", "hourglass_empty"),
    "blocked": ("red", "block"),
    "connected": ("green", "check"),
    "away": ("gray", "cloud_off"),
}

_HOLDINGS = ("users", "faces", "records")


def show(terminals: list[Terminal]) -> None:
    """Draws it."""
    if not terminals:
        look.empty(say("none_yet"), say("none_yet_step"))
    for terminal in terminals:
        with st.container(border=True, gap="xsmall"), look.plain_troubles():
            _card(terminal)
    with st.expander(say("add"), icon=":material/add:", key="add terminal"), look.plain_troubles():
        _adding()


def _card(terminal: Terminal) -> None:
    number = terminal["serial_number"]
    state = _state(terminal)
    colour, icon = _STATES[state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(terminal['name'] or number)}**", width="content")
        st.badge(say(f"state_{state}"), color=colour, icon=f":material/{icon}:")
    for line in _facts(terminal):
        st.caption(line)
    offset_s = terminal["clock_offset_s"]
    if offset_s is not None and abs(offset_s) > _MUCH_S:
        st.warning(say("clock_off", span=times.span(abs(offset_s))), icon=":material/schedule:")
    with st.container(horizontal=True):
        _switches(terminal)
    with st.expander(say("change"), key=f"change {number}"):
        _changing(terminal)


def _state(terminal: Terminal) -> str:
    if terminal["status"] in ("waiting", "blocked"):
        return str(terminal["status"])
    return "connected" if terminal["is_connected"] else "away"


def _facts(terminal: Terminal) -> list[str]:
    about = [terminal["serial_number"], terminal["model_name"], terminal["firmware"]]
    if not terminal["is_connected"]:
        about.append(say("last_seen", when=times.ago(terminal["last_seen_at"])))
    holds = []
    for name in _HOLDINGS:
        held = terminal["holdings"].get(name)
        if held is not None and held["used"] is not None:
            of = "" if held["capacity"] is None else f"/{held['capacity']}"
            holds.append(say(f"holds_{name}", count=f"{held['used']}{of}"))
    if terminal["pending_command_count"]:
        holds.append(say("pending", count=terminal["pending_command_count"]))
    lines = [" · ".join(one for one in about if one), " · ".join(holds)]
    return [plain(line) for line in lines if line]


def _switches(terminal: Terminal) -> None:
    number, status = terminal["serial_number"], terminal["status"]
    path = f"/terminals/{number}"
    if status != "allowed" and st.button(
        say("allow"), key=f"allow {number}", icon=":material/check:", type="primary"
    ):
        session.server().post(f"{path}/allow")
        _again(say("allowed"))
    if status == "allowed" and terminal["is_connected"]:
        if look.sure(
            f"open {number}",
            say("open_question", name=plain(terminal["name"] or number)),
            label=say("open_door"),
            confirm=say("open_sure"),
        ):
            session.server().post(f"{path}/open-door", {})
            _again(say("opened"))
        if st.button(say("set_clock"), key=f"clock {number}", icon=":material/schedule:"):
            session.server().post(f"{path}/time", {})
            _again(say("clock_set"))
    if status != "blocked" and st.button(
        say("block"), key=f"block {number}", icon=":material/block:", help=say("block_help")
    ):
        session.server().post(f"{path}/block")
        _again(say("blocked"))


def _changing(terminal: Terminal) -> None:
    number = terminal["serial_number"]
    name = st.text_input(say("name"), terminal["name"], key=f"name {number}", max_chars=200)
    zone = st.text_input(
        say("zone"),
        terminal["zone"] or "",
        key=f"zone {number}",
        placeholder="Asia/Jakarta",
        help=say("zone_help"),
    ).strip()
    if st.button(
        session.words("shared", "save"), key=f"save {number}", icon=":material/save:", type="primary"
    ):
        session.server().patch(f"/terminals/{number}", {"name": name.strip(), "zone": zone or None})
        _again(say("saved"))
    if look.sure(f"remove {number}", say("remove_question", name=plain(name or number)), label=say("remove")):
        session.server().delete(f"/terminals/{number}")
        _again(say("removed"))


def _adding() -> None:
    st.caption(say("add_help"))
    number = st.text_input(say("number"), key="new terminal number", max_chars=64, placeholder="ZXRB22001001")
    name = st.text_input(say("name"), key="new terminal name", max_chars=200, placeholder=say("name_such"))
    if st.button(say("add_now"), type="primary", icon=":material/add:", disabled=not number.strip()):
        session.server().post("/terminals", {"serial_number": number.strip(), "name": name.strip()})
        _again(say("added"))


def _again(sentence: str) -> None:
    look.tell_next_run(sentence)
    st.rerun()
