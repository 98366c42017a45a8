"""A local HTTP server that gives the Bot API's documented answers, and faults on demand.

What it knows is what https://core.telegram.org/bots/api says of `getMe`, `getUpdates`, `sendMessage` and
`sendPhoto`: forms as JSON, URL-encoded or multipart, the envelope of answers, limits of lengths, codes.
"""

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.bot_api.forms import Form, parse_form

TOKEN = "7012345678:AAFgate-Not_A_Real_Token_0123456789"
CHAT_ID = "123456789"


class Fault(Enum):
    """What goes wrong with one request."""

    TOO_MANY = auto()
    INTERNAL = auto()
    BAD_GATEWAY = auto()
    GATEWAY_TIMEOUT = auto()
    UNAVAILABLE = auto()
    BAD_JSON = auto()
    LOGIN_PAGE = auto()
    """A redirect, as in a hotel."""

    SLOW = auto()
    """The answer comes in drops."""

    HANGS_BEFORE_BODY = auto()
    HANGS_AFTER_BODY = auto()
    RESETS_BEFORE_BODY = auto()
    RESETS_AFTER_BODY = auto()
    RESETS_AFTER_DELIVERY = auto()
    """The chat has the message, the sender does not know."""

    REFUSES_PHOTO = auto()
    TOO_LARGE = auto()
    BLOCKED = auto()
    KICKED = auto()
    MIGRATED = auto()


