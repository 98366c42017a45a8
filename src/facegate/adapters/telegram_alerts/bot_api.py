"""One request to the Bot API: bounded in time and size, and honest about whether it may have arrived.

The token is part of every address there. It appears in no error, no log line and no repr: errors are made
here from their kind alone, and httpx's own line for each request is dropped.
"""

import logging
import re
import time
from collections.abc import Iterator, Mapping

import httpx

from facegate.adapters.telegram_alerts.answers import BotAnswer
from facegate.domain.errors import ChannelFailed, InvalidInput

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,128}")
_TOKEN_IN_TEXT = re.compile(r"bot[0-9]{1,20}(:|%3A)", re.IGNORECASE)

_CHUNK_BYTES = 16 * 1024
_LONGEST_CONNECT_S = 5.0
_MAX_ANSWER_BYTES = 4 * 2**20
"""A hundred updates with long texts are below one; nothing else is long."""


class _NoTokens(logging.Filter):
    """Drops what shows an address of the Bot API."""

    def filter(self, record: logging.LogRecord) -> bool:
        return _TOKEN_IN_TEXT.search(record.getMessage()) is None


_NO_TOKENS = _NoTokens()


def checked_token(token: str) -> str:
    """The token without blanks around it.

    Raises:
        InvalidInput: it is none; the sentence does not repeat it.
    """
    token = token.strip()
    if _TOKEN.fullmatch(token) is None:
        raise InvalidInput("token must be a bot's token as @BotFather gives it: 123456789:AA…", field="token")
    return token


def bot_id_of(token: str) -> str:
    """The number before the colon, which is no secret."""
    return token.partition(":")[0]


class BotApi:
    """The Bot API at one address; safe from several threads.

    Each request has a connection of its own: one that was kept open may have been closed by the other side
    just when it is used again, and then nobody knows whether the message went through.
    """

    def __init__(self, api_url: str) -> None:
        # Here rather than at import: whoever sets up logging may replace filters. Adding it twice is once.
        logging.getLogger("httpx").addFilter(_NO_TOKENS)
        self._api_url = api_url.rstrip("/")
        self._client = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), follow_redirects=False)

    def call(
        self,
        token: str,
        method: str,
        fields: Mapping[str, str],
        *,
        ends_at: float,
        photo: bytes | None = None,
    ) -> BotAnswer:
        """The answer, whatever it says; `ends_at` is a monotonic time.

        Raises:
            ChannelFailed: no answer came.
        """
        left_s = ends_at - time.monotonic()
        if self._client.is_closed or left_s <= 0:
            raise ChannelFailed("there was no time left to write to Telegram")
        body, headers = _encoded(fields, photo)
        outgoing = _WatchedBody(body, ends_at)
        try:
            with self._client.stream(
                "POST",
                f"{self._api_url}/bot{token}/{method}",
                content=outgoing,
                headers=headers,
                timeout=httpx.Timeout(left_s, connect=min(left_s, _LONGEST_CONNECT_S)),
            ) as response:
                return BotAnswer.parse(response.status_code, _read(response, ends_at))
        except httpx.InvalidURL:
            raise ChannelFailed("the Bot API's address cannot be used", is_permanent=True) from None
        except httpx.HTTPError as error:
            # `from None`: the original holds the request, and that the token.
            raise _no_answer(error, is_written=outgoing.is_written) from None

    def close(self) -> None:
        """Ends what is kept open."""
        self._client.close()


class _WatchedBody(httpx.SyncByteStream):
    """The body in pieces. `is_written` once the last was handed to the system: then it may arrive."""

    def __init__(self, body: bytes, ends_at: float) -> None:
        self._body = body
        self._ends_at = ends_at
        self.is_written = False

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), _CHUNK_BYTES):
            if time.monotonic() > self._ends_at:
                raise httpx.WriteTimeout("the body took too long")
            yield self._body[start : start + _CHUNK_BYTES]
        self.is_written = True


def _encoded(fields: Mapping[str, str], photo: bytes | None) -> tuple[bytes, dict[str, str]]:
    files = None if photo is None else {"photo": ("alert.jpg", photo, "image/jpeg")}
    # httpx writes the form; the address is never used.
    request = httpx.Request("POST", "http://form.invalid", data=fields, files=files)
    body = request.read()
    return body, {"Content-Type": request.headers["Content-Type"], "Content-Length": str(len(body))}


def _read(response: httpx.Response, ends_at: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if time.monotonic() > ends_at:
            raise httpx.ReadTimeout("the answer took too long")
        if size > _MAX_ANSWER_BYTES:
            # The status says enough; what is cut off cannot be parsed.
            break
    return b"".join(parts)


def _no_answer(error: httpx.HTTPError, *, is_written: bool) -> ChannelFailed:
    if is_written:
        return ChannelFailed("the connection to Telegram ended before it answered", may_have_arrived=True)
    if isinstance(error, httpx.TimeoutException):
        return ChannelFailed("Telegram cannot be reached in time: is there a way to the internet?")
    if isinstance(error, httpx.UnsupportedProtocol):
        return ChannelFailed("the Bot API's address has to begin with https:// or http://", is_permanent=True)
    return ChannelFailed("Telegram cannot be reached: is there a way to the internet?")
