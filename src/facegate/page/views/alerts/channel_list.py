"""Every channel with what may be shown of it: tried, switched, changed, removed."""

from typing import Any

import streamlit as st

from facegate.page import choices, look, session
from facegate.page.plain_text import plain
from facegate.page.views.alerts import channel_form, telegram_form
from facegate.page.views.alerts.say import say

Channel = dict[str, Any]

KINDS = ("telegram", "webhook", "mqtt", "apprise")

_ICONS = {"telegram": "send", "webhook": "webhook", "mqtt": "hub", "apprise": "notifications"}


def show(channels: list[Channel]) -> None:
    """Draws it."""
    if not channels:
        look.empty(say("none_yet"), say("none_yet_step"))
    for channel in channels:
        with st.container(border=True, gap="xsmall"), look.plain_troubles():
            _card(channel)
    with st.expander(say("add"), icon=":material/add:", expanded=not channels, key="add channel"):
        _adding()


def _card(channel: Channel) -> None:
    channel_id = channel["channel_id"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(channel['name'])}**", width="content")
        st.badge(
            say(f"kind_{channel['kind']}"),
            icon=f":material/{_ICONS.get(channel['kind'], 'send')}:",
            color="gray",
        )
        if not channel["is_enabled"]:
            st.badge(say("off"), color="orange")
    for line in _facts(channel):
        st.caption(line)
    with st.container(horizontal=True, vertical_alignment="center"):
        is_tried = st.button(say("send_test"), key=f"test {channel_id}", icon=":material/outgoing_mail:")
        if channel["is_enabled"]:
            if st.button(say("switch_off"), key=f"off {channel_id}", icon=":material/notifications_off:"):
                _switch(channel_id, is_enabled=False)
        elif st.button(say("switch_on"), key=f"on {channel_id}", icon=":material/notifications_active:"):
            _switch(channel_id, is_enabled=True)
    with st.container(), look.plain_troubles():
        if is_tried:
            with st.spinner(say("sending")):
                session.server().post(f"/alerts/channels/{channel_id}/test")
            st.success(say("sent_test"), icon=":material/check:")
    with st.expander(say("change"), key=f"change {channel_id}"):
        channel_form.change(channel)
        question = say("remove_question", name=plain(channel["name"]))
        if look.sure(f"remove channel {channel_id}", question, label=say("remove")):
            session.server().delete(f"/alerts/channels/{channel_id}")
            look.tell_next_run(say("removed"))
            st.rerun()


def _facts(channel: Channel) -> list[str]:
    """Options as they are, secrets masked by the server."""
    words = [f"{_label(name)}: {value}" for name, value in channel["options"].items() if value]
    # What the option of the same name shows without its secrets is not shown a second time.
    words += [
        f"{_label(name)}: {value}"
        for name, value in channel["secrets"].items()
        if name not in channel["options"]
    ]
    return [plain(" · ".join(words))] if words else []


def _label(name: str) -> str:
    return channel_form.label(name)


def _switch(channel_id: str, *, is_enabled: bool) -> None:
    session.server().patch(f"/alerts/channels/{channel_id}", {"is_enabled": is_enabled})
    look.tell_next_run(say("switched_on" if is_enabled else "switched_off"))
    st.rerun()


def _adding() -> None:
    kind = st.segmented_control(
        say("kind"),
        KINDS,
        default="telegram",
        format_func=choices.worded(KINDS, "alerts", "kind"),
        required=True,
        key="new channel kind",
    )
    with look.plain_troubles():
        made = telegram_form.show("new channel") if kind == "telegram" else channel_form.add(str(kind))
        if made is not None:
            look.tell_next_run(say("added"))
            st.rerun()
