"""What terminals reported: scans, unknown faces, events of the door."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from facegate.page import choices, look, session, times
from facegate.page.views.terminals.say import say

KINDS = ("attendance", "unknown_face", "device_event")
_AT_ONCE = 100


def show(names: Mapping[str, str]) -> None:
    """Draws it, newest first."""
    left, right = st.columns(2)
    with left:
        number = st.selectbox(
            say("terminal"),
            list(names),
            index=None,
            format_func=lambda one: names.get(one, one),
            placeholder=say("all"),
            key="activity terminal",
        )
    with right:
        kinds = st.multiselect(
            say("kind"),
            KINDS,
            format_func=choices.worded(KINDS, "terminals", "kind"),
            placeholder=say("all"),
            select_all=False,
            key="activity kind",
        )
    page = session.server().get(
        "/terminals/activity", serial_number=number, kind=kinds or None, limit=_AT_ONCE
    )
    if not page["activity"]:
        look.empty(say("no_activity"), say("no_activity_step"))
        return
    rows = [_row(one, names) for one in page["activity"]]
    st.dataframe(rows, hide_index=True, width="stretch", column_order=list(rows[0]))
    if page["next_after"] is not None:
        st.caption(say("only_newest", count=_AT_ONCE))


def _row(one: dict[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    who = one["name"] or (str(one["enroll_id"]) if one["kind"] == "attendance" else "")
    how = one["mode_label"] if one["kind"] == "attendance" else one["event_label"]
    return {
        say("column_when"): times.when(one["occurred_at"] or one["received_at"]),
        say("column_who"): who or say(f"kind_{one['kind']}"),
        say("column_how"): how,
        say("terminal"): names.get(one["serial_number"], one["serial_number"]),
    }
