"""How the page is started: what `facegate ui` hands to Streamlit, and what the page's process reads of it."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

SERVER_NAME = "FACEGATE_PAGE_SERVER"
TOKEN_NAME = "FACEGATE_PAGE_TOKEN"  # noqa: S105 - the name of a variable
MAY_CHOOSE_NAME = "FACEGATE_PAGE_MAY_CHOOSE"

_SECRET_NAMES = ("AUTH_TOKEN", "FACEGATE_ACCESS__TOKEN", TOKEN_NAME)
"""A page that asks for a token has none itself."""

_APP_FILE = Path(__file__).with_name("app.py")

_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")

MAX_UPLOAD_MB = 200
MAX_FOREIGN_UPLOAD_MB = 25
"""Where others reach the page: Streamlit takes a file into memory before anybody has signed in."""


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where the server is, and the token with which the page begins; None asks for one.

    `may_choose_server` lets a visitor name another server. Where others than the operator reach the page,
    it would be a way to ask whatever the page's machine can reach.
    """

    server_root: str
    token: str | None = field(default=None, repr=False)
    may_choose_server: bool = False


def command(host: str, port: int, public_url: str | None = None) -> list[str]:
    """The program and its arguments. Nothing is fetched from elsewhere and nobody is told of the usage.

    `public_url` is what visitors see behind a reverse proxy. A page on this machine alone answers to its own
    names only, so that no other site can have a browser speak to it under a name of its own.
    """
    is_for_us_alone = public_url is None and _is_loopback(host)
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "server.maxUploadSize": str(MAX_UPLOAD_MB if is_for_us_alone else MAX_FOREIGN_UPLOAD_MB),
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "server.enableAgentApi": "false",
        "server.enableStaticServing": "false",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "logger.hideWelcomeMessage": "true",
        "theme.primaryColor": "#0f766e",
        "theme.backgroundColor": "#ffffff",
        "theme.secondaryBackgroundColor": "#f4f6f7",
        "theme.textColor": "#1f2933",
        "theme.baseRadius": "8px",
    }
    flags = [f"--{name}={value}" for name, value in [*options.items(), *_where_from(host, public_url)]]
    return [sys.executable, "-m", "facegate.page.serving", "run", str(_APP_FILE), *flags]


def _where_from(host: str, public_url: str | None) -> list[tuple[str, str]]:
    """Under which names the page answers; an option with several values is given several times."""
    names = dict.fromkeys((*_LOOPBACK_HOSTS, host))
    if public_url is None:
        return [("server.allowedHosts", name) for name in names] if _is_loopback(host) else []
    parts = urlsplit(public_url)
    # A proxy hands on the public name or our own, as it is set up.
    names[parts.hostname or ""] = None
    return [
        ("browser.serverAddress", parts.hostname or ""),
        ("server.corsAllowedOrigins", f"{parts.scheme}://{parts.netloc}"),
        *(("server.allowedHosts", name) for name in names),
    ]


def _is_loopback(host: str) -> bool:
    return host in _LOOPBACK_HOSTS or host.startswith("127.")


def environment(start: PageStart, around: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: a token on a command line would be there for every user to read."""
    told = {name: value for name, value in around.items() if name not in _SECRET_NAMES}
    told[SERVER_NAME] = start.server_root
    told[MAY_CHOOSE_NAME] = "1" if start.may_choose_server else "0"
    if start.token is not None:
        told[TOKEN_NAME] = start.token
    return told


def page_start() -> PageStart:
    """What the page's own process was told."""
    return PageStart(
        os.environ.get(SERVER_NAME, "http://127.0.0.1:8000"),
        os.environ.get(TOKEN_NAME),
        os.environ.get(MAY_CHOOSE_NAME) == "1",
    )
