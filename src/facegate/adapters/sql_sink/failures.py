"""The one edge where the database's exceptions become ours, in sentences about the copy."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError

from facegate.domain.errors import StoreFailed

# Parts of what the databases say, with what people should know. The first that fits is taken.
_SENTENCES = (
    ("password", "the database of the activity copy refuses the user or the password: check the address"),
    ("access denied", "the database of the activity copy refuses the user: check the address and its rights"),
    ("login failed", "the database of the activity copy refuses the user or the password: check the address"),
    ("permission", "the user may not write the activity copy: give it the right to read and insert"),
    ("denied", "the user may not write the activity copy: give it the right to read and insert"),
    ("readonly", "the database of the activity copy may only be read: check its rights"),
    ("read-only", "the database of the activity copy may only be read: check its rights"),
    ("disk", "the disk of the activity copy is full or broken: make room"),
    ("no space left", "the disk of the activity copy is full or broken: make room"),
    ("null", "the table of the activity copy has a further column that wants a value: give it a default"),
    (
        "default value",
        "the table of the activity copy has a further column that wants a value: give it a default",
    ),
    ("unknown database", "the database of the activity copy does not exist: make it or check the address"),
    ("does not exist", "the database of the activity copy lacks something: the log has the reason"),
    ("unable to open", "the database of the activity copy cannot be opened: check its path and its mode"),
    ("locked", "another program keeps the database of the activity copy locked: it is tried again"),
    ("lock timeout", "another program keeps the database of the activity copy locked: it is tried again"),
    ("connect", "the database of the activity copy cannot be reached: check that it runs and its address"),
    ("timed out", "the database of the activity copy does not answer: check that it runs and its address"),
    ("gone away", "the database of the activity copy has gone away: it is tried again"),
)

_REFUSED = "the table of the activity copy refuses a row: look at its constraints and triggers"
_CHECKS_OF_MYSQL = (3819, 4025, 1644)
"""MySQL's and MariaDB's check constraints, and what triggers signal."""

_UNKNOWN = "the database of the activity copy failed: the log has the reason"


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the database layer raises into StoreFailed; our own errors pass.

    Raises:
        StoreFailed: with a sentence without addresses or data.
    """
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        reason = refusal(error)
        if reason is not None:
            # What they say repeats the rows, and a log may have the cause beside the sentence.
            raise StoreFailed(reason) from None
        raise StoreFailed(_sentence(error, _UNKNOWN)) from error
    except TypeError as error:
        # How drivers in Python refuse a parameter of the address that they do not know.
        if "keyword argument" not in str(error):
            raise
        raise StoreFailed("the copy's address has a parameter that its driver does not know") from error


def refusal(error: Exception) -> str | None:
    """Why the database refuses a row, without what is in the row; None when the row is not what is wrong."""
    if isinstance(error, DataError | IntegrityError) or _is_check_of_mysql(error):
        return _sentence(error, _REFUSED)
    return None


def _is_check_of_mysql(error: Exception) -> bool:
    """Its driver has them among the errors of the connection."""
    said: object = getattr(getattr(error, "orig", None), "args", ())
    is_of_driver = isinstance(error, OperationalError) and isinstance(said, tuple) and bool(said)
    return is_of_driver and said[0] in _CHECKS_OF_MYSQL  # type: ignore[index]


def _sentence(error: Exception, otherwise: str) -> str:
    said = str(getattr(error, "orig", None) or error).lower()
    for part, sentence in _SENTENCES:
        if part in said:
            return sentence
    return otherwise
