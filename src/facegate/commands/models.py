"""`facegate models list|fetch|verify`. Which folders are used is decided by whoever opens the model files."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from facegate.commands.output.fetch_progress import TerminalFetchProgress
from facegate.domain.errors import FacegateError
from facegate.domain.models import ModelState
from facegate.ports.model_files import ModelFiles

ModelIds = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Model ids, see `list`.")]
WithOptional = Annotated[
    bool, typer.Option("--all", help="Also the optional models (the dlib nets: a download of 100 MB).")
]


def make_models_app(open_model_files: Callable[[], ModelFiles]) -> typer.Typer:
    """The sub-commands, on model files that are opened when a command runs."""
    app = typer.Typer(no_args_is_help=True, help="The neural nets: list, fetch, verify.")

    @app.command("list")
    def list_models() -> None:
        """Show every model, whether it is ready, and its licence."""
        _print_states(open_model_files().states())

    @app.command("fetch")
    def fetch_models(model_ids: ModelIds = None, with_optional: WithOptional = False) -> None:
        """Fetch, convert and check models: those named, or all that are not optional."""
        files = open_model_files()
        wanted = model_ids or [
            state.model_id for state in files.states() if with_optional or not state.is_optional
        ]
        raise typer.Exit(_fetch(files, wanted))

    @app.command("verify")
    def verify_models(model_ids: ModelIds = None) -> None:
        """Read ready models in full: compare their hash and what they compute."""
        raise typer.Exit(_verify(open_model_files(), model_ids))

    return app


def _print_states(states: list[ModelState]) -> None:
    table = Table(
        Column("model", no_wrap=True),
        "task",
        "ready",
        "download",
        "from",
        "licence",
        box=None,
        pad_edge=False,
    )
    for state in states:
        ready = "[green]yes[/]" if state.is_ready else "optional" if state.is_optional else "[red]no[/]"
        megabytes = f"{state.download_bytes / 1e6:.0f} MB"
        table.add_row(state.model_id, state.task, ready, megabytes, state.source_note, state.licence)
    Console().print(table)


def _fetch(files: ModelFiles, model_ids: list[str]) -> int:
    """Fetch one after the other; a model that cannot be had does not keep the others from coming."""
    refusals = []
    with TerminalFetchProgress(Console(stderr=True)) as progress:
        for model_id in model_ids:
            try:
                files.fetch(model_id, progress)
            except FacegateError as error:
                refusals.append(error.message)
    for message in refusals:
        typer.echo(message, err=True)
    if not refusals:
        typer.echo(f"{len(model_ids)} of {len(model_ids)} models are ready")
    return 1 if refusals else 0


def _verify(files: ModelFiles, model_ids: list[str] | None) -> int:
    try:
        checks = files.verify(model_ids or None)
    except FacegateError as error:
        typer.echo(error.message, err=True)
        return 1
    if not checks:
        typer.echo("no model is here yet: run 'facegate models fetch'", err=True)
        return 1
    for check in checks:
        typer.echo(f"{'ok ' if check.is_intact else 'BAD'}  {check.model_id}: {check.finding}")
    return 0 if all(check.is_intact for check in checks) else 1
