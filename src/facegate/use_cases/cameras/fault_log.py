"""Saying in the log that something fails: once per outage, and nothing that could hold a secret."""

import logging
import traceback
from pathlib import Path

from facegate.domain.errors import FacegateError


def words_of(error: BaseException) -> str:
    """The sentence of our own errors; of others the kind and the place, as their text may hold an address."""
    if isinstance(error, FacegateError):
        return error.message
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


class FaultLog:
    """One thing that may fail again and again. For one thread, or under its owner's lock."""

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._is_failing = False

    def failed(self, error: BaseException) -> None:
        """Logged when it is the first time since it last went well."""
        if not self._is_failing:
            self._is_failing = True
            self._logger.error("%s: %s", self._what, words_of(error))

    def went_well(self) -> None:
        """The outage, if there was one, is over."""
        if self._is_failing:
            self._is_failing = False
            self._logger.info("%s: it works again", self._what)
