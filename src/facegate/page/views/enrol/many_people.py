"""Many people at once: a zip or a folder of photos, or a file of encodings."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from facegate.page import look, photo_batches, pictures, session, sizes
from facegate.page.photo_batches import Found, FoundPhoto
from facegate.page.server import ServerSaid
from facegate.page.views.enrol.say import say

_REPORT = "import report"


@dataclass(slots=True)
class _Report:
    """What became of an import so far."""

    photo_count: int
    done_count: int = 0
    accepted_count: int = 0
    people: set[str] = field(default_factory=set)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""


def show() -> None:
    """The choice of a source, and the import of it."""
    source = st.segmented_control(
        say("many_from"),
        ["many_zip", "many_folder", "many_encodings"],
        format_func=say,
        default="many_zip",
        required=True,
        label_visibility="collapsed",
    )
    if source == "many_encodings":
        _encodings()
        return
    st.caption(say("many_what"))
    found = _in_zip() if source == "many_zip" else _in_folder()
    if found is not None and _is_wanted(found):
        st.session_state[_REPORT] = _import(found.photos)
    report: _Report | None = st.session_state.get(_REPORT)
    if report is not None:
        _show_report(report)


def _is_wanted(found: Found) -> bool:
    """Says what was found; true when the visitor starts the import."""
    if not found.photos:
        st.warning(say("no_photos"), icon=":material/folder_off:")
        return False
    people = len({photo.person for photo in found.photos})
    st.markdown(say("found", photos=sizes.counted(len(found.photos)), people=sizes.counted(people)))
    if found.left_out_count:
        st.caption(say("left_out", count=sizes.counted(found.left_out_count)))
    return st.button(say("start_import"), type="primary", icon=":material/upload:")


def _in_zip() -> Found | None:
    given = st.file_uploader(say("zip_file"), type=["zip"])
    if given is None:
        return None
    try:
        return photo_batches.photos_of_zip(io.BytesIO(given.getvalue()))
    except photo_batches.NoZip:
        st.error(say("not_a_zip"), icon=":material/error:")
        return None


def _in_folder() -> Found | None:
    given = st.file_uploader(say("folder"), type=pictures.PICTURE_TYPES, accept_multiple_files="directory")
    if not given:
        return None
    return photo_batches.photos_of_folder([(file.name, file.getvalue()) for file in given])


def _import(photos: Sequence[FoundPhoto]) -> _Report:
    """Portion by portion. What the server cannot do ends it, and the report says how far it came."""
    report = _Report(len(photos))
    bar = st.progress(0.0)
    remaining = list(photos)
    for batch in photo_batches.batches(photos):
        done = sizes.counted(report.done_count)
        count = sizes.counted(report.photo_count)
        bar.progress(report.done_count / report.photo_count, say("importing", done=done, count=count))
        taken, remaining = _split(remaining, batch.photo_count + len(batch.broken))
        try:
            _send(batch, taken, report)
        except ServerSaid as error:
            report.trouble = session.trouble(error)
            break
        report.done_count += len(taken)
    bar.empty()
    return report


def _split(photos: list[FoundPhoto], count: int) -> tuple[list[FoundPhoto], list[FoundPhoto]]:
    return photos[:count], photos[count:]


def _send(batch: photo_batches.Batch, photos: list[FoundPhoto], report: _Report) -> None:
    unreadable = session.words("troubles", "unreadable_image")
    report.rejected.extend((path, unreadable) for path in batch.broken)
    if not batch.photo_count:
        return
    file = ("file", ("photos.zip", batch.archive, "application/zip"))
    answer = session.server().send_files("/import/photos", [file], is_long=True)
    refused = {row["label"] for row in answer["rejected"]} | set(batch.broken)
    report.accepted_count += answer["accepted_count"]
    report.people.update(photo.person for photo in photos if photo.path not in refused)
    report.rejected.extend(
        (row["label"], session.trouble(ServerSaid(row["kind"], row["message"]))) for row in answer["rejected"]
    )


def _show_report(report: _Report) -> None:
    if report.trouble:
        done, count = sizes.counted(report.done_count), sizes.counted(report.photo_count)
        st.error(f"{report.trouble} {say('import_broken', done=done, count=count)}")
    else:
        count = sizes.counted(report.photo_count)
        st.success(say("import_done", accepted=sizes.counted(report.accepted_count), count=count))
    look.tiles(
        [
            (say("import_people"), sizes.counted(len(report.people))),
            (say("import_accepted"), sizes.counted(report.accepted_count)),
            (say("import_rejected"), sizes.counted(len(report.rejected))),
        ]
    )
    _show_rejected(report.rejected)
    look.link("people", say("next_people"), "group")


def _show_rejected(rejected: list[tuple[str, str]]) -> None:
    if not rejected:
        return
    with st.expander(say("rejected_list"), expanded=len(rejected) < 20):
        st.dataframe(
            [{say("column_file"): file, say("column_why"): why} for file, why in rejected], hide_index=True
        )


def _encodings() -> None:
    st.caption(say("encodings_what"))
    given = st.file_uploader(say("encodings_file"), type=["npz", "json", "csv"])
    if given is None or not st.button(say("start_import"), type="primary", icon=":material/upload:"):
        return
    with st.spinner(say("sending")):
        file = ("file", (given.name, given.getvalue(), "application/octet-stream"))
        answer = session.server().send_files("/import/encodings", [file], is_long=True)
    count, people = sizes.counted(answer["imported_count"]), sizes.counted(answer["subject_count"])
    st.success(say("encodings_done", count=count, people=people))
    if answer["imported_count"] and not answer["is_searched"]:
        st.warning(say("encodings_unused"), icon=":material/info:")
    _show_rejected(
        [
            (row["label"], session.trouble(ServerSaid(row["kind"], row["message"])))
            for row in answer["rejected"]
        ]
    )
