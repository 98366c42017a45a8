"""One POST to one address, ended at its time whatever the other side does."""

import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx

from facegate.domain.errors import ChannelFailed

_CHUNK_BYTES = 16 * 1024
_LONGEST_CONNECT_S = 5.0


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What is looked at of an answer; its body is never read."""

    status: int
    retry_after: str | None


class NotConnected(Exception):
    """This address takes no connection; another of the same name may."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent, to an address that needs no looking up; `host` is whom its certificate has to name."""

    url: str
    host: str
    headers: Mapping[str, str]
    body: bytes


def post(request: Post, tls: ssl.SSLContext, ends_at: float) -> PostAnswer:
    """Follows no redirect; the connection is new and closed afterwards. `ends_at` is a monotonic time.

    Raises:
        NotConnected: nothing was sent.
        ChannelFailed: something was, and no answer came.
    """
    left_s = ends_at - time.monotonic()
    if left_s <= 0:
        raise NotConnected("no time left")
    body = _WatchedBody(request.body)
    end = _HardEnd()
    outgoing = httpx.Request(
        "POST",
        request.url,
        headers={**request.headers, "Content-Length": str(len(request.body))},
        content=body,
        extensions={
            "timeout": httpx.Timeout(left_s, connect=min(left_s, _LONGEST_CONNECT_S)).as_dict(),
            "sni_hostname": request.host,
            "trace": end.watch,
        },
    )
    # The transport rather than the client: a client logs the whole address at each request.
    transport = httpx.HTTPTransport(verify=tls, limits=httpx.Limits(max_keepalive_connections=0))
    timer = threading.Timer(left_s, end.cut)
    timer.daemon = True
    timer.start()
    try:
        with transport:
            response = transport.handle_request(outgoing)
            answer = PostAnswer(response.status_code, response.headers.get("Retry-After"))
            response.close()
            return answer
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NotConnected(_why(error)) from None
    except httpx.HTTPError:
        # Not chained: the original holds the address.
        raise ChannelFailed(
            "the connection ended before the receiver answered", may_have_arrived=body.is_written
        ) from None
    finally:
        timer.cancel()


class _WatchedBody(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body
        self.is_written = False

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), _CHUNK_BYTES):
            yield self._body[start : start + _CHUNK_BYTES]
        self.is_written = True


class _HardEnd:
    """Cuts the connection at the end of the time: one that gives a byte now and then never times out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stream: object = None
        self._is_over = False

    def watch(self, event: str, details: Mapping[str, object]) -> None:
        """Remembers the connection as it comes to be; httpcore calls it."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._stream = details["return_value"]
            if self._is_over:
                self.cut()

    def cut(self) -> None:
        """Whoever reads or writes gets an error."""
        with self._lock:
            self._is_over = True
            stream = self._stream
        if stream is None:
            return
        sock = stream.get_extra_info("socket")  # type: ignore[attr-defined]
        try:
            sock.shutdown(2)
        except OSError:
            # Closed already.
            return


def _why(error: Exception) -> str:
    """In words of ours: httpx's may hold the address."""
    if isinstance(error, httpx.ConnectTimeout):
        return "it does not answer in time"
    said = str(error).lower()
    if "certificate" in said:
        return "its certificate is not trusted, or names another host"
    if "refused" in said:
        return "it refuses connections"
    if "ssl" in said or "tls" in said:
        return "it does not speak TLS as it should"
    return "it cannot be reached"
