"""The form for a new camera: its address is tried before it is kept."""

import streamlit as st

from facegate.page import look, session
from facegate.page.views.cameras import alert_form, one_camera, opened
from facegate.page.views.cameras.say import say
from facegate.page.views.cameras.watching_form import TRANSPORTS

_USUAL_RULE = {"who": "known", "subject_ids": [], "groups": []}


def show() -> None:
    """Draws it."""
    if st.button(say("back"), icon=":material/arrow_back:", type="tertiary"):
        opened.go("")
    look.heading(say("add"), say("add_what_for"))
    nickname = st.text_input(
        say("nickname"), key="new nickname", max_chars=100, placeholder=say("nickname_such")
    )
    source = st.text_input(
        say("source"),
        key="new source",
        max_chars=2048,
        placeholder="rtsp://user:password@192.168.1.10:554/stream",
        autocomplete="off",
        help=say("source_help"),
    ).strip()
    transport = st.segmented_control(
        say("transport"), TRANSPORTS, default="tcp", format_func=str.upper, required=True, key="new transport"
    )
    is_tried = st.button(say("try_first"), icon=":material/cable:", disabled=not source)
    # A place of its own: what comes and goes before an expander would close it.
    with st.container():
        if is_tried:
            _try(source, transport)
    look.section(say("tab_alerts"), say("alerts_later"))
    alerts = alert_form.whom("new", _USUAL_RULE)
    alerts["channel_ids"] = alert_form.channels("new", [])
    if st.button(
        say("add_now"), type="primary", icon=":material/add:", disabled=not (source and nickname.strip())
    ):
        body = {
            "nickname": nickname.strip(),
            "source": source,
            "watch": {"transport": transport},
            "alerts": alerts,
        }
        camera = session.server().post("/cameras", body)
        look.tell_next_run(say("added"))
        opened.go(camera["camera_id"])
    if not (source and nickname.strip()):
        st.caption(say("add_needs"))


def _try(source: str, transport: str | None) -> None:
    with look.plain_troubles(), st.spinner(say("trying")):
        tried = session.server().post("/cameras/test", {"source": source, "transport": transport})
        st.success(one_camera.tried_words(tried), icon=":material/check:")
