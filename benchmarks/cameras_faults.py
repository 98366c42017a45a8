"""Hard times: how soon the status tells what is wrong with a camera, and what the others notice of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.rtsp_server.launcher import RtspServer
from tests.rtsp_server.scripted_cameras import UNKNOWN_CODEC_SDP, playing, scripted_camera

from benchmarks.cameras_clips import FPS, damaged_clip, walk_in_clip
from benchmarks.cameras_stage import CameraClient, StageFailed, camera_server, wait_until
from benchmarks.cameras_streams import rates_between
from benchmarks.cameras_walk_ins import sent_at
from benchmarks.progress import progress_bar

WANTED_S = 10.0

STEADY_WATCH = {"frames_per_s": 5.0, "has_motion_gate": False}

_STEADY_EMPTY, _STEADY_PRESENT = 31, 4 * FPS
_GOOD_PICTURES, _BAD_PICTURES = 3 * FPS, 20 * FPS
_POLL_S = 0.05
_BACK_LIMIT_S = 30.0
_LEAST_RATE_S = 3.0


@dataclass(frozen=True, slots=True)
class FaultOptions:
    """`settings` are the server's; the defaults are the product's own. The names are of `CASES`.

    Each trouble lasts `steady_s` at least, to see what the other cameras notice; less than three seconds
    say nothing of a rate.
    """

    steady: int = 4
    settings: dict[str, str] = field(default_factory=dict)
    names: Sequence[str] = ()
    limit_s: float = 90.0
    steady_s: float = 10.0
    gallery_size: int = 0


@dataclass(frozen=True, slots=True)
class ToldFault:
    """One kind of trouble. `told_after_s` is when the status named it rightly, None when it never did.

    `back_after_s` is from the end of the trouble until the camera was live again, where it has an end.
    `steady_analysed_per_s` is of the slowest of the other cameras meanwhile.
    """

    name: str
    told_after_s: float | None
    state: str
    fault: str | None
    trouble: str | None
    back_after_s: float | None
    steady_analysed_per_s: float | None


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A camera that is in trouble since `happened_s` (monotonic), and what ends it."""

    camera_id: str
    happened_s: float
    mend: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class _Scene:
    """The server with steady cameras; `held` keeps what a trouble needs until it is over."""

    client: CameraClient
    rtsp: RtspServer
    steady: Sequence[str]
    held: ExitStack

    def watched(self, source: str) -> str:
        """A camera of this address, with the best case for being told: it is always looked at."""
        return self.client.add("In trouble", source, STEADY_WATCH)

    def live(self, path: str) -> str:
        """One that gives pictures."""
        camera_id = self.watched(self.rtsp.show(path, _steady_clip(), fps=FPS))
        self.client.wait_until_live(camera_id)
        return camera_id


def _muted(scene: _Scene) -> _Trouble:
    camera_id = scene.live("/muted")
    scene.rtsp.mute("/muted")
    return _Trouble(camera_id, time.monotonic(), lambda: scene.rtsp.play("/muted"))


def _frozen(scene: _Scene) -> _Trouble:
    camera_id = scene.live("/frozen")
    scene.rtsp.freeze("/frozen")
    return _Trouble(camera_id, time.monotonic(), lambda: scene.rtsp.play("/frozen"))


def _garbage_pictures(scene: _Scene) -> _Trouble:
    stamps = Path(scene.held.enter_context(TemporaryDirectory())) / "stamps.txt"
    clip = damaged_clip(_GOOD_PICTURES, _BAD_PICTURES)
    camera_id = scene.watched(scene.rtsp.show("/damaged", clip.path, fps=FPS, stamps=stamps))
    scene.client.wait_until_live(camera_id)
    wait_until(
        lambda: bool(sent_at(stamps.read_text(), _GOOD_PICTURES)), clip.seconds, "no bad picture was sent"
    )
    return _Trouble(camera_id, sent_at(stamps.read_text(), _GOOD_PICTURES)[0])


def _garbage_answers(scene: _Scene) -> _Trouble:
    camera = scene.held.enter_context(scripted_camera(lambda _: bytes(range(256)) * 8))
    return _added(scene, camera.address())


def _wrong_password(scene: _Scene) -> _Trouble:
    scene.rtsp.show("/locked", _steady_clip(), fps=FPS, user="guard", password="right")  # noqa: S106
    return _added(scene, scene.rtsp.address("/locked", "guard:wrong"))


def _unknown_codec(scene: _Scene) -> _Trouble:
    # Packets come, told as video of a kind that GStreamer alone knows.
    made = "videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=10/1 ! jpegenc"
    told = "capssetter caps=application/x-rtp,media=(string)video join=true name=pay0"
    return _added(scene, scene.rtsp.launch("/codec", f"( {made} ! rtpgstpay pt=96 ! {told} )"))


def _unknown_codec_unsent(scene: _Scene) -> _Trouble:
    camera = scene.held.enter_context(scripted_camera(playing(UNKNOWN_CODEC_SDP)))
    return _added(scene, camera.address())


