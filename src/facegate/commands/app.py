"""Assembles the command line. Commands import what is heavy when they run, so that `--help` is quick."""

from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands import secrets, subjects, terminal, tokens, transfer
from facegate.commands.calibrate import calibrate
from facegate.commands.enrol import enrol
from facegate.commands.identify import identify, verify
from facegate.commands.models import make_models_app
from facegate.commands.output.outcomes import never_fail_to_print, plain_sentences, start_debugging
from facegate.commands.serve import serve
from facegate.commands.ui import ui

if TYPE_CHECKING:
    from facegate.ports.model_files import ModelFiles

app = typer.Typer(
    name="facegate",
    help="One face engine and one gallery behind many doors.",
    no_args_is_help=True,
    # Typer's own tracebacks show the values of variables, tokens among them.
    pretty_exceptions_enable=False,
)

_ENROL, _RECOGNISE, _GALLERY, _SERVER = "Enrol", "Recognise", "Gallery", "Server"


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from facegate import __version__

        typer.echo(f"facegate {__version__}")
        raise typer.Exit


_Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
]
_Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks (as FACEGATE_DEBUG=1 does).")]


@app.callback()
def _before_every_command(version: _Version = False, debug: _Debug = False) -> None:
    never_fail_to_print()
    if debug:
        start_debugging()


def _open_model_files() -> "ModelFiles":
    from facegate.commands.galleries.connection import Where
    from facegate.commands.galleries.opening import settings_of
    from facegate.composition.embedded import open_model_files

    with plain_sentences():
        return open_model_files(settings_of(Where()).engine)


app.command("serve", rich_help_panel=_SERVER)(serve)
app.command("ui", rich_help_panel=_SERVER)(ui)
app.command("enrol", rich_help_panel=_ENROL)(enrol)
app.add_typer(transfer.import_app, name="import", rich_help_panel=_ENROL)
app.command("identify", rich_help_panel=_RECOGNISE)(identify)
app.command("verify", rich_help_panel=_RECOGNISE)(verify)
app.add_typer(subjects.app, name="subjects", rich_help_panel=_GALLERY)
app.command("export", rich_help_panel=_GALLERY)(transfer.export)
app.command("restore", rich_help_panel=_GALLERY)(transfer.restore)
app.command("calibrate", rich_help_panel=_GALLERY)(calibrate)
app.add_typer(make_models_app(_open_model_files), name="models", rich_help_panel=_SERVER)
app.add_typer(tokens.app, name="token", rich_help_panel=_SERVER)
app.add_typer(secrets.app, name="secrets", rich_help_panel=_SERVER)
app.add_typer(terminal.app, name="terminal", rich_help_panel=_SERVER)


def main() -> None:
    """Runs the command line."""
    app(prog_name="facegate")
