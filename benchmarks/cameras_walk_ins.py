"""From glass to event: how long after somebody came into the picture their name and the message are there."""

import tempfile
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.bot_api.server import BotApiServer, bot_api
from tests.rtsp_server.launcher import RtspServer

from benchmarks.cameras_clips import FPS, SUBJECT_ID, Clip, first_whole_face, walk_in_clip
from benchmarks.cameras_event_stream import EventListener, HeardEvent
from benchmarks.cameras_stage import CameraClient, camera_server, wait_until
from benchmarks.progress import progress_bar
from benchmarks.server_process import RunningServer

WANTED_S = 2.0

_FIRST_PICTURE_LIMIT_S = 30.0
_FIRST_CHAT = 1000


@dataclass(frozen=True, slots=True)
class WalkInOptions:
    """How often somebody walks in at one camera, and at `cameras` at once; the room is empty in between.

    252 pictures a round, so that the looks, one in five pictures, fall elsewhere each time.
    """

    rounds_alone: int = 30
    cameras: int = 8
    rounds_together: int = 5
    empty_pictures: int = 151
    present_pictures: int = 101
    leave_after_s: float = 1.0
    has_motion_gate: bool = True
    last_messages_s: float = 3.0
    gallery_size: int = 10_000


@dataclass(frozen=True, slots=True)
class WalkIn:
    """One. Times are seconds from the sending of the first picture with a pixel of the person.

    `whole_face_s` is when the whole face was first in view. `event_s` is when the stream of events told of a
    visit, `named_s` when it told the right name; None where it did not.
    """

    camera: int
    whole_face_s: float
    event_s: float | None
    named_s: float | None
    message_s: float | None
    visit_count: int
    message_count: int
    wrong_name_count: int


@dataclass(frozen=True, slots=True)
class WalkInFigures:
    """All walk-ins of one part; `message_states` count what the outbox says."""

    name: str
    cameras: int
    walk_ins: Sequence[WalkIn]
    missed_event_count: int
    message_states: dict[str, int]


@dataclass(frozen=True, slots=True)
class Delays:
    """Of those that were told at all, in seconds."""

    count: int
    p50_s: float
    p95_s: float
    greatest_s: float
    within_wanted: int


def measure_walk_ins(options: WalkInOptions) -> list[WalkInFigures]:
    """One camera alone, then many at once, on one server."""
    clip = walk_in_clip(options.empty_pictures, options.present_pictures)
    whole_face = first_whole_face(clip)
    parts = (
        ("one camera", 1, options.rounds_alone),
        ("all at once", options.cameras, options.rounds_together),
    )
    with bot_api() as api:
        settings = {"FACEGATE_ALERTS__TELEGRAM_API_URL": api.url}
        with camera_server(options.gallery_size, **settings) as (server, client):
            return [
                _measure_part(name, server, client, _Play(api, clip, whole_face, cameras, rounds, options))
                for name, cameras, rounds in parts
                if cameras * rounds
            ]


@dataclass(frozen=True, slots=True)
class _Play:
    """What is played in one part, and who is told."""

    api: BotApiServer
    clip: Clip
    whole_face: int
    cameras: int
    rounds: int
    options: WalkInOptions


def _measure_part(name: str, server: RunningServer, client: CameraClient, play: _Play) -> WalkInFigures:
    with (
        EventListener(server).listening() as listener,
        RtspServer() as rtsp,
        _door_cameras(client, rtsp, play) as doors,
    ):
        _wait_for_rounds(name, doors, play)
        time.sleep(play.options.last_messages_s)
        walk_ins = [one for door in doors for one in door.walk_ins(play, listener.events)]
        states = Counter(message["state"] for message in client.messages())
        return WalkInFigures(name, play.cameras, walk_ins, listener.missed_count, dict(states))


def delays(walk_ins: Sequence[WalkIn], delay_of: Callable[[WalkIn], float | None]) -> Delays | None:
    """None where nothing was told at all."""
    seconds = [delay for one in walk_ins if (delay := delay_of(one)) is not None]
    if not seconds:
        return None
    p50, p95, greatest = (round(float(np.quantile(seconds, share)), 3) for share in (0.5, 0.95, 1.0))
    return Delays(len(seconds), p50, p95, greatest, sum(delay <= WANTED_S for delay in seconds))


