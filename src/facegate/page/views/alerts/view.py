"""Channels and the outbox, side by side as tabs."""

import streamlit as st

from facegate.page import look, session
from facegate.page.views.alerts import channel_list, outbox
from facegate.page.views.alerts.say import say


def show() -> None:
    """Draws it."""
    look.heading(session.words("shared", "menu_alerts"), say("what_for"))
    channels = session.server().get("/alerts/channels")["channels"]
    first, second = st.tabs([say("tab_channels"), say("tab_messages")], key="alert tabs")
    with first, look.plain_troubles():
        channel_list.show(channels)
    with second, look.plain_troubles():
        outbox.show({one["channel_id"]: one["name"] for one in channels})
