"""Hours of weekdays: when a camera is watched, or when nobody is to be told."""

from collections.abc import Sequence
from datetime import time
from typing import Any

import streamlit as st

from facegate.page.views.cameras.say import say

_DAYS = tuple(range(7))
_DAY_WORDS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MAX_ROWS = 10

Hours = dict[str, Any]


def show(key: str, known: Sequence[Hours] | None, usual: tuple[str, str]) -> list[Hours] | None:
    """Rows of begin, end and days. None where a row has no day: that cannot be kept."""
    if f"{key} 0 from" not in st.session_state:
        # Drawn anew: what was begun here before is gone with its fields.
        st.session_state[f"{key} rows"] = max(1, len(known or ()))
    rows = st.session_state[f"{key} rows"]
    wanted: list[Hours] = []
    for number in range(rows):
        row = known[number] if known and number < len(known) else None
        wanted.append(_row(f"{key} {number}", row, usual))
    with st.container(horizontal=True):
        if rows < _MAX_ROWS and st.button(
            say("hours_more"), key=f"{key} more", icon=":material/add:", type="tertiary"
        ):
            st.session_state[f"{key} rows"] = rows + 1
            st.rerun()
        if rows > 1 and st.button(
            say("hours_less"), key=f"{key} less", icon=":material/remove:", type="tertiary"
        ):
            st.session_state[f"{key} rows"] = rows - 1
            st.rerun()
    if any(not row["days"] for row in wanted):
        st.warning(say("hours_no_day"))
        return None
    return wanted


def _row(key: str, known: Hours | None, usual: tuple[str, str]) -> Hours:
    begins, ends = (known["begins"], known["ends"]) if known else usual
    first, second = st.columns(2)
    with first:
        from_at = st.time_input(say("hours_from"), time.fromisoformat(begins), key=f"{key} from")
    with second:
        to_at = st.time_input(say("hours_to"), time.fromisoformat(ends), key=f"{key} to")
    days = st.pills(
        say("hours_days"),
        _DAYS,
        selection_mode="multi",
        default=known["days"] if known else list(_DAYS),
        format_func=[say(one) for one in _DAY_WORDS].__getitem__,
        key=f"{key} days",
    )
    return {
        "begins": (from_at or time(0)).isoformat("minutes"),
        "ends": (to_at or time(0)).isoformat("minutes"),
        "days": sorted(days),
    }