_SAID_BY_API = {
    Fault.INTERNAL: (500, "Internal Server Error", None),
    Fault.REFUSES_PHOTO: (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", None),
    Fault.TOO_LARGE: (413, "Request Entity Too Large", None),
    Fault.BLOCKED: (403, "Forbidden: bot was blocked by the user", None),
    Fault.KICKED: (403, "Forbidden: bot was kicked from the supergroup chat", None),
    Fault.MIGRATED: (
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": -1001234567890},
    ),
}

_SAID_BY_OTHERS = {
    Fault.BAD_GATEWAY: (502, b"<html><h1>502 Bad Gateway</h1></html>"),
    Fault.GATEWAY_TIMEOUT: (504, b"<html><h1>504 Gateway Time-out</h1></html>"),
    Fault.UNAVAILABLE: (503, b"<html><h1>503</h1></html>"),
}


@dataclass(frozen=True)
class SentMessage:
    """What somebody in the chat sees."""

    chat_id: str
    text: str
    photo: bytes | None
    at_s: float
    fields: dict[str, str] = field(default_factory=dict)


class BotApiServer:
    """One bot and its chats. `faults` are used up one per request; `requests` counts them by method."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.chats: dict[str, str] = {CHAT_ID: "private", "-100200300": "supergroup", "-555": "group"}
        self.sent: list[SentMessage] = []
        self.requests: list[str] = []
        self.updates: list[dict[str, Any]] = []
        self.confirmed_offsets: list[str] = []
        self.faults: deque[Fault] = deque()
        self.retry_after_s = 7
        self.has_webhook = False
        self.is_read_by_another = False
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._message_ids = iter(range(1, 10**9))
        self._http = _Server(self)

    @property
    def url(self) -> str:
        """For FACEGATE_ALERTS__TELEGRAM_API_URL."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def next_fault(self) -> Fault | None:
        with self._lock:
            return self.faults.popleft() if self.faults else None

    def deliver(self, form: Form, text: str, photo: bytes | None) -> dict[str, Any]:
        with self._lock:
            chat_id = form.fields["chat_id"]
            self.sent.append(SentMessage(chat_id, text, photo, time.monotonic(), dict(form.fields)))
            return {
                "message_id": next(self._message_ids),
                "date": int(time.time()),
                "chat": {"id": int(chat_id), "type": self.chats[chat_id]},
            }

    def wait_for_messages(self, count: int, timeout_s: float = 10.0) -> list[SentMessage]:
        """As soon as so many have arrived."""
        ends_at = time.monotonic() + timeout_s
        while len(self.sent) < count:
            assert time.monotonic() < ends_at, f"{len(self.sent)} of {count} messages arrived"
            time.sleep(0.02)
        return list(self.sent)


@contextmanager
def bot_api(token: str = TOKEN) -> Iterator[BotApiServer]:
    """A server as long as the test runs."""
    server = BotApiServer(token)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, api: BotApiServer) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Exchange)


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        api = self.server.api
        bot, _, method = self.path.split("?")[0].strip("/").partition("/")
        api.requests.append(method)
        fault = api.next_fault()
        if fault is Fault.HANGS_BEFORE_BODY:
            api.stopping.wait(30)
            return self._reset()
        if fault is Fault.RESETS_BEFORE_BODY:
            return self._reset()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if fault is not None and self._has_failed(fault):
            return None
        if bot != f"bot{api.token}":
            # What the real one says depends on whether the token has the form of one.
            code, words = (401, "Unauthorized") if ":" in bot else (404, "Not Found")
            return self._refuse(code, words)
        form = parse_form(self.headers, body)
        answers = {"sendMessage": self._send_message, "sendPhoto": self._send_photo}
        answers |= {"getUpdates": self._get_updates, "getMe": self._get_me}
        if method not in answers:
            return self._refuse(404, "Not Found")
        return answers[method](form, fault)

    do_GET = do_POST  # noqa: N815

    def _has_failed(self, fault: Fault) -> bool:
        """Whether this was all that is answered."""
        if fault is Fault.HANGS_AFTER_BODY:
            self.server.api.stopping.wait(30)
            self._reset()
        elif fault is Fault.RESETS_AFTER_BODY:
            self._reset()
        elif fault is Fault.TOO_MANY:
            after_s = self.server.api.retry_after_s
            self._refuse(429, f"Too Many Requests: retry after {after_s}", {"retry_after": after_s})
        elif fault in _SAID_BY_API:
            self._refuse(*_SAID_BY_API[fault])
        elif fault in _SAID_BY_OTHERS:
            self._write(*_SAID_BY_OTHERS[fault], "text/html")
        elif fault is Fault.LOGIN_PAGE:
            self.send_response(302)
            self.send_header("Location", "http://login.invalid/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            return False
        return True

    def _send_message(self, form: Form, fault: Fault | None) -> None:
        text = form.fields.get("text", "")
        if not text.strip():
            return self._refuse(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return self._refuse(400, "Bad Request: message is too long")
        return self._deliver(form, text, None, fault)

    def _send_photo(self, form: Form, fault: Fault | None) -> None:
        caption, photo = form.fields.get("caption", ""), form.files.get("photo")
        if photo is None:
            return self._refuse(400, "Bad Request: there is no photo in the request")
        if len(caption.encode("utf-16-le")) // 2 > 1024:
            return self._refuse(400, "Bad Request: message caption is too long")
        if not photo.startswith(b"\xff\xd8"):
            return self._refuse(400, "Bad Request: IMAGE_PROCESS_FAILED")
        return self._deliver(form, caption, photo, fault)

    def _deliver(self, form: Form, text: str, photo: bytes | None, fault: Fault | None) -> None:
        if form.fields.get("chat_id") not in self.server.api.chats:
            return self._refuse(400, "Bad Request: chat not found")
        message = self.server.api.deliver(form, text, photo)
        if fault is Fault.RESETS_AFTER_DELIVERY:
            return self._reset()
        if fault is Fault.BAD_JSON:
            return self._write(200, b'{"ok":true,"resu')
        return self._say(200, {"ok": True, "result": message}, is_slow=fault is Fault.SLOW)

    def _get_updates(self, form: Form, fault: Fault | None) -> None:
        api = self.server.api
        if api.has_webhook:
            return self._refuse(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
            )
        if api.is_read_by_another:
            return self._refuse(409, "Conflict: terminated by other getUpdates request")
        if "offset" in form.fields:
            api.confirmed_offsets.append(form.fields["offset"])
        limit = int(form.fields.get("limit", "100"))
        return self._say(200, {"ok": True, "result": api.updates[:limit]}, is_slow=fault is Fault.SLOW)

    def _get_me(self, form: Form, fault: Fault | None) -> None:
        bot = {"id": int(self.server.api.token.partition(":")[0]), "is_bot": True, "first_name": "Gate"}
        return self._say(200, {"ok": True, "result": bot})

    def _refuse(self, code: int, words: str, parameters: dict[str, int] | None = None) -> None:
        answer: dict[str, Any] = {"ok": False, "error_code": code, "description": words}
        if parameters is not None:
            answer["parameters"] = parameters
        self._say(code, answer)

    def _say(self, status: int, answer: dict[str, Any], *, is_slow: bool = False) -> None:
        self._write(status, json.dumps(answer).encode(), is_slow=is_slow)

    def _write(
        self, status: int, body: bytes, content_type: str = "application/json", *, is_slow: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not is_slow:
            self.wfile.write(body)
            return
        for place in range(len(body)):
            if self.server.api.stopping.wait(0.2):
                return
            try:
                self.wfile.write(body[place : place + 1])
                self.wfile.flush()
            except OSError:
                self.close_connection = True
                return

    def _reset(self) -> None:
        reset_connection(self.connection)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            # A connection that was reset has nothing to flush.
            self.close_connection = True


def reset_connection(connection: socket.socket) -> None:
    """Ends it with RST, as a broken way between two machines does, as soon as its files are closed too."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
