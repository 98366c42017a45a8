"""The words of this view."""

from functools import partial

from facegate.page import session
from facegate.page.words import words_of

say = partial(session.words, "workstations")


def say_code(kind: str, code: str) -> str:
    """What one of the server's codes means; the code itself where it is a new one."""
    key = f"{kind}_{code}"
    return say(key) if key in words_of("workstations") else code