def since_whole_face(walk_in: WalkIn, at_s: float | None) -> float | None:
    """The same moment, counted from the first picture with the whole face."""
    return None if at_s is None else at_s - walk_in.whole_face_s


def sent_at(stamps: str, number: int) -> list[float]:
    """When the picture of this number was sent, each time."""
    lines = (line.split() for line in stamps.splitlines())
    return [float(at_s) for sent, at_s in lines if int(sent) == number]


def by_window(starts: Sequence[float], times: Sequence[float]) -> list[list[float]]:
    """Each time under the last start before it; what came before all of them is left out."""
    windows: list[list[float]] = [[] for _ in starts]
    for at_s in times:
        if number := bisect_right(starts, at_s):
            windows[number - 1].append(at_s)
    return windows


@dataclass(frozen=True, slots=True)
class _Door:
    """A camera with a chat of its own, so that neither its messages nor their limits mix with others'."""

    number: int
    camera_id: str
    chat_id: str
    stamps: Path

    def walk_ins(self, play: _Play, heard: Sequence[HeardEvent]) -> list[WalkIn]:
        """What became of each time that somebody came."""
        stamps = self.stamps.read_text()
        assert play.clip.somebody_from is not None
        starts = sent_at(stamps, play.clip.somebody_from)
        events = [event for event in heard if event.camera_id == self.camera_id]
        told = {
            "whole_face": sent_at(stamps, play.whole_face),
            "visits": [event.at_s for event in first_of_each(events)],
            "named": [event.at_s for event in events if event.subject_id == SUBJECT_ID],
            "wrong": [event.at_s for event in events if event.subject_id not in (SUBJECT_ID, None)],
            "messages": [one.at_s for one in play.api.sent if one.chat_id == self.chat_id],
        }
        windows = {what: by_window(starts, times) for what, times in told.items()}
        found = []
        # What has begun after the last whole round is cut off by the end.
        for number, start_s in enumerate(starts[: play.rounds]):
            times = {
                what: [round(at_s - start_s, 4) for at_s in each[number]] for what, each in windows.items()
            }
            found.append(_walk_in(self.number, times))
        return found


def _walk_in(camera: int, times: dict[str, list[float]]) -> WalkIn:
    return WalkIn(
        camera=camera,
        whole_face_s=times["whole_face"][0],
        event_s=next(iter(times["visits"]), None),
        named_s=next(iter(times["named"]), None),
        message_s=next(iter(times["messages"]), None),
        visit_count=len(times["visits"]),
        message_count=len(times["messages"]),
        wrong_name_count=len(times["wrong"]),
    )


def first_of_each(events: Sequence[HeardEvent]) -> list[HeardEvent]:
    """Of events that were told several times, the first telling."""
    firsts: dict[str, HeardEvent] = {}
    for event in events:
        firsts.setdefault(event.event_id, event)
    return list(firsts.values())


@contextmanager
def _door_cameras(client: CameraClient, rtsp: RtspServer, play: _Play) -> Iterator[list[_Door]]:
    with tempfile.TemporaryDirectory() as folder:
        doors = []
        for number in range(1, play.cameras + 1):
            stamps, chat_id = Path(folder) / f"{number}.txt", str(_FIRST_CHAT * play.cameras + number)
            source = rtsp.show(f"/door-{number}", play.clip.path, fps=FPS, stamps=stamps)
            alerts = {
                "who": "known",
                "channel_ids": [client.add_chat(play.api, chat_id)],
                "cooldown_seconds": 0,
                "tells_health": False,
            }
            watch = {
                "leave_after_s": play.options.leave_after_s,
                "has_motion_gate": play.options.has_motion_gate,
            }
            camera_id = client.add(f"Door {number} of {play.cameras}", source, watch, alerts)
            doors.append(_Door(number, camera_id, chat_id, stamps))
        yield doors
        for door in doors:
            client.remove(door.camera_id)


def _wait_for_rounds(name: str, doors: Sequence[_Door], play: _Play) -> None:
    """Until the last of them has shown its clip so often; a round ends with the person gone."""
    for door in doors:
        wait_until(door.stamps.is_file, _FIRST_PICTURE_LIMIT_S, "no picture was asked for")
    start_s = time.monotonic()
    with progress_bar(f"walk-ins, {name}", play.rounds) as advance_to:
        for number in range(1, play.rounds + 1):
            time.sleep(max(0.0, start_s + number * play.clip.seconds - time.monotonic()))
            advance_to(number)
