"""Which person is open."""

import streamlit as st

_OPENED = "person opened"


def subject_id() -> str | None:
    """Whose details are shown; None shows the list."""
    opened: str | None = st.session_state.get(_OPENED)
    return opened


def show_person(an_id: str) -> None:
    """Opens them in the next run."""
    st.session_state[_OPENED] = an_id


def close() -> None:
    """Back to the list."""
    st.session_state.pop(_OPENED, None)
