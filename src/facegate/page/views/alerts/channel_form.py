"""The fields of each kind of channel. What is secret is typed into password fields and never shown again."""

from typing import Any

import streamlit as st

from facegate.page import look, session
from facegate.page.views.alerts.say import say

_OPTIONS: dict[str, tuple[str, ...]] = {
    "telegram": ("chat_id", "thread_id", "silent"),
    "webhook": ("picture",),
    "mqtt": ("host", "port", "user", "tls", "protocol", "topic_prefix", "discovery_prefix", "picture"),
    "apprise": (),
}
_SECRETS: dict[str, tuple[str, ...]] = {
    "telegram": ("token",),
    "webhook": ("url", "signing_key"),
    "mqtt": ("password",),
    "apprise": ("url",),
}
_SWITCHES = ("silent", "picture", "tls")
_KNOWN_OPTIONS = frozenset(name for names in _OPTIONS.values() for name in names)
_SUCH_AS = {
    "chat_id": "123456789",
    "host": "192.168.1.20",
    "port": "1883",
    "protocol": "5",
    "topic_prefix": "facegate",
    "discovery_prefix": "homeassistant",
}


def secret_names(kind: str) -> tuple[str, ...]:
    """What a channel of this kind keeps secret."""
    return _SECRETS[kind]


def label(name: str) -> str:
    """A field's name in the visitor's language, or as the server has it where it is one we do not offer."""
    is_known = name in _KNOWN_OPTIONS or any(name in names for names in _SECRETS.values())
    return say(f"field_{name}") if is_known else name


def add(kind: str) -> str | None:
    """The id of the channel that was made in this run."""
    form = f"new {kind}"
    key = fresh(form)
    st.caption(say(f"help_{kind}"))
    # A form: outside of one, a secret is lost on whoever leaves its field by the tabulator.
    with st.form(f"{key} form", border=False):
        name = st.text_input(
            say("name"), key=f"{key} name", max_chars=100, placeholder=say("name_such")
        ).strip()
        options = _options(key, kind, {})
        secrets = _secrets(key, kind, has_some=False)
        is_added = st.form_submit_button(
            say("add_now"), key=f"{key} add", type="primary", icon=":material/add:"
        )
    if not is_added:
        return None
    if not name:
        st.warning(say("name_missing"))
        return None
    body = {"kind": kind, "name": name, "options": options, "secrets": secrets}
    made = session.server().post("/alerts/channels", body)
    begin_anew(form)
    return str(made["channel_id"])


def change(channel: dict[str, Any]) -> None:
    """Name, options and new secrets of one that is there."""
    channel_id, kind = channel["channel_id"], channel["kind"]
    key = fresh(f"channel {channel_id}")
    with st.form(f"{key} form", border=False):
        name = st.text_input(say("name"), channel["name"], key=f"{key} name", max_chars=100).strip()
        # Options that are not offered here, such as a broker's certificate, stay as they are.
        others = {one: value for one, value in channel["options"].items() if one not in _OPTIONS[kind]}
        options = {**others, **_options(key, kind, channel["options"])}
        secrets = _secrets(key, kind, has_some=True)
        is_saved = st.form_submit_button(
            session.words("shared", "save"), key=f"{key} save", type="primary", icon=":material/save:"
        )
    if is_saved:
        body: dict[str, Any] = {"name": name or channel["name"], "options": options}
        if secrets:
            body["secrets"] = secrets
        session.server().patch(f"/alerts/channels/{channel_id}", body)
        begin_anew(f"channel {channel_id}")
        look.tell_next_run(say("saved"))
        st.rerun()


def fresh(key: str) -> str:
    """The key of a form as it is now; another one after `begin_anew`."""
    return f"{key} {st.session_state.get(f'{key} round', 0)}"


def begin_anew(key: str) -> None:
    """What was typed is gone with the next run, from the browser too, its secrets first of all."""
    st.session_state[f"{key} round"] = st.session_state.get(f"{key} round", 0) + 1


def _options(key: str, kind: str, known: dict[str, str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for name in _OPTIONS[kind]:
        if name in _SWITCHES:
            if st.toggle(say(f"field_{name}"), known.get(name) == "true", key=f"{key} option {name}"):
                chosen[name] = "true"
            continue
        text = st.text_input(
            say(f"field_{name}"),
            known.get(name, ""),
            key=f"{key} option {name}",
            placeholder=_SUCH_AS.get(name, ""),
            max_chars=200,
        ).strip()
        if text:
            chosen[name] = text
    return chosen


def _secrets(key: str, kind: str, *, has_some: bool) -> dict[str, str]:
    typed = {
        name: st.text_input(
            say(f"field_{name}"),
            type="password",
            key=f"{key} secret {name}",
            max_chars=4096,
            autocomplete="off",
            placeholder=say("secret_stays") if has_some else "",
            help=say(f"secret_help_{kind}_{name}"),
        ).strip()
        for name in _SECRETS[kind]
    }
    return {name: value for name, value in typed.items() if value}
