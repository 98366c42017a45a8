"""RTSP cameras that answer as a test says, rightly or wrongly; they never send a picture."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    method: str
    url: str
    cseq: str
    text: str


Answer = Callable[[Request], bytes | None]
"""The bytes to send back; None is silence, empty hangs up."""

H264_SDP = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"
UNKNOWN_CODEC_SDP = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H299/90000\r\na=control:trackID=0\r\n"


class ScriptedCamera:
    """Listens on a free port of 127.0.0.1; keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.requests: list[Request] = []
        self.connection_count = 0
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def address(self, path: str = "/stream", user_info: str = "") -> str:
        return f"rtsp://{user_info}127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        for one in [self._listener, *self._connections]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connection_count += 1
            self._connections.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        waiting = b""
        try:
            while data := connection.recv(65536):
                waiting += data
                while b"\r\n\r\n" in waiting:
                    text, _, waiting = waiting.partition(b"\r\n\r\n")
                    answer = self._answer(self._request(text.decode()))
                    if answer == b"":
                        return
                    connection.sendall(answer or b"")
        except OSError:
            pass  # the client has gone
        finally:
            connection.close()
            self._connections.remove(connection)

    def _request(self, text: str) -> Request:
        lines = text.splitlines()
        method, url, _ = [*lines[0].split(" "), "", ""][:3]
        headers = {
            name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines[1:])
        }
        request = Request(method, url, headers.get("cseq", "0"), text)
        self.requests.append(request)
        return request


@contextmanager
def scripted_camera(answer: Answer) -> Iterator[ScriptedCamera]:
    camera = ScriptedCamera(answer)
    try:
        yield camera
    finally:
        camera.close()


def reply(request: Request, status: str = "200 OK", body: str = "", **headers: str) -> bytes:
    """A right answer; names of headers are written with `_` for `-`."""
    lines = [f"RTSP/1.0 {status}", f"CSeq: {request.cseq}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body]).encode()


def sdp(media: str) -> str:
    """A whole description."""
    return f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\n{media}"


def playing(media: str = H264_SDP) -> Answer:
    """Sets everything up as asked and then sends nothing."""

    def answer(request: Request) -> bytes:
        if request.method == "OPTIONS":
            return reply(request, Public="OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        if request.method == "DESCRIBE":
            return reply(request, body=sdp(media))
        if request.method == "SETUP":
            transport = next(line for line in request.text.splitlines() if line.startswith("Transport:"))
            return reply(request, Session="1", Transport=transport.partition(":")[2].strip())
        return reply(request, Session="1")

    return answer


def always(status: str, **headers: str) -> Answer:
    """The same answer to everything."""
    return lambda request: reply(request, status, **headers)
