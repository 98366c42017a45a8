"""`facegate serve`: options to settings, sentences to the terminal; the server itself is composition's."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands.output.outcomes import CommandRefused, ExitCode, plain_sentences

if TYPE_CHECKING:
    from facegate.settings.loading import LoadedSettings

Host = Annotated[str | None, typer.Option(help="Address to listen on; the default is this machine alone.")]
Port = Annotated[int | None, typer.Option(help="Main port; the default is 8000.")]
ExtraPorts = Annotated[
    list[int] | None,
    typer.Option("--extra-port", help="A further port, such as 5000 or 3345; repeat it for more."),
]
DataFolder = Annotated[Path | None, typer.Option(help="Folder of the gallery, the token and the lock.")]
LogLevel = Annotated[str | None, typer.Option(help="DEBUG, INFO, WARNING, ERROR or CRITICAL.")]
Reload = Annotated[bool, typer.Option("--reload", help="For development: restart when a source changes.")]
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
        # Typer gives an empty list when the option is not used.
        "server.extra_ports": extra_port or None,
        "storage.data_folder": data_folder,
        "logging.level": log_level,
    }
    # Imported here: `facegate --help` need not wait for pydantic.
    from facegate.settings.loading import load_settings

    overrides: dict[str, object] = {path: value for path, value in chosen.items() if value is not None}
    with plain_sentences():
        loaded = load_settings(env_file=env_file, overrides=overrides)
        if reload:
            _hand_to_child(overrides, env_file)
        _run(loaded, is_reloading=reload)


def _run(loaded: "LoadedSettings", *, is_reloading: bool) -> None:
    # Imported here, after the settings are known to be good: numpy, OpenCV and the runtimes take a second.
    from facegate.commands.output.fetch_progress import TerminalFetchProgress
    from facegate.commands.output.terminal import note_console
    from facegate.composition import start
    from facegate.composition.listening import serving

    try:
        start.set_up_process(loaded)
        if is_reloading:
            start.run_reloading(loaded.settings)
            return
        with TerminalFetchProgress(note_console()) as progress:
            server = start.prepare(loaded.settings, progress)
        server.run(announce=lambda lines: typer.echo("\n".join(lines)))
    except serving.CannotListen as refusal:
        raise CommandRefused(str(refusal), ExitCode.CANNOT_WORK) from refusal


def _hand_to_child(overrides: dict[str, object], env_file: Path) -> None:
    """A reloading server reads its settings in a child process, which has only the environment."""
    if env_file != Path(".env"):
        raise CommandRefused("With --reload the settings are read from ./.env: leave --env-file away.")
    for path, value in overrides.items():
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        os.environ["FACEGATE_" + path.replace(".", "__").upper()] = text
