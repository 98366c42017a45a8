"""The view `identify`: a picture in, names and how sure they are out."""

import hashlib
from collections.abc import Mapping
from typing import Any

import streamlit as st

from facegate.page import look, pictures, session, sizes
from facegate.page.plain_text import plain

Face = Mapping[str, Any]

_RESULT = "identify result"
_SMALLEST_RATE = 1e-7
"""Beyond it the calibration says no more than "less"."""


def show() -> None:
    """Draws it."""
    look.heading(_say("title"), _say("what_for"))
    if session.server().get("/status")["template_count"] == 0:
        st.info(_say("nobody_enrolled"), icon=":material/info:")
        look.link("enrol", _say("go_enrol"), "person_add")
    given = _picture()
    checks_liveness = st.toggle(_say("liveness"), help=_say("liveness_help"))
    if given is None:
        look.empty(_say("nothing_yet"), _say("nothing_yet_next"))
        return
    answer = _identified(*given, checks_liveness=checks_liveness)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _show_picture(given[1], answer["faces"])
    with right:
        if not answer["faces"]:
            look.empty(_say("no_face"), _say("no_face_next"))
            return
        st.markdown(f"**{_say('faces', count=len(answer['faces']))}**")
        for number, face in enumerate(answer["faces"], 1):
            with st.container(border=True):
                _show_face(number, face)


def _picture() -> tuple[str, bytes] | None:
    """Name and bytes of what the visitor gave."""
    source = st.segmented_control(
        _say("from"),
        ["from_file", "from_webcam"],
        format_func=_say,
        default="from_file",
        required=True,
        label_visibility="collapsed",
    )
    if source == "from_webcam":
        taken = st.camera_input(_say("webcam"), width=640)
    else:
        taken = st.file_uploader(
            _say("file"), type=pictures.PICTURE_TYPES, max_upload_size=pictures.MAX_PICTURE_MB
        )
    return None if taken is None else (taken.name, taken.getvalue())


def _identified(name: str, content: bytes, *, checks_liveness: bool) -> Any:
    """The server's answer, asked once per picture: each question is an event in its history."""
    asked = (hashlib.sha256(content).hexdigest(), checks_liveness, session.server().root)
    kept = st.session_state.get(_RESULT)
    if kept is None or kept[0] != asked:
        with st.spinner(_say("working")):
            answer = session.server().send_files(
                "/identify",
                [("image", (name, content, "application/octet-stream"))],
                {"check_liveness": str(checks_liveness).lower(), "max_candidates": "3"},
            )
        kept = st.session_state[_RESULT] = (asked, answer)
    return kept[1]


def _show_picture(content: bytes, faces: list[Face]) -> None:
    marks = [
        pictures.Mark(
            **face["box"],
            label=f"{number} {_short_name(face)}".strip(),
            band=_band(face),
        )
        for number, face in enumerate(faces, 1)
    ]
    drawn = pictures.marked(content, marks)
    if drawn is None:
        st.caption(_say("not_shown"))
    else:
        st.image(drawn, width="stretch", alt=_say("picture_alt"))


def _show_face(number: int, face: Face) -> None:
    best = face["candidates"][0] if face["candidates"] else None
    st.markdown(f"**{number} · {_title(face)}**")
    if _band(face) != "unknown":
        look.band_badge(_band(face))
    if _is_refused(face):
        st.caption(_say("not_live"))
    elif best is not None and face["band"] != "unknown":
        st.progress(
            min(1.0, best["confidence"]), _say("confidence_is", percent=sizes.percent(best["confidence"]))
        )
        st.caption(_how_rare(best["false_match_rate"], _name_of(best, face)), help=_say("confidence_help"))
    if face["band"] in ("review", "unknown"):
        st.caption(_say(f"why_{face['band']}"))
    if face["liveness"] is not None and face["liveness"]["is_live"]:
        st.caption(_say("looks_live", percent=sizes.percent(face["liveness"]["live_probability"])))
    _show_quality(face["quality"])
    with st.expander(_say("candidates")):
        _show_candidates(face)


def _how_rare(rate: float, name: str) -> str:
    if rate <= _SMALLEST_RATE:
        count = sizes.counted(sizes.one_in(_SMALLEST_RATE))
        return _say("one_in_at_most", count=count, name=plain(name))
    return _say("one_in", count=sizes.counted(sizes.one_in(rate)), name=plain(name))


def _show_quality(quality: Mapping[str, Any]) -> None:
    percent = sizes.percent(quality["quality"])
    if quality["advice"] is None:
        st.caption(_say("quality_is", percent=percent))
    else:
        st.caption(_say("quality_advice", percent=percent, advice=session.advice(quality["advice"])))


def _show_candidates(face: Face) -> None:
    if not face["candidates"]:
        st.caption(_say("no_candidates"))
        return
    columns = ("column_person", "column_confidence", "column_similarity")
    st.dataframe(
        [
            dict(
                zip(
                    map(_say, columns),
                    (
                        _name_of(one, face),
                        sizes.percent(one["confidence"]),
                        f"{one['similarity']:.3f}",
                    ),
                    strict=True,
                )
            )
            for one in face["candidates"]
        ],
        hide_index=True,
    )
    count = sizes.counted(face["searched_template_count"])
    st.caption(_say("numbers", needed=f"{face['min_similarity']:.3f}", count=count))
    if face["margin"] is not None:
        st.caption(_say("margin", margin=f"{face['margin']:.3f}"))


def _title(face: Face) -> str:
    if face["match"] is not None:
        return plain(face["match"]["display_name"] or face["match"]["subject_id"])
    if face["band"] == "review":
        return _say("may_be", name=plain(_name_of(face["candidates"][0], face)))
    return _say("stranger")


def _short_name(face: Face) -> str:
    if face["match"] is not None:
        return str(face["match"]["display_name"] or face["match"]["subject_id"])
    return "?" if face["band"] == "review" else ""


def _name_of(candidate: Mapping[str, Any], face: Face) -> str:
    """Only the match comes with a name; of others the id is known."""
    match = face["match"]
    if match is not None and match["subject_id"] == candidate["subject_id"]:
        return str(match["display_name"] or match["subject_id"])
    return str(candidate["subject_id"])


def _is_refused(face: Face) -> bool:
    return face["liveness"] is not None and not face["liveness"]["is_live"]


def _band(face: Face) -> str:
    return "unknown" if _is_refused(face) else str(face["band"])


def _say(key: str, **values: object) -> str:
    return session.words("identify", key, **values)
