"""The page's words in English and Indonesian. A view asks by key; both languages have the same keys.

Each view has a file of words beside it here, a table of key -> (English, Indonesian). `{name}` is filled in.
"""

from enum import StrEnum

from facegate.page.words import (
    alerts,
    cameras,
    enrol,
    events,
    identify,
    matching,
    overview,
    people,
    review,
    shared,
    system,
    terminals,
    troubles,
    workstations,
)

Words = dict[str, tuple[str, str]]


class Language(StrEnum):
    """What the page speaks."""

    ENGLISH = "English"
    INDONESIAN = "Bahasa Indonesia"


_TABLES: dict[str, Words] = {
    "alerts": alerts.WORDS,
    "cameras": cameras.WORDS,
    "enrol": enrol.WORDS,
    "events": events.WORDS,
    "identify": identify.WORDS,
    "matching": matching.WORDS,
    "overview": overview.WORDS,
    "people": people.WORDS,
    "review": review.WORDS,
    "shared": shared.WORDS,
    "system": system.WORDS,
    "terminals": terminals.WORDS,
    "troubles": troubles.WORDS,
    "workstations": workstations.WORDS,
}


def words_of(view: str) -> Words:
    """The table of one view."""
    return _TABLES[view]


def tables() -> dict[str, Words]:
    """All of them."""
    return dict(_TABLES)


def say(language: Language, view: str, key: str, **values: object) -> str:
    """The words, filled in. A missing key is a fault of the page: KeyError."""
    english, indonesian = _TABLES[view][key]
    return (indonesian if language is Language.INDONESIAN else english).format(**values)
