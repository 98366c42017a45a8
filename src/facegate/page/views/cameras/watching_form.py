"""How a camera is looked at: name, address, rate, size, zone, certainty, hours."""

from typing import Any

import streamlit as st

from facegate.page import choices, look, session
from facegate.page.views.alerts.channel_form import begin_anew, fresh
from facegate.page.views.cameras import hours_form, zone_form
from facegate.page.views.cameras.say import say

SIDES_PX = (160, 320, 480, 640, 960, 1280)
TRANSPORTS = ("tcp", "udp")
DECODERS = ("none", "auto", "vaapi", "cuda", "videotoolbox", "d3d11va")
_USUAL_HOURS = ("08:00", "18:00")


def show(camera: dict[str, Any]) -> None:
    """Draws it, and keeps what was changed."""
    camera_id, watch = camera["camera_id"], camera["watch"]
    nickname = st.text_input(
        say("nickname"), camera["nickname"], max_chars=100, key=f"watch {camera_id} nickname"
    )
    changed: dict[str, Any] = _looking(camera_id, watch)
    zone, is_zone_right = zone_form.show(camera_id, watch["zone"])
    changed["zone"] = zone
    changed["schedule"], are_hours_right = _schedule(camera_id, watch["schedule"])
    with st.expander(say("connection"), icon=":material/cable:", key=f"watch {camera_id} connection"):
        source = _connection(camera, changed)
    is_right = is_zone_right and are_hours_right and bool(nickname.strip())
    if st.button(
        session.words("shared", "save"),
        key=f"watch {camera_id} save",
        type="primary",
        icon=":material/save:",
        disabled=not is_right,
    ):
        body: dict[str, Any] = {"nickname": nickname.strip(), "watch": changed}
        if source.strip():
            body["source"] = source.strip()
        session.server().patch(f"/cameras/{camera_id}", body)
        # So that the address is not on the page any longer than it is needed.
        begin_anew(f"watch {camera_id} source")
        look.tell_next_run(say("saved"))
        st.rerun()


def _looking(camera_id: str, watch: dict[str, Any]) -> dict[str, Any]:
    left, right = st.columns(2)
    key = f"watch {camera_id}"
    with left:
        wanted = _rate_and_certainty(key, watch)
    with right:
        wanted |= _sizes_and_votes(key, watch)
    for name in ("has_motion_gate", "checks_liveness"):
        wanted[name] = st.toggle(say(name), watch[name], help=say(f"{name}_help"), key=f"{key} {name}")
    return wanted


def _rate_and_certainty(key: str, watch: dict[str, Any]) -> dict[str, Any]:
    rate = st.number_input(
        say("frames_per_s"),
        0.1,
        30.0,
        float(watch["frames_per_s"]),
        0.5,
        format="%.1f",
        help=say("frames_per_s_help"),
        key=f"{key} rate",
    )
    threshold = st.slider(
        say("threshold"),
        0.0,
        1.0,
        float(watch["threshold"]),
        0.01,
        help=say("threshold_help"),
        key=f"{key} threshold",
    )
    leave_after_s = st.number_input(
        say("leave_after_s"),
        1.0,
        3600.0,
        float(watch["leave_after_s"]),
        1.0,
        format="%.0f",
        help=say("leave_after_s_help"),
        key=f"{key} leave",
    )
    return {"frames_per_s": rate, "threshold": threshold, "leave_after_s": leave_after_s}


def _sizes_and_votes(key: str, watch: dict[str, Any]) -> dict[str, Any]:
    side = st.select_slider(
        say("detection_side_px"),
        SIDES_PX,
        watch["detection_side_px"],
        help=say("detection_side_px_help"),
        key=f"{key} side",
    )
    min_face_px = st.slider(
        say("min_face_px"),
        16,
        max(400, int(watch["min_face_px"])),
        int(watch["min_face_px"]),
        4,
        help=say("min_face_px_help"),
        key=f"{key} face",
    )
    votes = st.number_input(
        say("votes_needed"),
        1,
        30,
        int(watch["votes_needed"]),
        help=say("votes_needed_help"),
        key=f"{key} votes",
    )
    return {"detection_side_px": side, "min_face_px": min_face_px, "votes_needed": votes}


def _schedule(camera_id: str, known: list[dict[str, Any]] | None) -> tuple[list[dict[str, Any]] | None, bool]:
    key = f"watch {camera_id} hours"
    if not st.toggle(say("has_schedule"), known is not None, help=say("has_schedule_help"), key=f"{key} on"):
        return None, True
    hours = hours_form.show(key, known, _USUAL_HOURS)
    return hours, hours is not None


def _connection(camera: dict[str, Any], changed: dict[str, Any]) -> str:
    camera_id, watch = camera["camera_id"], camera["watch"]
    st.caption(say("source_now"))
    st.code(camera["source"], language=None)
    source = st.text_input(
        say("source_new"),
        key=fresh(f"watch {camera_id} source"),
        max_chars=2048,
        autocomplete="off",
        help=say("source_new_help"),
    )
    left, right = st.columns(2)
    with left:
        changed["transport"] = st.selectbox(
            say("transport"),
            TRANSPORTS,
            TRANSPORTS.index(watch["transport"]),
            format_func=str.upper,
            key=f"watch {camera_id} transport",
        )
    with right:
        changed["hardware_decode"] = st.selectbox(
            say("hardware_decode"),
            DECODERS,
            DECODERS.index(watch["hardware_decode"]),
            format_func=choices.worded(DECODERS, "cameras", "decoder"),
            key=f"watch {camera_id} decode",
        )
    return source
