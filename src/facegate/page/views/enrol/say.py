"""The words of this view."""

from facegate.page import session


def say(key: str, **values: object) -> str:
    """In the visitor's language."""
    return session.words("enrol", key, **values)
