"""All cameras as cards, each with its last picture and how it is."""

from typing import Any

import streamlit as st

from facegate.page import inline_pictures, look, session
from facegate.page.plain_text import plain
from facegate.page.server import ServerSaid
from facegate.page.views.cameras import opened, state
from facegate.page.views.cameras.say import say

_PER_ROW = 3
_EVERY_S = 10
_CARD_SIDE_PX = 480


def show() -> None:
    """Draws it."""
    look.heading(session.words("shared", "menu_cameras"), say("what_for"))
    if st.button(say("add"), type="primary", icon=":material/add:"):
        opened.go(opened.NEW)
    _cards()


@st.fragment(run_every=_EVERY_S)
def _cards() -> None:
    with look.plain_troubles():
        cameras = session.server().get("/cameras")["cameras"]
        if not cameras:
            look.empty(say("none_yet"), say("none_yet_step"))
        for start in range(0, len(cameras), _PER_ROW):
            row = cameras[start : start + _PER_ROW]
            for column, camera in zip(st.columns(_PER_ROW), row, strict=False):
                with column, st.container(border=True, gap="xsmall"):
                    _card(camera)


def _card(camera: dict[str, Any]) -> None:
    status = camera["status"]
    _picture(camera)
    st.markdown(f"**{plain(camera['nickname'])}**")
    state.chip(status)
    st.caption(state.short_facts(status) or "\N{NO-BREAK SPACE}")
    if st.button(say("open"), key=f"open {camera['camera_id']}", width="stretch"):
        opened.go(camera["camera_id"])


def _picture(camera: dict[str, Any]) -> None:
    status = camera["status"]
    if status is not None and status["state"] in ("live", "frozen"):
        try:
            jpeg = session.server().content(
                f"/cameras/{camera['camera_id']}/snapshot.jpg", max_side_px=_CARD_SIDE_PX
            )
            inline_pictures.show(jpeg, say("picture_of", name=camera["nickname"]))
            return
        except ServerSaid as error:
            if error.kind not in ("camera_failed", "camera_not_found", "capability_missing"):
                raise
    inline_pictures.show_none(say("no_picture"))
