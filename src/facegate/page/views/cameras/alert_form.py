"""Who is told of whom, over which channels, and when they want to be left alone."""

from typing import Any

import streamlit as st

from facegate.page import choices, look, session
from facegate.page.views.alerts import telegram_form
from facegate.page.views.cameras import hours_form
from facegate.page.views.cameras.say import say
from facegate.page.views.events import choosing

WHO = ("known", "unknown", "everybody", "chosen", "nobody")
_QUIET_HOURS = ("22:00", "06:00")
_MAX_DIGEST_MIN = 1440


def show(camera: dict[str, Any]) -> None:
    """Draws it, and keeps what was changed."""
    camera_id, rule = camera["camera_id"], camera["alerts"]
    changed: dict[str, Any] = whom(f"alert {camera_id}", rule)
    changed["channel_ids"] = channels(f"alert {camera_id}", rule["channel_ids"])
    changed |= _how_often(camera_id, rule)
    quiet, are_hours_right = _quiet(camera_id, rule)
    changed |= quiet
    changed |= _what_else(camera_id, rule)
    if st.button(
        session.words("shared", "save"),
        key=f"alert {camera_id} save",
        type="primary",
        icon=":material/save:",
        disabled=not are_hours_right,
    ):
        session.server().patch(f"/cameras/{camera_id}", {"alerts": changed})
        look.tell_next_run(say("saved"))
        st.rerun()


def whom(key: str, rule: dict[str, Any]) -> dict[str, Any]:
    """Whose visits are told."""
    who = st.selectbox(
        say("who"),
        WHO,
        WHO.index(rule["who"]),
        format_func=choices.worded(WHO, "cameras", "who"),
        key=f"{key} who",
    )
    changed: dict[str, Any] = {"who": who}
    if who == "chosen":
        left, right = st.columns(2)
        with left:
            changed["subject_ids"] = choosing.several(f"{key} people", rule["subject_ids"])
        with right:
            names = [one["name"] for one in session.server().get("/groups")["groups"]]
            known = sorted({*names, *rule["groups"]})
            changed["groups"] = st.multiselect(
                session.words("shared", "groups"),
                known,
                rule["groups"],
                key=f"{key} groups",
                placeholder=session.words("shared", "none"),
                select_all=False,
            )
    return changed


def channels(key: str, chosen: list[str]) -> list[str]:
    """Over which channels; a Telegram chat can be added on the spot."""
    known = {one["channel_id"]: one for one in session.server().get("/alerts/channels")["channels"]}
    made = st.session_state.pop(f"{key} made", None)
    if made is not None:
        st.session_state[f"{key} channels"] = [*st.session_state.get(f"{key} channels", chosen), made]
    if known:
        # Set before it is drawn, not as its default: a chat that was added on the spot is chosen at once.
        st.session_state.setdefault(f"{key} channels", [one for one in chosen if one in known])
        names = {channel_id: _channel_name(one) for channel_id, one in known.items()}
        wanted = st.multiselect(
            say("channels"),
            list(known),
            format_func=names.__getitem__,
            key=f"{key} channels",
            help=say("channels_help"),
            placeholder=say("channels_none"),
            select_all=False,
        )
    else:
        st.caption(say("no_channels"))
        wanted = list[str]()
    with st.expander(say("new_telegram"), icon=":material/send:", key=f"{key} new telegram"):
        made = telegram_form.show(f"{key} telegram")
    if made is not None:
        st.session_state[f"{key} made"] = made
        st.rerun()
    return wanted


def _channel_name(channel: dict[str, Any]) -> str:
    name = f"{channel['name']} ({session.words('alerts', 'kind_' + channel['kind'])})"
    return name if channel["is_enabled"] else f"{name}, {session.words('alerts', 'off')}"


def _how_often(camera_id: str, rule: dict[str, Any]) -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        cooldown_min = st.number_input(
            say("cooldown"),
            0.0,
            525_600.0,
            rule["cooldown_seconds"] / 60,
            5.0,
            format="%g",
            help=say("cooldown_help"),
            key=f"alert {camera_id} cooldown",
        )
    with right:
        digest_min = st.number_input(
            say("digest"),
            0,
            _MAX_DIGEST_MIN,
            rule["digest_every_s"] // 60,
            5,
            help=say("digest_help"),
            key=f"alert {camera_id} digest",
        )
    once = st.toggle(say("once_per_day"), rule["once_per_day"], key=f"alert {camera_id} once")
    return {
        "cooldown_seconds": round(cooldown_min * 60),
        "digest_every_s": digest_min * 60,
        "once_per_day": once,
    }


def _quiet(camera_id: str, rule: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """What changes, and whether it can be kept."""
    key = f"alert {camera_id} quiet"
    known = rule["quiet_hours"]
    if not st.toggle(say("has_quiet"), known is not None, help=say("has_quiet_help"), key=f"{key} on"):
        return {"quiet_hours": None}, True
    hours = hours_form.show(key, known, _QUIET_HOURS)
    is_told_after = st.toggle(say("digest_after_quiet"), rule["digest_after_quiet"], key=f"{key} after")
    return {"quiet_hours": hours, "digest_after_quiet": is_told_after}, hours is not None


def _what_else(camera_id: str, rule: dict[str, Any]) -> dict[str, bool]:
    names = ("sends_picture", "tells_leaving", "tells_health")
    return {name: st.toggle(say(name), rule[name], key=f"alert {camera_id} {name}") for name in names}
