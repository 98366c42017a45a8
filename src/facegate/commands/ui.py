"""`facegate ui`: the web page, beside a running server."""

import importlib.util
import os
import signal
import subprocess
from typing import Annotated

import typer

from facegate.commands.output.outcomes import CommandRefused, ExitCode, plain_sentences
from facegate.commands.output.terminal import note

Host = Annotated[str | None, typer.Option("--host", help="Address of the page.", show_default="127.0.0.1")]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Its port.", show_default="8501")]
ServerUrl = Annotated[
    str | None, typer.Option("--server", help="Where the server is.", show_default="http://127.0.0.1:8000")
]
PublicUrl = Annotated[
    str | None,
    typer.Option(
        "--public-url", help="What visitors see behind a reverse proxy, such as https://faces.example.org."
    ),
]


def ui(host: Host = None, port: Port = None, server: ServerUrl = None, public_url: PublicUrl = None) -> None:
    """Serve the web page: people, cameras, history, alerts and health in the browser.

    On this machine alone the page begins with the token of AUTH_TOKEN, where it is set; on any other address,
    and behind a proxy, it asks for one.
    """
    from facegate.frontends.wire.loopback import is_loopback_host
    from facegate.page.launch import PageStart, command, environment
    from facegate.settings.loading import load_settings

    with plain_sentences():
        _check_installed()
        given = {"ui.host": host, "ui.port": port, "ui.server_url": server, "ui.public_url": public_url}
        overrides = {name: value for name, value in given.items() if value is not None}
        settings = load_settings(overrides=overrides).settings
        token = settings.access.token
        shown_at = str(settings.ui.public_url).rstrip("/") if settings.ui.public_url is not None else None
        is_for_us_alone = is_loopback_host(settings.ui.host) and shown_at is None
        start = PageStart(
            settings.ui.server_root,
            token.get_secret_value() if token is not None and is_for_us_alone else None,
            may_choose_server=is_for_us_alone,
        )
        own_url = f"http://{_in_url(settings.ui.host)}:{settings.ui.port}"
        note(f"The page is at {shown_at or own_url} (server {start.server_root}).")
        if start.token is not None:
            note("It begins signed in with AUTH_TOKEN for everybody who uses this machine.")
        page = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
            command(settings.ui.host, settings.ui.port, shown_at), env=environment(start, os.environ)
        )
        raise typer.Exit(_wait_for(page))


def _wait_for(page: "subprocess.Popen[bytes]") -> int:
    """Until the page ends. Ctrl+C reaches both and the page ends by itself; a SIGTERM is handed on to it."""
    before = signal.signal(signal.SIGTERM, lambda *_: page.terminate())
    try:
        while True:
            try:
                code = page.wait()
            except KeyboardInterrupt:
                continue
            return 0 if code == -signal.SIGTERM else code
    finally:
        signal.signal(signal.SIGTERM, before)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _check_installed() -> None:
    if importlib.util.find_spec("streamlit") is None:
        raise CommandRefused(
            "The web page needs Streamlit, which is not installed: run `make ui`, or "
            "`pip install 'facegate[ui]'`.",
            ExitCode.CANNOT_WORK,
        )
