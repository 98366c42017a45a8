"""The one edge where SQLAlchemy's and the drivers' exceptions become ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from facegate.domain.errors import StoreFailed

# Parts of what SQLite and PostgreSQL say, with what people should know. The first that fits is taken.
_SENTENCES = (
    ("database or disk is full", "the disk is full: nothing was written; make room and try again"),
    ("no space left", "the disk is full: nothing was written; make room and try again"),
    ("disk i/o error", "the disk could not be written or read: look at the disk and its free space"),
    ("readonly database", "the gallery may only be read: check who owns the data folder and its mode"),
    ("read-only transaction", "the gallery may only be read: check the rights of the database user"),
    ("permission denied", "the gallery may not be read or written: check the rights of its user"),
    (
        "unable to open database",
        "the gallery could not be opened: check who owns the data folder and its mode",
    ),
    ("malformed", "the gallery's database file is damaged: restore it from a backup or an export"),
    ("not a database", "the gallery's database file is damaged: restore it from a backup or an export"),
    ("database is locked", "another process keeps the gallery's database locked: end it and try again"),
    ("lock timeout", "another process keeps the gallery's database locked: try again in a moment"),
    ("statement timeout", "the gallery's database takes too long: look at its load, or try again"),
    ("unique", "something with this id is already in the gallery"),
    ("connection", "the database cannot be reached: check that it runs and its address"),
)


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the database layer raises into StoreFailed; our own errors pass.

    Raises:
        StoreFailed: with a sentence without paths, addresses or data.
    """
    try:
        yield
    except (DataError, IntegrityError) as error:
        # PostgreSQL repeats the row in further lines and wrong values in the first, and causes are logged.
        raise StoreFailed(_sentence(error)) from _without_rows(error)
    except (SQLAlchemyError, OSError) as error:
        raise StoreFailed(_sentence(error)) from error


def _without_rows(error: DataError | IntegrityError) -> Exception:
    kind = type(error.orig).__name__
    first_line = str(error.orig).partition("\n")[0]
    return RuntimeError(f"{kind}: {first_line}" if isinstance(error, IntegrityError) else kind)


def _sentence(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).lower()
    for part, sentence in _SENTENCES:
        if part in said:
            return sentence
    return "the gallery's database failed: the log has the reason"
