"""Reading one camera: which frames are looked at, that each is counted, what the status says."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.cameras import RecordingReports, ScriptedWatcher, ScriptedWatchers
from tests.fakes.gallery import FakeClock
from tests.fakes.video import FakeGrabbedFrame, grabbed
from tests.unit.use_cases.cameras.camera_hall import new_picture
from tests.unit.use_cases.cameras.timed_streams import Step, TimedSource

from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.cameras.status import CameraState, CameraStatus, VideoFault
from facegate.domain.errors import CameraFailed, EngineFailed
from facegate.domain.images import Frame
from facegate.ports.cameras.video_source import LumaPixels
from facegate.use_cases.cameras.condition import CameraCondition
from facegate.use_cases.cameras.look_threads import LookThreads
from facegate.use_cases.cameras.reader import CameraReader, ReadCamera, ReaderOptions
from facegate.use_cases.cameras.report_queue import ReportQueue
from facegate.use_cases.cameras.sight import CameraSight, SharedParts

OPTIONS = ReaderOptions(reconnect_min_s=0.0005, reconnect_max_s=0.001)


@dataclass
class Played:
    """What a clip left behind."""

    status: CameraStatus
    source: TimedSource
    watcher: ScriptedWatcher | None


class UnreadableFrame(FakeGrabbedFrame):
    """Decoded, but nothing can be made of it."""

    def luma(self, width_px: int) -> LumaPixels:
        raise ValueError("rtsp://admin:geheim7@10.0.0.7 made this")

    def picture(self, max_side_px: int | None = None) -> Frame:
        raise ValueError("rtsp://admin:geheim7@10.0.0.7 made this")


def played(steps: Iterable[Step], watch: WatchSettings, watchers: ScriptedWatchers | None = None) -> Played:
    """Reads a clip to its end, with a thread that looks."""
    clock = FakeClock()
    camera = Camera("gate", "Gate", "/clip.mp4", watch, AlertRule(), True, clock.now_utc(), clock.now_utc())
    watchers = watchers or ScriptedWatchers()
    looks, reports = LookThreads(2), ReportQueue(RecordingReports())
    looks.start()
    reports.start()
    condition = CameraCondition("gate", clock)
    sight = CameraSight(camera, condition, SharedParts(clock, looks, reports, watchers))
    source = TimedSource(clock, steps)
    reader = CameraReader(ReadCamera(camera, condition, sight), source, clock, OPTIONS)
    reader.start(())
    reader.thread.join(20)
    assert not reader.thread.is_alive()
    assert reader.is_finished
    sight.retire()
    assert looks.close(20)
    reports.close(20)
    return Played(condition.status(), source, watchers.made[-1] if watchers.made else None)


def fresh(count: int, every_s: float = 0.04) -> list[Step]:
    return [(every_s, grabbed(new_picture())) for _ in range(count)]


def dropped_or_analysed(status: CameraStatus) -> int:
    counts = status.counts
    return counts.analysed + counts.not_due + counts.superseded + counts.still + counts.failed


def test_of_twenty_five_a_second_five_are_taken() -> None:
    status = played(fresh(250), WatchSettings(frames_per_s=5, has_motion_gate=False)).status
    assert status.counts.decoded == 250
    assert status.counts.not_due == pytest.approx(200, abs=1)
    assert status.counts.analysed + status.counts.superseded + status.counts.not_due == 250
    assert status.frames_per_s == pytest.approx(25, abs=0.2)
    assert status.state is CameraState.ENDED
    assert status.stream is not None
    assert status.stream.codec == "h264"


def test_only_due_frames_are_asked_for_motion_and_the_still_ones_are_counted() -> None:
    watchers = ScriptedWatchers()
    asked: list[int] = []

    def prepare(watcher: ScriptedWatcher) -> None:
        def moves(luma: LumaPixels) -> bool:
            asked.append(luma.shape[1])
            return False

        watcher.moves = moves

    watchers.prepare = prepare
    result = played(fresh(250), WatchSettings(frames_per_s=5), watchers)
    counts = result.status.counts
    # Until the watcher is made, on another thread, every frame is worth a look.
    assert counts.still == len(asked)
    assert counts.still + counts.analysed + counts.superseded == pytest.approx(50, abs=1)
    assert set(asked) <= {OPTIONS.luma_width_px}


def test_frames_that_are_not_due_cost_nothing() -> None:
    conversions: list[str] = []
    frame = Frame.of(new_picture())
    steps: list[Step] = [(0.001, FakeGrabbedFrame(frame, conversions.append)) for _ in range(500)]
    played(steps, WatchSettings(frames_per_s=1, has_motion_gate=False))
    # Half a second: one is looked at, and a few are compared.
    assert conversions.count("picture") <= 1
    assert conversions.count("luma") <= 3


def test_a_picture_that_does_not_change_is_not_looked_at_any_more() -> None:
    same = grabbed(new_picture())
    states: list[Step] = [(0.2, same)] * 350
    result = played(states, WatchSettings(frames_per_s=5, has_motion_gate=False))
    # 60 s at 5 a second, and the first.
    assert result.status.counts.still == pytest.approx(50, abs=2)


def test_a_frame_that_cannot_be_converted_is_counted_and_the_next_is_looked_at(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad: Step = (1.0, UnreadableFrame(Frame.of(new_picture())))
    result = played([bad, bad, *fresh(1, 1.0)], WatchSettings(frames_per_s=5))
    assert result.status.counts.failed == 2
    assert result.status.counts.analysed + result.status.counts.superseded == 1
    assert len([record for record in caplog.records if "cannot be read" in record.getMessage()]) == 1
    assert "geheim7" not in caplog.text


def test_a_thousand_reconnects_leave_nothing_behind() -> None:
    steps: list[Step] = []
    for _ in range(1000):
        steps += fresh(1)
        steps.append((0.0, CameraFailed("data that nobody can read", fault=VideoFault.BROKEN)))
    result = played(steps, WatchSettings(frames_per_s=30, has_motion_gate=False))
    assert result.source.opened_count == result.source.closed_count == 1001
    assert result.status.reconnect_count == 1000
    assert dropped_or_analysed(result.status) == result.status.counts.decoded == 1000


GRABS = st.one_of(
    st.sampled_from(["new", "same", "unreadable", "broken", "silent", "bug"]), st.just("new"), st.just("new")
)


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.01, 0.04, 0.3, 15.0]), GRABS), max_size=60),
    st.sampled_from([0.1, 1.0, 5.0, 30.0]),
    st.booleans(),
    st.sets(st.integers(0, 60)),
)
def test_every_decoded_frame_is_analysed_or_counted_as_dropped(
    script: list[tuple[float, str]], frames_per_s: float, has_motion_gate: bool, failing: set[int]
) -> None:
    watchers, looks = ScriptedWatchers(), iter(range(1000))

    def prepare(watcher: ScriptedWatcher) -> None:
        watcher.moves = lambda luma: bool(int(luma.sum()) % 3)
        watcher.faults.extend(EngineFailed("broken") for _ in range(len(failing)) if next(looks) in failing)

    watchers.prepare = prepare
    same, unreadable = grabbed(new_picture()), UnreadableFrame(Frame.of(new_picture()))
    steps: list[Step] = []
    for seconds, kind in script:
        shown: dict[str, Step] = {
            "new": (seconds, grabbed(new_picture())),
            "same": (seconds, same),
            "unreadable": (seconds, unreadable),
            "broken": (seconds, CameraFailed("broken", fault=VideoFault.BROKEN)),
            "silent": (seconds, CameraFailed("silent", fault=VideoFault.TIMED_OUT)),
            "bug": (seconds, ZeroDivisionError("rtsp://admin:geheim7@10.0.0.7")),
        }
        steps.append(shown[kind])
    watch = WatchSettings(frames_per_s=frames_per_s, has_motion_gate=has_motion_gate)
    status = played(steps, watch, watchers).status
    assert status.counts.decoded == sum(kind in ("new", "same", "unreadable") for _, kind in script)
    assert dropped_or_analysed(status) == status.counts.decoded
