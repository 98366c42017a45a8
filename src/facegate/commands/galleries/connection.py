"""The options that say which gallery a command works on, given to every command that needs one."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from facegate.commands.output.outcomes import plain_sentences

P = ParamSpec("P")

_PANEL = "Which gallery"

Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        help="A running server, such as https://faces.example.com. By default the data folder of this "
        "machine is used, through its server if one runs.",
        rich_help_panel=_PANEL,
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TOKEN",
        help="The server's token; others on this machine can see it in the list of processes, "
        "FACEGATE_ACCESS__TOKEN they cannot.",
        rich_help_panel=_PANEL,
    ),
]
DataFolder = Annotated[
    Path | None,
    typer.Option("--data-folder", metavar="FOLDER", help="Folder of the gallery.", rich_help_panel=_PANEL),
]


@dataclass(frozen=True, slots=True)
class Where:
    """The operator's choice of a gallery; None leaves it to the settings."""

    server: str | None = None
    token: str | None = None
    data_folder: Path | None = None


def gallery_command(run: Callable[Concatenate[Where, P], None]) -> Callable[..., None]:
    """A command that gets `Where` as its first argument instead of three options of its own.

    The options appear in its help, and what it raises becomes one sentence.
    """

    @functools.wraps(run)
    def command(*, server: str | None, token: str | None, data_folder: Path | None, **chosen: Any) -> None:
        with plain_sentences():
            run(Where(server, token, data_folder), **chosen)  # type: ignore[call-arg]

    own = list(inspect.signature(run, eval_str=True).parameters.values())[1:]
    parameters = [
        *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
        *_connection_parameters(),
    ]
    # Typer reads signature and annotations; both have to tell of the added options.
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _connection_parameters() -> list[inspect.Parameter]:
    options = {"server": Server, "token": Token, "data_folder": DataFolder}
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in options.items()
    ]
