"""The words of this view."""

from functools import partial

from facegate.page import session

say = partial(session.words, "events")
