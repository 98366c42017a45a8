"""A receiver of facegate's webhooks: checks the signature, passes over repetitions, says what it heard.

    FACEGATE_SIGNING_KEY=the-same-as-in-the-channel python examples/webhook_receiver.py 8099

It needs nothing but Python. Behind it goes whatever shall happen: open a gate, write a line, call a program.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SIGNING_KEY = os.environ["FACEGATE_SIGNING_KEY"].encode()
OLDEST_S = 300
MAX_BODY_BYTES = 20 * 2**20

seen: OrderedDict[str, None] = OrderedDict()


def is_genuine(signature: str, body: bytes) -> bool:
    """Whether `t=…,v1=…` was made with our key over this body, and not long ago."""
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    if not parts.get("t", "").isdigit() or abs(time.time() - int(parts["t"])) > OLDEST_S:
        return False
    expected = hmac.new(SIGNING_KEY, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts.get("v1", ""))


def act(alert: dict) -> None:
    """What shall happen."""
    print(f"{alert['kind']}: {alert['title']} (confidence {alert['facts'].get('confidence')})", flush=True)
    if "picture" in alert:
        Path("last-alert.jpg").write_bytes(base64.b64decode(alert["picture"]["base64"]))


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 when it has understood; after anything but 2xx facegate comes again or says so."""

    def do_POST(self) -> None:
        """One alert."""
        length = int(self.headers.get("Content-Length", 0))
        if length > MAX_BODY_BYTES:
            self.send_error(413)
            return
        body = self.rfile.read(length)
        if not is_genuine(self.headers.get("X-Facegate-Signature", ""), body):
            self.send_error(401)
            return
        delivery = self.headers["X-Facegate-Delivery"]
        if delivery not in seen:
            act(json.loads(body))
            seen[delivery] = None
            if len(seen) > 10_000:
                seen.popitem(last=False)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Only what `act` says is printed."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8099
    ThreadingHTTPServer(("0.0.0.0", port), Receiver).serve_forever()  # noqa: S104
