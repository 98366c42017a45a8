"""Terminals, what they reported, and who is wanted on them."""

import streamlit as st

from facegate.page import look, session
from facegate.page.views.terminals import activity, placements, terminal_list
from facegate.page.views.terminals.say import say


def show() -> None:
    """Draws it."""
    look.heading(session.words("shared", "menu_terminals"), say("what_for"))
    terminals = session.server().get("/terminals", limit=200)["terminals"]
    names = {one["serial_number"]: one["name"] or one["serial_number"] for one in terminals}
    first, second, third = st.tabs(
        [say("tab_terminals"), say("tab_activity"), say("tab_people")], key="terminal tabs"
    )
    with first, look.plain_troubles():
        terminal_list.show(terminals)
    with second, look.plain_troubles():
        activity.show(names)
    with third, look.plain_troubles():
        placements.show(names)
