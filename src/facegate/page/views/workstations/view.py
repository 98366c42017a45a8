"""Live sessions, registered users, evidence."""

import streamlit as st

from facegate.page import look, session
from facegate.page.views.workstations import client_list, evidence, live
from facegate.page.views.workstations.say import say


def show() -> None:
    """Draws it."""
    look.heading(session.words("shared", "menu_workstations"), say("what_for"))
    users, now, found = st.tabs(
        [say("tab_users"), say("tab_live"), say("tab_evidence")], key="workstation tabs"
    )
    with users, look.plain_troubles():
        client_list.show()
    with now:
        live.show()
    with found, look.plain_troubles():
        evidence.show()
