"""Which part of the view is shown."""

import streamlit as st

from facegate.page import look
from facegate.page.views.enrol import many_people, one_person
from facegate.page.views.enrol.say import say


def show() -> None:
    """Draws it."""
    look.heading(say("title"), say("what_for"))
    one, many = st.tabs([say("tab_one"), say("tab_many")])
    with one, look.plain_troubles():
        one_person.show()
    with many, look.plain_troubles():
        many_people.show()
