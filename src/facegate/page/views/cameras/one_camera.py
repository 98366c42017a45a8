"""One camera: its live picture, how it is, what to do with it, and its settings."""

from typing import Any

import streamlit as st

from facegate.page import inline_pictures, look, session, times
from facegate.page.plain_text import plain
from facegate.page.server import ServerSaid
from facegate.page.views.cameras import alert_form, opened, state, watching_form
from facegate.page.views.cameras.say import say

_EVERY_S = 1.5
_LIVE_SIDE_PX = 960
_SNOOZE_MINUTES = (15, 60, 240, 1440)


def show(camera_id: str) -> None:
    """Draws it."""
    if st.button(say("back"), icon=":material/arrow_back:", type="tertiary"):
        opened.go("")
    try:
        camera = session.server().get(f"/cameras/{camera_id}")
    except ServerSaid as error:
        if error.kind != "camera_not_found":
            raise
        look.empty(say("gone"), say("gone_step"))
        return
    look.heading(plain(camera["nickname"]))
    _live(camera_id, camera["nickname"])
    _switches(camera)
    watching, alerts, removing = st.tabs(
        [say("tab_watching"), say("tab_alerts"), say("tab_remove")], key=f"tabs {camera_id}"
    )
    with watching:
        watching_form.show(camera)
    with alerts:
        alert_form.show(camera)
    with removing:
        _removing(camera)


@st.fragment(run_every=_EVERY_S)
def _live(camera_id: str, nickname: str) -> None:
    with look.plain_troubles():
        status = session.server().get(f"/cameras/{camera_id}")["status"]
        seen, facts = st.columns([3, 2], gap="medium")
        with seen:
            _picture(camera_id, nickname)
        with facts:
            state.chip(status)
            state.trouble(status)
            if status is not None:
                _facts(status)


def _picture(camera_id: str, nickname: str) -> None:
    try:
        jpeg = session.server().content(f"/cameras/{camera_id}/snapshot.jpg", max_side_px=_LIVE_SIDE_PX)
    except ServerSaid as error:
        if error.kind not in ("camera_failed", "capability_missing"):
            raise
        inline_pictures.show_none(say("no_picture"))
        return
    inline_pictures.show(jpeg, say("picture_of", name=nickname))


def _facts(status: dict[str, Any]) -> None:
    delay_ms = status["latency_ms"]
    look.tiles(
        [
            (say("tile_people"), str(status["people_count"])),
            (say("tile_analysed"), f"{status['analysed_per_s']:.1f}"),
            (say("tile_coming"), f"{status['frames_per_s']:.1f}"),
            (say("tile_delay"), "-" if delay_ms is None else f"{delay_ms:.0f} ms"),
        ],
        per_row=2,
    )
    if status["stream"]:
        st.caption(state.stream_words(status["stream"]))
    counts = status["counts"]
    st.caption(
        say(
            "frames",
            decoded=counts["decoded"],
            analysed=counts["analysed"],
            not_due=counts["not_due"],
            still=counts["still"],
            superseded=counts["superseded"],
            reconnects=status["reconnect_count"],
        )
    )


def _switches(camera: dict[str, Any]) -> None:
    camera_id = camera["camera_id"]
    path = f"/cameras/{camera_id}"
    with st.container(horizontal=True):
        if camera["is_enabled"]:
            if st.button(say("stop"), icon=":material/stop:", key=f"stop {camera_id}"):
                session.server().post(f"{path}/stop")
                _again(say("stopped"))
        elif st.button(say("start"), icon=":material/play_arrow:", key=f"start {camera_id}", type="primary"):
            session.server().post(f"{path}/start")
            _again(say("started"))
        is_tried = st.button(say("try_now"), icon=":material/cable:", key=f"try {camera_id}")
        _snooze(camera)
    # A place of its own: what comes and goes before tabs would turn back to the first.
    with st.container(), look.plain_troubles():
        if is_tried:
            with st.spinner(say("trying")):
                tried = session.server().post(f"{path}/test")
            st.success(tried_words(tried), icon=":material/check:")


def tried_words(tried: dict[str, Any]) -> str:
    """What an address that was tried gives."""
    return say("gives", stream=state.stream_words(tried["stream"]), ms=f"{tried['took_ms']:.0f}")


def _snooze(camera: dict[str, Any]) -> None:
    camera_id, until = camera["camera_id"], camera["alerts"]["snoozed_until"]
    is_snoozed = bool(until) and times.local(until) > times.now()
    label = say("snoozed_until", when=times.when(until)) if is_snoozed else say("snooze")
    with st.popover(plain(label), icon=":material/notifications_paused:"):
        st.caption(say("snooze_means"))
        for minutes in _SNOOZE_MINUTES:
            if st.button(times.span(minutes * 60), key=f"snooze {camera_id} {minutes}", width="stretch"):
                session.server().post(f"/cameras/{camera_id}/snooze", {"minutes": minutes})
                _again(say("snoozed"))
        if is_snoozed and st.button(say("snooze_end"), key=f"snooze {camera_id} end", type="primary"):
            session.server().post(f"/cameras/{camera_id}/snooze", {})
            _again(say("snooze_ended"))


def _removing(camera: dict[str, Any]) -> None:
    st.caption(say("remove_means"))
    question = say("remove_question", name=plain(camera["nickname"]))
    if look.sure(f"remove {camera['camera_id']}", question, label=say("remove")):
        session.server().delete(f"/cameras/{camera['camera_id']}")
        look.tell_next_run(say("removed"))
        opened.go("")


def _again(sentence: str) -> None:
    look.tell_next_run(sentence)
    st.rerun()