def _gone(scene: _Scene) -> _Trouble:
    rtsp = scene.held.enter_context(RtspServer())
    camera_id = scene.watched(rtsp.show("/gone", _steady_clip(), fps=FPS))
    scene.client.wait_until_live(camera_id)
    happened_s = time.monotonic()
    rtsp.close()
    return _Trouble(camera_id, happened_s)


def _added(scene: _Scene, source: str) -> _Trouble:
    """In trouble from the moment when it was added."""
    happened_s = time.monotonic()
    return _Trouble(scene.watched(source), happened_s)


CASES: dict[str, tuple[Callable[[_Scene], _Trouble], frozenset[str]]] = {
    "muted: connected, nothing more comes": (_muted, frozenset({"timed_out"})),
    "frozen: the same picture again and again": (_frozen, frozenset({"frozen"})),
    "garbage in place of pictures": (_garbage_pictures, frozenset({"broken"})),
    "garbage in place of answers": (_garbage_answers, frozenset({"broken"})),
    "wrong password": (_wrong_password, frozenset({"unauthorized"})),
    "unknown codec": (_unknown_codec, frozenset({"unsupported"})),
    "unknown codec, and nothing comes": (_unknown_codec_unsent, frozenset({"unsupported"})),
    "the camera is gone": (_gone, frozenset({"unreachable"})),
}
"""How each trouble is made, and which faults in the status are the truth."""

FROZEN = "frozen: the same picture again and again"


def measure_faults(options: FaultOptions) -> list[ToldFault]:
    """One trouble after the other, on one server, beside cameras that go on."""
    names = options.names or tuple(CASES)
    with (
        camera_server(options.gallery_size, **options.settings) as (_, client),
        steady_cameras(client, options.steady) as steady,
        RtspServer() as rtsp,
        progress_bar("hard times", len(names)) as advance_to,
    ):
        found = []
        for number, name in enumerate(names, start=1):
            with ExitStack() as held:
                found.append(_measure(name, _Scene(client, rtsp, steady, held), options))
            advance_to(number)
        return found


@contextmanager
def steady_cameras(client: CameraClient, count: int) -> Iterator[list[str]]:
    """Cameras with an RTSP server of their own, to which nothing happens; somebody walks in and out."""
    with RtspServer() as rtsp:
        camera_ids = [
            client.add(f"Steady {number}", rtsp.show(f"/{number}", _steady_clip(), fps=FPS), STEADY_WATCH)
            for number in range(1, count + 1)
        ]
        client.wait_until_live(*camera_ids)
        yield camera_ids
        for camera_id in camera_ids:
            client.remove(camera_id)


def slowest_analysed_per_s(
    before: dict[str, dict[str, Any]],
    after: dict[str, dict[str, Any]],
    camera_ids: Sequence[str],
    seconds: float,
) -> float | None:
    """Of these cameras, between two readings of all statuses; None where that was too short."""
    rates = [rates_between(before[one], after[one], seconds)["analysed"] for one in camera_ids]
    return round(min(rates), 2) if rates and seconds >= _LEAST_RATE_S else None


def _measure(name: str, scene: _Scene, options: FaultOptions) -> ToldFault:
    stage, right_faults = CASES[name]
    before, start_s = scene.client.statuses(), time.monotonic()
    trouble = stage(scene)
    told_after_s = _told_after_s(scene.client, trouble, right_faults, options.limit_s)
    status = scene.client.status(trouble.camera_id)
    time.sleep(max(0.0, trouble.happened_s + options.steady_s - time.monotonic()))
    after, seconds = scene.client.statuses(), time.monotonic() - start_s
    back_after_s = None if trouble.mend is None else _back_after_s(scene.client, trouble)
    scene.client.remove(trouble.camera_id)
    return ToldFault(
        name=name,
        told_after_s=told_after_s,
        state=status["state"],
        fault=status["fault"],
        trouble=status["trouble"],
        back_after_s=back_after_s,
        steady_analysed_per_s=slowest_analysed_per_s(before, after, scene.steady, seconds),
    )


def _told_after_s(
    client: CameraClient, trouble: _Trouble, right_faults: frozenset[str], limit_s: float
) -> float | None:
    while True:
        status = client.status(trouble.camera_id)
        passed_s = time.monotonic() - trouble.happened_s
        if status["state"] != "live" and status["fault"] in right_faults:
            return round(passed_s, 2)
        if passed_s > limit_s:
            return None
        time.sleep(_POLL_S)


def _back_after_s(client: CameraClient, trouble: _Trouble) -> float | None:
    assert trouble.mend is not None
    trouble.mend()
    try:
        return round(client.wait_until_live(trouble.camera_id, limit_s=_BACK_LIMIT_S), 2)
    except StageFailed:
        return None


def _steady_clip() -> Path:
    return walk_in_clip(_STEADY_EMPTY, _STEADY_PRESENT).path
