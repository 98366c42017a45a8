"""What choices are called."""

from collections.abc import Callable, Iterable
from typing import Any

from facegate.page import session


def worded(options: Iterable[object], view: str, prefix: str) -> Callable[[Any], str]:
    """Each option by the word `prefix_option`.

    Looked up now: Streamlit asks for names later too, when no visitor is there whose language it could be.
    """
    names = {one: session.words(view, f"{prefix}_{one}") for one in options}
    return lambda one: names.get(one, str(one))
