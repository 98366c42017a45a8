"""`facegate serve`: options to settings, sentences to the terminal; the server itself is composition's."""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from facegate.settings.loading import LoadedSettings, SettingsRefused, load_settings

Host = Annotated[str | None, typer.Option(help="Address to listen on; the default is this machine alone.")]
Port = Annotated[int | None, typer.Option(help="Main port; the default is 8000.")]
ExtraPorts = Annotated[
    list[int] | None,
    typer.Option("--extra-port", help="A further port, such as 5000 or 3345; repeat it for more."),
]
DataFolder = Annotated[Path | None, typer.Option(help="Folder of the gallery, the token and the lock.")]
LogLevel = Annotated[str | None, typer.Option(help="DEBUG, INFO, WARNING, ERROR or CRITICAL.")]
Reload = Annotated[
    bool, typer.Option("--reload", help="For development: start anew when a source file changes.")
]
EnvFile = Annotated[Path, typer.Option(help="File with settings, read if it is there.")]


def serve(  # noqa: PLR0913 - each is an option of the command line
    host: Host = None,
    port: Port = None,
    extra_port: ExtraPorts = None,
    data_folder: DataFolder = None,
    log_level: LogLevel = None,
    reload: Reload = False,
    env_file: EnvFile = Path(".env"),
) -> None:
    """Serve every door over HTTP. Options win over the environment, and that over `.env`."""
    chosen = {
        "server.host": host,
        "server.port": port,
        "server.extra_ports": extra_port,
        "storage.data_folder": data_folder,
        "logging.level": log_level,
    }
    overrides: dict[str, object] = {path: value for path, value in chosen.items() if value is not None}
    try:
        loaded = load_settings(env_file=env_file, overrides=overrides)
    except SettingsRefused as refusal:
        for problem in refusal.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None
    _run(loaded, overrides, env_file, is_reloading=reload)


def _run(loaded: LoadedSettings, overrides: dict[str, object], env_file: Path, *, is_reloading: bool) -> None:
    # Imported here, after the settings are known to be good: numpy, OpenCV and the runtimes take a second.
    from rich.console import Console

    from facegate.commands.fetch_progress import TerminalFetchProgress
    from facegate.composition import serving, start
    from facegate.domain.errors import FacegateError

    try:
        start.set_up_process(loaded)
        if is_reloading:
            _hand_to_child(overrides, env_file)
            start.run_reloading(loaded.settings)
            return
        with TerminalFetchProgress(Console(stderr=True)) as progress:
            server = start.prepare(loaded.settings, progress)
        server.run(announce=lambda lines: typer.echo("\n".join(lines)))
    except serving.CannotListen as refusal:
        _give_up(str(refusal))
    except FacegateError as error:
        _give_up(f"facegate cannot start: {error.message}")


def _hand_to_child(overrides: dict[str, object], env_file: Path) -> None:
    """A reloading server reads its settings in a child process, which has only the environment."""
    for path, value in overrides.items():
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        os.environ["FACEGATE_" + path.replace(".", "__").upper()] = text
    if env_file != Path(".env"):
        typer.echo("With --reload the settings are read from ./.env; --env-file has no effect.", err=True)


def _give_up(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(1)
