"""What an agent has to know, checked before anything is opened."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from facegate_workstation.errors import SettingsWrong

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class WorkstationSettings:
    """How to reach the server, in whose name, and how often."""

    server: str
    """`ws://` or `wss://`, host and port; the path is `/ws` where none is given."""
    user: str
    token: str | None = field(default=None, repr=False)
    """The client's own token, if the administrator gave it one."""
    door_token: str | None = field(default=None, repr=False)
    """A token for the door itself, where it needs one: it takes the header, the client's the query."""
    ca_file: Path | None = None
    """PEM of the authority that signed the server's certificate; None trusts those of the system."""
    frames_per_s: float = 1.0
    """At most so many: one picture is in flight at a time."""
    answer_timeout_s: float = 60.0
    """No answer for so long counts as a lost connection."""
    lock_when_unwatched_s: float | None = None
    """Locks after so long without a verdict: the camera or the server is gone. None never does."""

    def __post_init__(self) -> None:
        self._check_numbers()
        self._check_address()
        if not self.user:
            raise SettingsWrong("the user's name is empty")
        for token in (self.token, self.door_token):
            if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
                raise SettingsWrong("a token holds signs that no token has")

    def _check_numbers(self) -> None:
        if not 0 < self.frames_per_s <= 60:
            raise SettingsWrong("frames per second have to be above 0 and at most 60")
        if self.answer_timeout_s <= 0:
            raise SettingsWrong("the time for an answer has to be above 0 s")
        if self.lock_when_unwatched_s is not None and self.lock_when_unwatched_s <= 0:
            raise SettingsWrong("the time without a verdict has to be above 0 s")

    def _check_address(self) -> None:
        parts = urlsplit(self.server)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise SettingsWrong("the server is given as ws://host:8000/ws or wss://host/ws")
        if parts.username or parts.password or parts.fragment:
            raise SettingsWrong("the server's address holds more than host, port, path and query")
        try:
            _ = parts.port
        except ValueError as error:
            raise SettingsWrong(f"the server's port cannot be used: {error}") from error
        if self.ca_file is not None and parts.scheme != "wss":
            raise SettingsWrong("a CA file is of use with wss:// only")

    @property
    def url(self) -> str:
        """Where to connect, with the client's token where the header is taken by the door's."""
        parts = urlsplit(self.server)
        query = parts.query
        if self.token and self.door_token:
            query = f"{query}&token={quote(self.token)}".lstrip("&")
        path = parts.path if parts.path not in ("", "/") else "/ws"
        return urlunsplit((parts.scheme, parts.netloc, path, query, ""))

    @property
    def headers(self) -> dict[str, str]:
        """What proves who asks."""
        token = self.door_token or self.token
        return {"Authorization": f"Bearer {token}"} if token else {}

    @property
    def is_in_the_clear(self) -> bool:
        """Whether pictures and tokens would cross a network that others can read."""
        parts = urlsplit(self.server)
        return parts.scheme == "ws" and parts.hostname not in _LOOPBACK

    def tls(self) -> ssl.SSLContext | None:
        """Checks certificate and name always; None for `ws://`.

        Raises:
            SettingsWrong: the CA file cannot be used.
        """
        if urlsplit(self.server).scheme != "wss":
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsWrong(f"the CA file cannot be used: {error}") from error
