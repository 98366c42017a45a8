"""`facegate secrets`: the key under which addresses of cameras and tokens of channels are stored."""

import typer

from facegate.commands.output.terminal import note, say

app = typer.Typer(no_args_is_help=True, help="The key of stored secrets: new-key.")


@app.callback()
def _only_one_command_so_far() -> None:
    """Keeps the sub-command's name."""


@app.command("new-key")
def new_key() -> None:
    """Print a new key for FACEGATE_ALERTS__SECRET_KEY. Nothing is changed."""
    from facegate.adapters.fernet_secrets import new_key as make_key

    note("Put it before the old one, with a comma between, so that what is stored can still be read:")
    say(make_key())
