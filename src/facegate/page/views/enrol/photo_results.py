"""What became of each photo of a person."""

from dataclasses import dataclass

import streamlit as st

from facegate.page import look, sizes
from facegate.page.plain_text import plain
from facegate.page.views.enrol.say import say


@dataclass(frozen=True, slots=True)
class PhotoResult:
    """`quality` is None for a photo that was not taken; `why` is the reason, or advice for a better one."""

    file: str
    quality: float | None
    why: str

    @property
    def is_accepted(self) -> bool:
        """Whether it became a template."""
        return self.quality is not None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One enrolment."""

    name: str
    photos: tuple[PhotoResult, ...]
    was_created: bool
    replaced_count: int

    @property
    def accepted_count(self) -> int:
        """Photos that became templates."""
        return sum(1 for one in self.photos if one.is_accepted)


def show(outcome: Outcome) -> bool:
    """Draws it; true when the visitor wants to begin anew."""
    if outcome.accepted_count == 0:
        st.error(say("result_none"), icon=":material/person_off:")
    else:
        st.success(_summary(outcome), icon=":material/check_circle:")
    with st.container(border=True):
        for photo in outcome.photos:
            _line(photo)
    if outcome.replaced_count:
        st.caption(say("replaced", count=outcome.replaced_count))
    with st.container(horizontal=True):
        is_done = st.button(say("another"), icon=":material/person_add:")
        if outcome.accepted_count:
            look.link("identify", say("next_identify"), "frame_person")
            look.link("people", say("next_people"), "group")
    return is_done


def _summary(outcome: Outcome) -> str:
    count = outcome.accepted_count
    said = say("result_some", name=plain(outcome.name), count=count, all=len(outcome.photos))
    return f"{said} {say('result_created' if outcome.was_created else 'result_more')}"


def _line(photo: PhotoResult) -> None:
    icon, colour = ("check_circle", "green") if photo.is_accepted else ("cancel", "red")
    look.two_lines(f":{colour}[:material/{icon}:] {plain(photo.file)}", _verdict(photo))


def _verdict(photo: PhotoResult) -> str:
    if photo.quality is None:
        return photo.why
    percent = sizes.percent(photo.quality)
    if photo.why:
        return say("accepted_advice", percent=percent, advice=photo.why)
    return say("accepted", percent=percent)
