"""Asking a web server for its video: authentication as it wants it, redirections checked one by one."""

from collections.abc import Generator, Iterator
from urllib.parse import unquote, urlsplit, urlunsplit

import httpcore
import httpx

from facegate.adapters.av_video import faults
from facegate.adapters.av_video.checked_network import CheckedNetwork
from facegate.adapters.av_video.http_connections import CheckedTransport
from facegate.adapters.av_video.patience import Patience
from facegate.domain.cameras.sources import ParsedSource, keeps_password
from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, FacegateError

_MAX_REDIRECTIONS = 5

_BROKEN_TALK = (httpcore.ProtocolError, httpcore.NetworkError, httpx.HTTPError, httpx.InvalidURL, OSError)


class HttpBody:
    """The body of the answer, as a file that cannot be rewound. `failure` says why it ended early."""

    def __init__(self, client: httpx.Client, response: httpx.Response) -> None:
        self.failure: FacegateError | None = None
        self.content_type = response.headers.get("content-type", "")
        self.is_recorded = response.headers.get("content-length", "").isdigit()
        self._client = client
        self._response = response
        self._chunks: Iterator[bytes] = response.iter_raw()
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """What is there, at most so many bytes; empty at the end, and after a failure."""
        data = self._left or self._next_chunk()
        if size < 0:
            size = len(data)
        self._left = data[size:]
        return data[:size]

    def close(self) -> None:
        """Hangs up."""
        self._left = b""
        self._chunks = iter(())
        self._response.close()
        self._client.close()

    def _next_chunk(self) -> bytes:
        # FFmpeg must not see exceptions of ours: it would hand them out at some later call.
        try:
            return next(self._chunks, b"")
        except FacegateError as error:
            self.failure = error
        except _BROKEN_TALK:
            self.failure = faults.hung_up()
        return b""


def ask(parsed: ParsedSource, network: CheckedNetwork, patience: Patience) -> HttpBody:
    """Sends the request and follows it to an answer that has a body.

    Raises:
        CameraFailed: no answer, or one that is an error.
        NotPermitted: it, or what it redirects to, is inside.
    """
    # The environment's proxies and passwords are none of a camera's.
    client = httpx.Client(transport=CheckedTransport(network, patience), trust_env=False)
    try:
        return HttpBody(client, _final_answer(client, parsed))
    except BaseException:
        client.close()
        raise


def _final_answer(client: httpx.Client, parsed: ParsedSource) -> httpx.Response:
    url, auth = _without_user(parsed.address)
    for _ in range(_MAX_REDIRECTIONS + 1):
        response = _answer(client, url, auth)
        if not response.is_redirect:
            if response.status_code >= 400:
                raise faults.of_status(response.status_code)
            return response
        following = response.next_request
        response.close()
        if following is None or following.url.scheme not in ("http", "https"):
            break
        if not keeps_password(str(response.url), str(following.url)):
            auth = None
        url = str(following.url)
    raise CameraFailed(
        "the camera redirects to where it cannot be followed: use its final address",
        fault=VideoFault.REFUSED,
    )


def _answer(client: httpx.Client, url: str, auth: httpx.Auth | None) -> httpx.Response:
    # Simple web servers hang up after an answer whatever they say, so each request gets its own connection.
    headers = {
        "Accept-Encoding": "identity",
        "Accept": "*/*",
        "Connection": "close",
        "User-Agent": "facegate",
    }
    try:
        request = client.build_request("GET", url, headers=headers)
        return client.send(request, stream=True, auth=auth, follow_redirects=False)
    except _BROKEN_TALK:
        pass
    raise CameraFailed("what answers does not speak HTTP", fault=VideoFault.BROKEN)


def _without_user(address: str) -> tuple[str, httpx.Auth | None]:
    parts = urlsplit(address)
    url = urlunsplit((parts.scheme.lower(), parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
    if parts.username is None:
        return url, None
    return url, _AuthAsAsked(unquote(parts.username), unquote(parts.password or ""))


class _AuthAsAsked(httpx.Auth):
    """Digest where camera and we know the same, else basic, and nothing before it asks."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield request
        if response.status_code != 401:
            return
        for offer in response.headers.get_list("www-authenticate"):
            signed = self._signed(request, response, offer)
            if signed is not None:
                yield signed
                return
        if "basic" in response.headers.get("www-authenticate", "").lower():
            yield next(httpx.BasicAuth(self._user, self._password).auth_flow(request))

    def _signed(self, request: httpx.Request, response: httpx.Response, offer: str) -> httpx.Request | None:
        """None where the offer is not digest, is broken, or wants what is not known here (auth-int)."""
        others = [one for one in response.headers.multi_items() if one[0] != "www-authenticate"]
        asking = httpx.Response(401, headers=[*others, ("www-authenticate", offer)], request=request)
        answer = httpx.DigestAuth(self._user, self._password).auth_flow(request)
        next(answer)
        try:
            return answer.send(asking)
        except StopIteration:
            return None
        # What httpx raises for unknown algorithms, `qop="auth-int"` and offers that are none.
        except (LookupError, NotImplementedError, ValueError, httpx.ProtocolError):
            return None
