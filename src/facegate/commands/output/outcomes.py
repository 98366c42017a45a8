"""How a command ends: its exit code, and one sentence instead of a traceback. No command lives here."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer

from facegate.domain.errors import (
    AccessRefused,
    ClientConflict,
    ErrorKind,
    FacegateError,
    FaceRefused,
    InvalidInput,
    NotFound,
    SubjectExists,
)

DEBUG_NAME = "FACEGATE_DEBUG"


class ExitCode(IntEnum):
    """What scripts can rely on; `docs/command-line.md` describes them."""

    OK = 0
    NOTHING_FOUND = 1
    WRONG_INPUT = 2
    CANNOT_WORK = 3
    BUG = 4


class CommandRefused(Exception):
    """A command cannot do what was asked; the sentence may name files, since it stays on this terminal."""

    def __init__(self, sentence: str, exit_code: ExitCode = ExitCode.WRONG_INPUT) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code


def exit_code_of(error: FacegateError) -> ExitCode:
    """The exit code that tells whose turn it is: 1 nothing there, 2 the input, 3 the surroundings."""
    if isinstance(error, NotFound):
        return ExitCode.NOTHING_FOUND
    if isinstance(error, InvalidInput | FaceRefused | SubjectExists | ClientConflict):
        return ExitCode.WRONG_INPUT
    return ExitCode.CANNOT_WORK


@contextmanager
def plain_sentences() -> Iterator[None]:
    """Turns whatever a command raises into one sentence on stderr and an exit code.

    With `--debug` or FACEGATE_DEBUG the exception goes through with its traceback.
    """
    from facegate.settings.loading import SettingsRefused

    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except Exception as error:
        if is_debugging():
            raise
        match error:
            case CommandRefused():
                give_up(error.sentence, error.exit_code)
            case SettingsRefused():
                give_up("\n".join(error.problems), ExitCode.WRONG_INPUT)
            case FacegateError():
                give_up(_sentence_of(error), exit_code_of(error))
            case _:
                give_up(
                    f"facegate ran into a bug ({type(error).__name__}: {error}). "
                    "Run the command again with `facegate --debug ...` and report what it shows.",
                    ExitCode.BUG,
                )


def give_up(sentence: str, exit_code: ExitCode) -> NoReturn:
    """Says the sentence and ends the command."""
    typer.echo(sentence, err=True)
    raise typer.Exit(exit_code)


def is_debugging() -> bool:
    """Whether tracebacks are wanted."""
    return os.environ.get(DEBUG_NAME, "").strip().lower() not in {"", "0", "false", "no"}


def start_debugging() -> None:
    """What `--debug` does."""
    os.environ[DEBUG_NAME] = "1"


def never_fail_to_print() -> None:
    """Names may hold characters that this terminal's encoding lacks: they are escaped, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _sentence_of(error: FacegateError) -> str:
    message = error.message[:1].upper() + error.message[1:]
    # The refusal of a pickle ends in lines of Python.
    is_whole = "\n" in message or message.endswith((".", "!", "?"))
    sentence = message if is_whole else f"{message}."
    if isinstance(error, AccessRefused) and error.kind is ErrorKind.NOT_AUTHENTICATED:
        sentence += (
            " Give the server's token with --token or FACEGATE_ACCESS__TOKEN; on the server's machine "
            "`facegate token show` prints it."
        )
    return sentence
