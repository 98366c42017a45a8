"""A thousand reconnects: what the server holds after each, and what cameras beside it notice."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.rtsp_server.launcher import RtspServer

from benchmarks.cameras_clips import FPS, walk_in_clip
from benchmarks.cameras_faults import slowest_analysed_per_s, steady_cameras
from benchmarks.cameras_holdings import Holding, holding_of
from benchmarks.cameras_stage import CameraClient, camera_server, wait_until
from benchmarks.progress import progress_bar

_SETTINGS = {
    "FACEGATE_CAMERAS__RECONNECT_MIN_S": "0.1",
    # The setting allows no less.
    "FACEGATE_CAMERAS__RECONNECT_MAX_S": "1",
}
_BACK_LIMIT_S = 60.0
_WARM_UP_SHARE = 0.1

_FLAPPING_WATCH = {"frames_per_s": 1.0}
"""What is measured is coming and going, not looking."""


@dataclass(frozen=True, slots=True)
class ReconnectOptions:
    """So many reconnects in all, of `flapping` cameras at once, beside `steady` ones."""

    reconnects: int = 1000
    flapping: int = 8
    steady: int = 4
    undisturbed_s: float = 15.0
    gallery_size: int = 10_000


@dataclass(frozen=True, slots=True)
class ReconnectSample:
    """What the server held when all cameras were live again after so many reconnects."""

    reconnects: int
    holding: Holding


@dataclass(frozen=True, slots=True)
class ReconnectFigures:
    """The slowest steady camera's looks per second before and while others came and went."""

    flapping: int
    steady: int
    seconds: float
    samples: Sequence[ReconnectSample]
    undisturbed_analysed_per_s: float | None
    analysed_per_s: float | None

    @property
    def reconnects(self) -> int:
        """How many there were."""
        return self.samples[-1].reconnects

    @property
    def warm(self) -> Holding:
        """After the first tenth, when what is loaded once is there."""
        return next(
            (one for one in self.samples if one.reconnects >= _WARM_UP_SHARE * self.reconnects),
            self.samples[-1],
        ).holding

    @property
    def last(self) -> Holding:
        """In the end."""
        return self.samples[-1].holding


def measure_reconnects(options: ReconnectOptions) -> ReconnectFigures:
    """Hangs up on all flapping cameras as soon as they are all live, again and again."""
    clip = walk_in_clip(31, 4 * FPS)
    with (
        camera_server(options.gallery_size, **_SETTINGS) as (server, client),
        steady_cameras(client, options.steady) as steady,
        RtspServer() as rtsp,
    ):
        before = client.statuses()
        time.sleep(options.undisturbed_s)
        undisturbed = slowest_analysed_per_s(before, client.statuses(), steady, options.undisturbed_s)
        flapping = [
            client.add(f"Flapping {number}", rtsp.show(f"/{number}", clip.path, fps=FPS), _FLAPPING_WATCH)
            for number in range(1, options.flapping + 1)
        ]
        client.wait_until_live(*flapping)
        start_s, before = time.monotonic(), client.statuses()
        samples = [ReconnectSample(0, holding_of(server.process, start_s))]
        with progress_bar("reconnects", options.reconnects) as advance_to:
            while samples[-1].reconnects < options.reconnects:
                done = _hang_up(rtsp, client, flapping)
                samples.append(ReconnectSample(done, holding_of(server.process, start_s)))
                advance_to(min(done, options.reconnects))
        seconds = time.monotonic() - start_s
        return ReconnectFigures(
            flapping=options.flapping,
            steady=options.steady,
            seconds=round(seconds, 1),
            samples=samples,
            undisturbed_analysed_per_s=undisturbed,
            analysed_per_s=slowest_analysed_per_s(before, client.statuses(), steady, seconds),
        )


def _hang_up(rtsp: RtspServer, client: CameraClient, flapping: Sequence[str]) -> int:
    """Until all of them are back; how many reconnects there were so far."""
    before = _reconnects(client, flapping)
    rtsp.drop_clients()

    def are_back() -> bool:
        statuses = client.statuses()
        return all(
            statuses[one]["state"] == "live" and statuses[one]["reconnect_count"] > before[one]
            for one in flapping
        )

    wait_until(are_back, _BACK_LIMIT_S, "cameras that were hung up on are not back", poll_s=0.1)
    return sum(_reconnects(client, flapping).values())


def _reconnects(client: CameraClient, camera_ids: Sequence[str]) -> dict[str, int]:
    statuses = client.statuses()
    return {camera_id: statuses[camera_id]["reconnect_count"] for camera_id in camera_ids}
