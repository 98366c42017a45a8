"""A Telegram chat as a channel: the bot's token, its chats, a name."""

from typing import Any

import streamlit as st

from facegate.page import look, session
from facegate.page.views.alerts import channel_form
from facegate.page.views.alerts.say import say


def show(form: str) -> str | None:
    """The id of the channel that was made in this run."""
    key = channel_form.fresh(form)
    st.caption(say("help_telegram"))
    # A form: outside of one, a secret is lost on whoever leaves its field by the tabulator.
    with st.form(f"{key} form", border=False):
        token = st.text_input(
            say("field_token"),
            type="password",
            key=f"{key} token",
            max_chars=200,
            autocomplete="off",
            help=say("secret_help_telegram_token"),
        ).strip()
        is_asked = st.form_submit_button(
            say("find_chats"), key=f"{key} find", icon=":material/travel_explore:"
        )
        with look.plain_troubles():
            if is_asked and token:
                with st.spinner(say("finding")):
                    found = session.server().post("/alerts/telegram/chats", {"token": token})
                st.session_state[f"{key} found"] = found["chats"]
        chat_id = _chat(key, st.session_state.get(f"{key} found"))
        name = st.text_input(
            say("name"), key=f"{key} name", max_chars=100, placeholder=say("name_such")
        ).strip()
        is_added = st.form_submit_button(
            say("add_now"), key=f"{key} add", type="primary", icon=":material/add:"
        )
    if (is_asked or is_added) and not token:
        st.warning(say("token_missing"))
    elif is_added and not (chat_id and name):
        st.warning(say("chat_missing"))
    elif is_added:
        return _added(form, name, chat_id, token)
    return None


def _added(form: str, name: str, chat_id: str, token: str) -> str | None:
    with look.plain_troubles():
        body = {
            "kind": "telegram",
            "name": name,
            "options": {"chat_id": chat_id},
            "secrets": {"token": token},
        }
        made = session.server().post("/alerts/channels", body)
        channel_form.begin_anew(form)
        return str(made["channel_id"])
    return None


def _chat(key: str, found: list[dict[str, Any]] | None) -> str:
    """One of those that the bot has heard of, or an id that somebody knows."""
    if found:
        titles = {one["chat_id"]: f"{one['title']} ({_kind(one['kind'])})" for one in found}
        chosen = st.selectbox(
            say("chat"), list(titles), format_func=lambda one: titles.get(one, one), key=f"{key} chat"
        )
        return chosen or ""
    if found is not None:
        st.info(say("no_chats"), icon=":material/info:")
    return st.text_input(
        say("field_chat_id"), key=f"{key} chat_id", max_chars=64, placeholder="123456789"
    ).strip()


def _kind(kind: str) -> str:
    return say(f"chat_{kind}") if kind in ("private", "group", "supergroup", "channel") else kind
