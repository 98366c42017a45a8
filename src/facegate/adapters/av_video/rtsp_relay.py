"""Between FFmpeg and an RTSP camera: one thread that carries bytes, watches answers and can be stopped.

FFmpeg connects to a port of this relay on 127.0.0.1; the relay holds the checked connection to the camera.
So redirections can be refused, and a wait inside FFmpeg ends at once when the relay hangs up. It costs one
per cent of a core for a stream of 4 Mbit/s (docs/decisions/0014).
"""

import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable

from facegate.adapters.av_video import faults
from facegate.adapters.av_video.patience import LOOK_EVERY_S, Patience
from facegate.adapters.av_video.rtsp_replies import Redirected, RtspReplies
from facegate.domain.errors import FacegateError

_READ_BYTES = 256 * 1024
_MAX_WAITING_BYTES = 1024 * 1024
_FAREWELL_S = 0.5

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class RtspRelay:
    """One connection to one camera. `failure` says why it hung up, `redirected_to` where it was sent."""

    def __init__(self, camera: socket.socket, patience: Patience) -> None:
        self.failure: FacegateError | None = None
        self.redirected_to: str | None = None
        self._camera = camera
        self._patience = patience
        self._replies = RtspReplies(str(camera.getpeername()[0]).split("%")[0])
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listener.setblocking(False)
        self._port = int(self._listener.getsockname()[1])
        self._close_by_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="camera-relay", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where FFmpeg finds it on 127.0.0.1."""
        return self._port

    @property
    def last_status(self) -> int | None:
        """The code of the camera's newest answer."""
        return self._replies.last_status

    def set_up(self) -> None:
        """FFmpeg has its stream and sets up no more."""
        self._replies.pass_freely()

    def close(self) -> None:
        """To be called when FFmpeg has hung up: its last words still go out, then everything is closed."""
        self._close_by_s = time.monotonic() + _FAREWELL_S
        self._thread.join()

    def _run(self) -> None:
        client: socket.socket | None = None
        try:
            client = self._accepted()
            if client is not None:
                self._carry(client)
        except Redirected as redirection:
            self.redirected_to = redirection.location
        except FacegateError as error:
            self.failure = faults.again(error)
        except OSError:
            self.failure = faults.hung_up()
        finally:
            for one in (self._listener, self._camera, client):
                if one is not None:
                    one.close()

    def _accepted(self) -> socket.socket | None:
        """FFmpeg's connection, the first and only one; None when it is closed before."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, _READ)
            while not selector.select(LOOK_EVERY_S):
                self._patience.check()
                if self._close_by_s is not None:
                    return None
        client, _ = self._listener.accept()
        self._listener.close()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def _carry(self, client: socket.socket) -> None:
        pictures = _Flow(self._camera, client, self._replies.feed)
        requests = _Flow(client, self._camera, bytes)
        interests: dict[socket.socket, int] = {}
        with selectors.DefaultSelector() as selector:
            while not self._is_over(pictures, requests):
                _register(selector, interests, pictures, requests)
                selector.select(LOOK_EVERY_S)
                self._patience.check()
                for flow in (pictures, requests):
                    flow.pull()
                    flow.push()

    def _is_over(self, pictures: "_Flow", requests: "_Flow") -> bool:
        if self._close_by_s is not None and time.monotonic() > self._close_by_s:
            return True
        if requests.is_at_end:
            return not requests.waiting
        if pictures.is_at_end and not pictures.waiting:
            raise faults.hung_up()
        return False


class _Flow:
    """Bytes on their way in one direction; both ends are non-blocking."""

    def __init__(self, source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes]) -> None:
        self.source = source
        self.sink = sink
        self.waiting = bytearray()
        self.is_at_end = False
        self._change = change

    @property
    def wants_more(self) -> bool:
        """Whoever reads slowly makes the camera wait, not this process grow."""
        return not self.is_at_end and len(self.waiting) < _MAX_WAITING_BYTES

    def pull(self) -> None:
        if not self.wants_more:
            return
        try:
            data = self.source.recv(_READ_BYTES)
            # What TLS has decrypted already shows on no descriptor.
            while isinstance(self.source, ssl.SSLSocket) and self.source.pending():
                data += self.source.recv(_READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        if not data:
            self.is_at_end = True
            return
        self.waiting += self._change(data)

    def push(self) -> None:
        if not self.waiting:
            return
        try:
            sent = self.sink.send(self.waiting)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        del self.waiting[:sent]


def _register(
    selector: selectors.BaseSelector, known: dict[socket.socket, int], pictures: _Flow, requests: _Flow
) -> None:
    """Listens for what can be done now; changes are rare, so they are made one by one."""
    for one, reads, writes in (
        (pictures.source, pictures, requests),
        (requests.source, requests, pictures),
    ):
        events = (_READ if reads.wants_more else 0) | (_WRITE if writes.waiting else 0)
        before = known.get(one, 0)
        if events == before:
            continue
        if not before:
            selector.register(one, events)
        elif not events:
            selector.unregister(one)
        else:
            selector.modify(one, events)
        known[one] = events
