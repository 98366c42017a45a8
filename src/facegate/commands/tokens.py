"""`facegate token`: make, list and revoke tokens, and show the one that opens every door."""

from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands.galleries.connection import Where, gallery_command
from facegate.commands.output.outcomes import CommandRefused
from facegate.commands.output.terminal import cell, local_time, note, print_json, result_console, say, table
from facegate.domain.access import Door

if TYPE_CHECKING:
    from datetime import datetime

TokenName = Annotated[
    str, typer.Argument(metavar="NAME", help="What it is for, such as 'kiosk at the gate'.")
]
TokenId = Annotated[str, typer.Argument(metavar="ID", help="The token's id, see `token list`.")]
Doors = Annotated[
    list[Door] | None, typer.Option("--door", help="A door that it opens; repeat it. Without, every door.")
]
Days = Annotated[float | None, typer.Option("--days", min=0.0, help="Days until it ends; without, never.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

app = typer.Typer(no_args_is_help=True, help="Access tokens: create, list, revoke, show.")


@app.command("create")
@gallery_command
def create_token(
    where: Where, name: TokenName, door: Doors = None, days: Days = None, as_json: AsJson = False
) -> None:
    """Make a token. Its secret goes to stdout, this once; everything else to stderr."""
    from facegate.commands.galleries.gallery_access import NewToken
    from facegate.commands.galleries.opening import open_gallery

    with open_gallery(where, with_nets=False) as gallery:
        made = gallery.create_token(NewToken(name, tuple(door or ()), days))
    if as_json:
        print_json(made.model_dump(mode="json"))
        return
    note(
        f"Token {made.name!r} ({made.token_id}) opens {_doors(made.doors)} and ends {_when(made.expires_at)}."
    )
    note("Its secret is shown this once:")
    say(made.secret)


@app.command("list")
@gallery_command
def list_tokens(where: Where, as_json: AsJson = False) -> None:
    """List tokens; secrets are not kept and cannot be shown."""
    from facegate.commands.galleries.opening import open_gallery

    with open_gallery(where, with_nets=False) as gallery:
        found = gallery.list_tokens()
    if as_json:
        print_json([token.model_dump(mode="json") for token in found])
        return
    listed = table("id", "name", "doors", "made", "ends", whole=("id",))
    for token in found:
        made = local_time(token.created_at)
        listed.add_row(token.token_id, cell(token.name), _doors(token.doors), made, _when(token.expires_at))
    result_console().print(listed)


@app.command("revoke")
@gallery_command
def revoke_token(where: Where, token_id: TokenId) -> None:
    """End a token at once."""
    from facegate.commands.galleries.opening import open_gallery

    with open_gallery(where, with_nets=False) as gallery:
        gallery.revoke_token(token_id)
    say(f"{token_id} is revoked")


@app.command("show")
@gallery_command
def show_token(where: Where) -> None:
    """Print the token that opens every door of this data folder's server."""
    from facegate.commands.galleries.opening import settings_of
    from facegate.composition.access_tokens import main_token

    if where.server is not None:
        raise CommandRefused("`token show` reads this machine's data folder; a server never tells its token.")
    settings = settings_of(where)
    settings.storage.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    say(main_token(settings.access, settings.storage.data_folder).secret)


def _doors(doors: list[Door]) -> str:
    return ", ".join(door.value for door in doors) or "every door"


def _when(moment: "datetime | None") -> str:
    return "never" if moment is None else local_time(moment)
