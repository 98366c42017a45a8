"""One person: id, name, groups, and photos from files and the webcam."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from facegate.page import pictures, session
from facegate.page.server import ServerSaid, in_path
from facegate.page.views.enrol import photo_results
from facegate.page.views.enrol.photo_results import Outcome, PhotoResult
from facegate.page.views.enrol.say import say

MAX_PHOTOS = 32

# Everything that the form holds has the round in its key: a new round is an empty form.
_ROUND, _SHOTS, _OUTCOME = "enrol round", "enrol shots", "enrol outcome"

_PHOTOS_FAULTS = frozenset(
    {
        "unreadable_image",
        "unsupported_image",
        "image_too_large",
        "no_face",
        "several_faces",
        "poor_quality",
        "not_live",
    }
)

_GOOD_QUALITY = 0.7
"""Below it a hint is worth a second look at the photo."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form says."""

    subject_id: str
    display_name: str
    groups: list[str]
    photos: list[tuple[str, bytes]]


def show() -> None:
    """The form, or what became of it."""
    outcome: Outcome | None = st.session_state.get(_OUTCOME)
    if outcome is not None:
        if photo_results.show(outcome):
            _begin_anew()
            st.rerun()
        return
    wanted = _form()
    if not st.button(say("submit"), type="primary", icon=":material/person_add:"):
        return
    if not wanted.subject_id:
        st.error(say("id_missing"))
    elif not wanted.photos:
        st.error(say("photos_missing"))
    elif len(wanted.photos) > MAX_PHOTOS:
        st.error(say("too_many", count=MAX_PHOTOS))
    else:
        st.session_state[_OUTCOME] = _enrol(wanted)
        st.rerun()


def _begin_anew() -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.session_state.pop(_OUTCOME, None)
    st.session_state.pop(_SHOTS, None)


def _form() -> _Wanted:
    number = st.session_state.setdefault(_ROUND, 0)
    left, right = st.columns(2)
    subject_id = left.text_input(
        say("subject_id"), help=say("subject_id_help"), max_chars=128, key=f"enrol id {number}"
    )
    name = right.text_input(
        say("display_name"), help=say("display_name_help"), max_chars=200, key=f"enrol name {number}"
    )
    groups = st.multiselect(
        session.words("shared", "groups"),
        [one["name"] for one in session.server().get("/groups")["groups"]],
        help=say("groups_help"),
        accept_new_options=True,
        placeholder="",
        key=f"enrol groups {number}",
    )
    files = st.file_uploader(
        say("photos"),
        type=pictures.PICTURE_TYPES,
        accept_multiple_files=True,
        max_upload_size=pictures.MAX_PICTURE_MB,
        key=f"enrol files {number}",
    )
    shots = _webcam(number)
    photos = [(file.name, file.getvalue()) for file in files]
    photos += [(say("shot_name", number=place), shot) for place, shot in enumerate(shots, 1)]
    return _Wanted(subject_id.strip(), name.strip(), [str(one) for one in groups], photos)


def _webcam(number: int) -> list[bytes]:
    """The photos that were kept."""
    shots: list[bytes] = st.session_state.setdefault(_SHOTS, [])
    if st.toggle(say("use_webcam"), key=f"enrol webcam {number}"):
        taken = st.camera_input(say("webcam"), width=480, key=f"enrol camera {number}")
        if taken is not None:
            content = taken.getvalue()
            is_new = hashlib.sha256(content).digest() not in {hashlib.sha256(one).digest() for one in shots}
            if st.button(say("keep_shot"), icon=":material/add_a_photo:", disabled=not is_new):
                shots.append(content)
                st.rerun()
    if shots:
        st.caption(say("shots", count=len(shots)))
        with st.container(horizontal=True):
            for shot in shots:
                st.image(shot, width=110, alt=say("shot_alt"))
        if st.button(say("drop_shots"), type="tertiary"):
            shots.clear()
            st.rerun()
    return shots


def _enrol(wanted: _Wanted) -> Outcome:
    """Photo by photo, so that each is told of as it comes; the first that is good makes the person."""
    bar = st.progress(0.0)
    results: list[PhotoResult] = []
    was_created, replaced_count = False, 0
    count = len(wanted.photos)
    for number, (name, content) in enumerate(wanted.photos, 1):
        bar.progress((number - 1) / count, say("progress", number=number, count=count))
        fields = {"subject_id": wanted.subject_id, "skip_known": "true"}
        if wanted.display_name:
            fields["display_name"] = wanted.display_name
        try:
            answer = session.server().send_files("/enrol", [_part(name, content)], fields)
        except ServerSaid as error:
            if error.kind not in _PHOTOS_FAULTS:
                raise
            results.append(PhotoResult(name, None, session.trouble(error)))
            continue
        was_created = was_created or bool(answer["was_created"])
        replaced_count += len(answer["replaced_template_ids"])
        quality = float(answer["accepted"][0]["quality"])
        results.append(PhotoResult(name, quality, _advice(name, content, quality)))
    if wanted.groups and any(one.is_accepted for one in results):
        path = f"/subject-groups/{in_path(wanted.subject_id)}"
        known = session.server().get(path)["groups"] if not was_created else []
        session.server().put(path, {"groups": sorted({*known, *wanted.groups})})
    shown_name = wanted.display_name or wanted.subject_id
    return Outcome(shown_name, tuple(results), was_created=was_created, replaced_count=replaced_count)


def _advice(name: str, content: bytes, quality: float) -> str:
    """What would make a photo better that was taken but is no good one."""
    if quality >= _GOOD_QUALITY:
        return ""
    faces = session.server().send_files("/detect", [_part(name, content)])["faces"]
    said = faces[0]["quality"]["advice"] if faces else None
    return session.advice(said) if said else ""


def _part(name: str, content: bytes) -> tuple[str, tuple[str, bytes, str]]:
    return ("image", (name, content, "application/octet-stream"))
