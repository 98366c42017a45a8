"""A real RTSP server for tests: GStreamer's, run by Debian's Python. `launcher.py` starts it.

Orders come as lines of JSON on standard input, each is answered by one line; the first line it writes tells
its port. It ends when its input ends.
"""

# ruff: noqa: E402, T201

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gi  # type: ignore[import-not-found,unused-ignore]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found,unused-ignore]

# Clips bring their headers along: repeated before each slice of a key frame (-1) they would cut it in two.
_FEED = (
    "( appsrc name=feed is-live=true format=time do-timestamp=true max-bytes=0 "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au,framerate={fps}/1 "
    "! h264parse ! rtph264pay name=pay0 pt=96 config-interval=0 aggregate-mode=zero-latency )"
)

_ANYBODY, _USER = "anybody", "user"


def access_units(path: Path) -> list[bytes]:
    """The pictures of an H.264 byte stream in which a delimiter stands before each."""
    data = path.read_bytes()
    starts = []
    at = data.find(b"\x00\x00\x00\x01\x09")
    while at >= 0:
        starts.append(at)
        at = data.find(b"\x00\x00\x00\x01\x09", at + 5)
    return [data[a:b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)]


def is_key(unit: bytes) -> bool:
    """Whether decoding can begin here."""
    at = unit.find(b"\x00\x00\x01")
    while at >= 0:
        if unit[at + 3] & 31 == 5:
            return True
        at = unit.find(b"\x00\x00\x01", at + 3)
    return False


class Feed:
    """What one path shows; every client gets its own from the beginning, unless it is shared."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.units = access_units(Path(order["units"]))
        self.fps = float(order["fps"])
        self.loops = bool(order.get("loops", True))
        self.mode = "play"
        self.stamps = Path(order["stamps"]) if order.get("stamps") else None

    def send(self, source: Any, is_over: threading.Event) -> None:
        """Pushes pictures at their pace until the client is gone."""
        index = 0
        latest_key = self.units[0]
        due_s = time.monotonic()
        while not is_over.wait(max(0.0, due_s - time.monotonic())):
            due_s += 1 / self.fps
            if self.mode == "mute":
                continue
            if self.mode == "end" or (index >= len(self.units) and not self.loops):
                source.emit("end-of-stream")
                return
            unit = self.units[index % len(self.units)]
            latest_key = unit if is_key(unit) else latest_key
            if self.mode == "freeze":
                unit = latest_key
            else:
                index += 1
            if self.stamps is not None:
                with self.stamps.open("a") as file:
                    file.write(f"{(index - 1) % len(self.units)} {time.monotonic()}\n")
            if source.emit("push-buffer", Gst.Buffer.new_wrapped(unit)) != Gst.FlowReturn.OK:
                return


class Cameras:
    """The server and what its paths show."""

    def __init__(self) -> None:
        self._feeds: dict[str, Feed] = {}
        self._server = GstRtspServer.RTSPServer()
        self._server.set_address("127.0.0.1")
        self._server.set_service("0")
        self._auth = GstRtspServer.RTSPAuth()
        self._auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        anybody = GstRtspServer.RTSPToken()
        anybody.set_string("media.factory.role", _ANYBODY)
        self._auth.set_default_token(anybody)
        self._server.set_auth(self._auth)
        self._server.attach(None)
        self.port = self._server.get_bound_port()

    def mount(self, order: dict[str, Any]) -> None:
        """A clip at a path."""
        feed = Feed(order)
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(_FEED.format(fps=round(feed.fps)))
        factory.connect("media-configure", self._configure, feed)
        self._feeds[order["path"]] = feed
        self._add(factory, order)

    def launch(self, order: dict[str, Any]) -> None:
        """Any pipeline at a path."""
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(order["launch"])
        self._add(factory, order)

    def set_mode(self, order: dict[str, Any]) -> None:
        """How a clip goes on: play, mute (nothing comes), freeze (the same picture for ever) or end."""
        self._feeds[order["path"]].mode = order["mode"]

    def drop(self, _: dict[str, Any]) -> None:
        """Hangs up on everybody."""
        self._server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REMOVE)

    def clients(self, _: dict[str, Any]) -> int:
        """How many are connected."""
        return len(self._server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REF))

    def _add(self, factory: Any, order: dict[str, Any]) -> None:
        factory.set_shared(bool(order.get("shared", False)))
        permissions = GstRtspServer.RTSPPermissions()
        user = order.get("user")
        for role in (_ANYBODY, _USER):
            permissions.add_permission_for_role(role, "media.factory.access", True)
            permissions.add_permission_for_role(role, "media.factory.construct", role == _USER or not user)
        factory.set_permissions(permissions)
        if user:
            self._let_in(user, order["password"], order.get("scheme", "basic"))
        self._server.get_mount_points().add_factory(order["path"], factory)

    def _let_in(self, user: str, password: str, scheme: str) -> None:
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", _USER)
        if scheme == "digest":
            self._auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            self._auth.add_digest(user, password, token)
        else:
            self._auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
            self._auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)

    def _configure(self, _: Any, media: Any, feed: Feed) -> None:
        is_over = threading.Event()
        media.connect("unprepared", lambda *_: is_over.set())
        source = media.get_element().get_by_name("feed")
        threading.Thread(target=feed.send, args=(source, is_over), daemon=True).start()


def obey(cameras: Cameras, order: dict[str, Any]) -> bool:
    """Called by the main loop; answers with one line."""
    answer = getattr(cameras, order["do"])(order)
    print(json.dumps({"answer": answer}), flush=True)
    return False


def main() -> None:
    Gst.init(None)
    cameras = Cameras()
    loop = GLib.MainLoop()
    print(json.dumps({"port": cameras.port}), flush=True)

    def listen() -> None:
        for line in sys.stdin:
            GLib.idle_add(obey, cameras, json.loads(line))
        loop.quit()

    threading.Thread(target=listen, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
