"""Asking before something is removed for good."""

import sys

import typer

from facegate.commands.output.outcomes import CommandRefused
from facegate.commands.output.terminal import printable


def ask(question: str, *, is_agreed: bool) -> None:
    """Asks a person, who may decline; a script has to say --yes.

    Raises:
        CommandRefused: nobody is there to be asked.
    """
    if is_agreed:
        return
    if not sys.stdin.isatty():
        raise CommandRefused("Nobody is there to be asked: add --yes.")
    typer.confirm(printable(question), abort=True, err=True)
