"""How every view looks: heading, empty states, badges, questions, troubles."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from facegate.page import session
from facegate.page.server import ServerSaid

_STYLE = """
<style>
  .block-container { padding-top: 2.5rem; max-width: 1180px; }
  h1 { font-size: 1.7rem !important; letter-spacing: -0.01em; }
  h2, h3 { letter-spacing: -0.01em; }
  h3 { font-size: 1.15rem !important; }
  [data-testid="stMetricValue"] { font-size: 1.6rem; }
  [data-testid="stMetricLabel"] p { white-space: normal; }
  [data-testid="stSidebar"] { border-right: 1px solid #e4e8eb; }
  [class*="st-key-tiles"] [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  [class*="st-key-tiles"] [data-testid="stColumn"] {
    min-width: var(--tile); width: var(--tile); flex: 1 1 var(--tile);
  }
  [class*="st-key-tiles2"] [data-testid="stColumn"] { --tile: calc(50% - 0.5rem); }
  [class*="st-key-tiles3"] [data-testid="stColumn"] { --tile: calc(33.33% - 0.67rem); }
  [class*="st-key-tiles4"] [data-testid="stColumn"] { --tile: calc(25% - 0.75rem); }
  @media (max-width: 640px) {
    .block-container { padding: 3.2rem 0.9rem 2rem; }
    h1 { font-size: 1.4rem !important; }
    [class*="st-key-tiles"] [data-testid="stHorizontalBlock"] { gap: 0.6rem; }
    [class*="st-key-tiles"] [data-testid="stColumn"] { --tile: calc(50% - 0.3rem); }
    [data-testid="stMetricValue"] { font-size: 1.3rem; }
  }
</style>
"""

Colour = Literal["green", "orange", "red", "gray", "blue"]

_BAND_LOOKS: dict[str, tuple[Colour, str]] = {
    "match": ("green", "check_circle"),
    "review": ("orange", "help"),
    "unknown": ("gray", "person_off"),
}


def begin() -> None:
    """The page's own rules, which Streamlit has no option for; call it once per run."""
    st.html(_STYLE)


def heading(title: str, what_for: str = "") -> None:
    """The view's title and one sentence on what it is for."""
    st.title(title, anchor=False)
    if what_for:
        st.caption(what_for)


def section(title: str, what_for: str = "") -> None:
    """A part of a view."""
    st.subheader(title, anchor=False)
    if what_for:
        st.caption(what_for)


def two_lines(title: str, small: str) -> None:
    """A row of a list: a name and, smaller below it, what is to be said of it. Both are Markdown."""
    st.markdown(f"**{title}**  \n:gray[:small[{small}]]", width="stretch")


def empty(title: str, next_step: str) -> None:
    """Nothing here yet: what it would be, and what to do next."""
    with st.container(border=True):
        st.markdown(f"**{title}**")
        st.markdown(next_step)


def tiles(facts: Sequence[tuple[str, str]], per_row: int = 3) -> None:
    """Label and value in boxes, so many in a row; two in a row on a phone."""
    with st.container(key=f"tiles{per_row} {facts[0][0]}"):
        for column, (label, value) in zip(st.columns(len(facts)), facts, strict=True):
            column.metric(label, value, border=True)


def link(view: str, label: str, icon: str = "arrow_forward") -> None:
    """A way to another view; plain words where the page has no menu, as in tests of one view."""
    pages = st.session_state.get("pages", {})
    if view in pages:
        st.page_link(pages[view], label=label, icon=f":material/{icon}:")
    else:
        st.markdown(label)


def band_badge(band: str) -> None:
    """What a search found, in a word and a colour: match, review or unknown."""
    colour, icon = _BAND_LOOKS.get(band, ("gray", "question_mark"))
    st.badge(session.words("shared", f"band_{band}"), color=colour, icon=f":material/{icon}:")


def sure(key: str, question: str, *, label: str = "", confirm: str = "", icon: str = "delete") -> bool:
    """A button for what cannot be undone: asks once more, and is true in the run after the second yes."""
    asked = f"asked {key}"
    if not st.session_state.get(asked):
        if st.button(
            label or session.words("shared", "delete"), key=f"{key} first", icon=f":material/{icon}:"
        ):
            st.session_state[asked] = True
            st.rerun()
        return False
    st.warning(question, icon=":material/warning:")
    with st.container(horizontal=True):
        is_sure = st.button(
            confirm or session.words("shared", "delete_sure"), key=f"{key} second", type="primary"
        )
        is_left = st.button(session.words("shared", "cancel"), key=f"{key} cancel")
    if is_sure or is_left:
        del st.session_state[asked]
    if is_left:
        st.rerun()
    return is_sure


def is_asking(key: str) -> bool:
    """Whether `sure` shows its question, which needs more room than its button."""
    return bool(st.session_state.get(f"asked {key}"))


def tell_next_run(sentence: str) -> None:
    """Says it after the rerun that follows; a message before `st.rerun` would never be seen."""
    st.session_state["told"] = sentence


def told() -> None:
    """What the run before wanted to be said."""
    sentence = st.session_state.pop("told", None)
    if sentence:
        st.toast(sentence, icon=":material/check:")


@contextmanager
def plain_troubles() -> Iterator[None]:
    """What the server refuses becomes one sentence; the rest of the view is left out.

    A fragment runs without its view: it needs one of its own.
    """
    try:
        yield
    except ServerSaid as error:
        st.error(session.trouble(error), icon=":material/error:")
