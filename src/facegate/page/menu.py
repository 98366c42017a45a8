"""Which views there are, in which order."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from facegate.page.session import words
from facegate.page.views import (
    alerts,
    cameras,
    enrol,
    events,
    identify,
    matching,
    overview,
    people,
    review,
    system,
    terminals,
    workstations,
)


def menu() -> dict[str, list[Any]]:
    """Sections with their views, named in the visitor's language; views link to each other by them."""
    sections = {
        "": [_page(overview.show, "overview", "dashboard", is_first=True)],
        words("shared", "section_people"): [
            _page(identify.show, "identify", "frame_person"),
            _page(enrol.show, "enrol", "person_add"),
            _page(people.show, "people", "group"),
            _page(review.show, "review", "rule"),
        ],
        words("shared", "section_places"): [
            _page(cameras.show, "cameras", "videocam"),
            _page(workstations.show, "workstations", "computer"),
            _page(terminals.show, "terminals", "door_front"),
            _page(events.show, "events", "history"),
            _page(alerts.show, "alerts", "notifications"),
        ],
        words("shared", "section_server"): [
            _page(matching.show, "matching", "query_stats"),
            _page(system.show, "system", "monitor_heart"),
        ],
    }
    st.session_state["pages"] = {
        page.url_path or "overview": page for pages in sections.values() for page in pages
    }
    return sections


def _page(show: Callable[[], None], key: str, icon: str, *, is_first: bool = False) -> Any:
    title = words("shared", f"menu_{key}")
    return st.Page(show, title=title, icon=f":material/{icon}:", url_path=key, default=is_first)
