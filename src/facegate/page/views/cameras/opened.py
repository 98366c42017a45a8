"""Which camera the visitor looks at, remembered while they are at other views."""

import streamlit as st

NEW = "new camera"
_OPENED = "opened_camera"


def now() -> str:
    """Its id, NEW for the form, or nothing for the list."""
    return str(st.session_state.get(_OPENED, ""))


def go(place: str) -> None:
    """To a camera or the form; nothing leads back to the list."""
    st.session_state[_OPENED] = place
    st.rerun()
