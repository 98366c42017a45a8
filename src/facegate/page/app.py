"""The page itself, run by Streamlit (`facegate ui`): sign-in, sidebar, and the view that was chosen."""

from pathlib import Path

import streamlit as st

from facegate.page import look, session
from facegate.page.menu import menu
from facegate.page.server import ServerSaid
from facegate.page.words import Language

# A named icon would be fetched from elsewhere by the browser.
_ICON = Path(__file__).with_name("icon.svg")


def run() -> None:
    """One run of the script, which Streamlit repeats at every click."""
    st.set_page_config(page_title="facegate", page_icon=_ICON, layout="wide")
    st.logo(_ICON, size="large")
    session.begin()
    look.begin()
    is_signed_in = session.is_signed_in()
    # The views are known before sign-in too: whoever opens one by its address is there afterwards.
    chosen = st.navigation(menu(), position="sidebar" if is_signed_in else "hidden")
    if not is_signed_in:
        _sign_in_form()
        return
    with st.sidebar:
        _language_choice()
        _token_override()
    look.told()
    with look.plain_troubles():
        chosen.run()


def _sign_in_form() -> None:
    _, middle, _ = st.columns([1, 2, 1])
    with middle:
        _language_choice()
        look.heading("facegate", session.words("shared", "welcome"))
        with st.form("sign_in", border=True, clear_on_submit=False):
            root = _server_field()
            token = st.text_input(
                session.words("shared", "token"), type="password", help=session.words("shared", "token_help")
            )
            is_sent = st.form_submit_button(
                session.words("shared", "sign_in"), type="primary", width="stretch"
            )
        if is_sent:
            _try(token, root)


def _token_override() -> None:
    with st.expander(session.words("shared", "signed_in"), icon=":material/key:"):
        with st.form("other_token", border=False, clear_on_submit=True):
            root = _server_field()
            token = st.text_input(session.words("shared", "other_token"), type="password")
            is_sent = st.form_submit_button(session.words("shared", "use_token"), width="stretch")
        if is_sent:
            _try(token, root)
        if st.button(session.words("shared", "sign_out"), icon=":material/logout:", width="stretch"):
            session.sign_out()
            st.rerun()


def _server_field() -> str:
    root = session.server().root
    if session.may_choose_server():
        return st.text_input(session.words("shared", "server"), value=root)
    st.caption(session.words("shared", "server_is", server=root))
    return root


def _try(token: str, root: str) -> None:
    if not token.strip():
        st.error(session.words("shared", "token_missing"))
        return
    try:
        session.sign_in(token.strip(), root)
    except ServerSaid as error:
        st.error(session.trouble(error), icon=":material/error:")
        return
    st.rerun()


def _language_choice() -> None:
    # Set anew in each run: the control is drawn in two places, and forgets what it showed in the other.
    st.session_state["language_choice"] = session.language()
    st.segmented_control(
        session.words("shared", "language"),
        list(Language),
        format_func=lambda one: one.value,
        key="language_choice",
        label_visibility="collapsed",
        required=True,
        on_change=_take_language,
    )


def _take_language() -> None:
    session.speak(Language(st.session_state["language_choice"]))


if __name__ == "__main__":
    run()
