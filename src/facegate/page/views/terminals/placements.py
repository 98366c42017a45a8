"""People of the gallery on terminals: wanted there, there, or refused."""

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from facegate.page import choices, look, pictures, session
from facegate.page.plain_text import plain
from facegate.page.views.events import choosing
from facegate.page.views.terminals.say import say

STATES = ("wanted", "placed", "unwanted", "refused")
_AT_ONCE = 200


def show(names: Mapping[str, str]) -> None:
    """Draws it."""
    st.caption(say("people_help"))
    states = st.pills(
        say("placement"),
        STATES,
        selection_mode="multi",
        format_func=choices.worded(STATES, "terminals", "placement"),
        key="placement states",
    )
    page = session.server().get("/terminals/placements", state=states or None, limit=_AT_ONCE)
    found = page["placements"]
    if not found:
        look.empty(say("no_people"), say("no_people_step"))
    else:
        rows = [
            {
                session.words("shared", "person"): one["name"] or one["subject_id"],
                say("terminal"): names.get(one["serial_number"], one["serial_number"]),
                say("placement"): say(f"placement_{one['state']}"),
                say("column_trouble"): one["last_error"],
            }
            for one in found
        ]
        st.dataframe(rows, hide_index=True, width="stretch", column_order=list(rows[0]))
    if page["next_after"] is not None:
        st.caption(say("only_newest", count=_AT_ONCE))
    if names:
        with (
            st.expander(say("place"), icon=":material/person_add:", key="place people"),
            look.plain_troubles(),
        ):
            _placing(names)


def _placing(names: Mapping[str, str]) -> None:
    subject_id = choosing.one("place person")
    numbers = st.multiselect(
        say("place_where"),
        list(names),
        format_func=lambda one: names.get(one, one),
        placeholder=say("place_everywhere"),
        select_all=False,
        key="place where",
    )
    photo = st.file_uploader(
        say("place_photo"),
        type=pictures.PICTURE_TYPES,
        max_upload_size=pictures.MAX_PICTURE_MB,
        help=say("place_photo_help"),
        key="place photo",
    )
    with st.container(horizontal=True):
        is_placed = st.button(
            say("place_now"), type="primary", icon=":material/add:", disabled=subject_id is None
        )
        is_removed = st.button(say("unplace_now"), icon=":material/remove:", disabled=subject_id is None)
    if is_placed and subject_id:
        _place(subject_id, numbers, photo)
        look.tell_next_run(say("placing", name=plain(subject_id)))
        st.rerun()
    if is_removed and subject_id:
        where = {"serial_numbers": numbers} if numbers else {}
        session.server().post("/terminals/placements/remove", {"subject_id": subject_id, **where})
        look.tell_next_run(say("unplacing", name=plain(subject_id)))
        st.rerun()


def _place(subject_id: str, numbers: list[str], photo: UploadedFile | None) -> None:
    server = session.server()
    if photo is None:
        where = {"serial_numbers": numbers} if numbers else {}
        server.post("/terminals/placements", {"subject_id": subject_id, **where})
        return
    fields = {"subject_id": subject_id}
    if numbers:
        fields["serial_numbers"] = ",".join(numbers)
    files = [("image", (photo.name, photo.getvalue(), photo.type))]
    server.send_files("/terminals/placements", files, fields)
