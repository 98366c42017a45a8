"""Where a connection came from, for the log."""

from dataclasses import dataclass

from starlette.websockets import WebSocket

from facegate.frontends.wire.loopback import client_address

_MAX_PATH_CHARS = 100


@dataclass(frozen=True, slots=True)
class Origin:
    """The address at the other end, and the path that was asked for; both printable."""

    address: str
    path: str

    def __str__(self) -> str:
        return f"from {self.address} at {self.path}"


def origin_of(socket: WebSocket) -> Origin:
    """A proxy's own address, if there is one between."""
    path = "".join(char if char.isprintable() else "?" for char in socket.url.path[:_MAX_PATH_CHARS])
    return Origin(str(client_address(socket.scope)), path)
