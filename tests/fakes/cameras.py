"""Cameras in memory, a watcher that does as it is told, and reports that are kept. For tests of the runner.

reports = RecordingReports()
watchers = ScriptedWatchers()
CameraRunner(register, FakeVideoSource(), watchers, reports, clock, options)
watchers.of(camera_id).says(a_visit(VisitChangeKind.BEGAN))   # told with the next look
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tests.fakes.terminal_people import Breakable, storable

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.status import CameraStatus
from facegate.domain.cameras.visits import Visit, VisitChange, VisitChangeKind
from facegate.domain.errors import StoreFailed
from facegate.domain.matching import Band
from facegate.ports.cameras.video_source import GrabbedFrame, LumaPixels
from facegate.use_cases.cameras.watching import Look

SEEN_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class FakeCameraStore(Breakable):
    """Cameras in a dict. It passes the same contract suite as the real store; see `Breakable`."""

    def __init__(self) -> None:
        super().__init__()
        self._cameras: dict[str, Camera] = {}

    def add_cameras(self, cameras: Sequence[Camera]) -> None:
        self._check()
        new = {camera.camera_id: _stored(camera) for camera in cameras}
        with self._lock:
            if len(new) < len(cameras) or new.keys() & self._cameras.keys():
                raise StoreFailed("something with this id is already in the gallery")
            self._cameras.update(new)

    def save_camera(self, camera: Camera) -> bool:
        self._check()
        with self._lock:
            is_known = camera.camera_id in self._cameras
            if is_known:
                source = camera.source or self._cameras[camera.camera_id].source
                self._cameras[camera.camera_id] = replace(_stored(camera), source=source)
            return is_known

    def find_camera(self, camera_id: str) -> Camera | None:
        self._check()
        return self._cameras.get(camera_id)

    def list_cameras(self) -> list[Camera]:
        self._check()
        with self._lock:
            return sorted(self._cameras.values(), key=lambda one: (one.created_at, one.camera_id))

    def lose_source(self, camera_id: str) -> None:
        """As when its key was lost."""
        self._cameras[camera_id] = replace(self._cameras[camera_id], source="")

    def delete_camera(self, camera_id: str) -> bool:
        self._check()
        with self._lock:
            return self._cameras.pop(camera_id, None) is not None


def _stored(camera: Camera) -> Camera:
    storable(camera.nickname)
    return camera


class ScriptedWatcher:
    """Sees nobody unless told; `faults` are raised by the next looks, one each."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.moves: Callable[[LumaPixels], bool] = lambda _: True
        self.faults: deque[Exception] = deque()
        self.looked_at: list[GrabbedFrame] = []
        self.passed_at: list[datetime] = []
        self.ended_count = 0
        self.at_end: tuple[VisitChange, ...] = ()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._says: deque[VisitChange] = deque()
        self._alone = threading.Lock()

    def says(self, *changes: VisitChange) -> None:
        """Told with the next look."""
        self._says.extend(changes)

    def is_moving(self, luma: LumaPixels, at_s: float) -> bool:
        return self.moves(luma)

    def look(self, grabbed: GrabbedFrame, at: datetime, at_s: float) -> Look:
        with self._by_one_thread():
            self.looked_at.append(grabbed)
            assert self.may_go_on.wait(30)
            if self.faults:
                raise self.faults.popleft()
            changes = tuple(self._says)
            self._says.clear()
            return Look(grabbed.picture(), (), len(changes), changes)

    def pass_time(self, at: datetime, at_s: float) -> tuple[VisitChange, ...]:
        with self._by_one_thread():
            self.passed_at.append(at)
            return ()

    def end(self, at: datetime) -> tuple[VisitChange, ...]:
        with self._by_one_thread():
            self.ended_count += 1
            return self.at_end

    def _by_one_thread(self) -> threading.Lock:
        assert not self._alone.locked(), "two threads at once, which no watcher has to stand"
        return self._alone


class ScriptedWatchers:
    """Makes them, and knows them; `faults` are raised instead, one each."""

    def __init__(self) -> None:
        self.made: list[ScriptedWatcher] = []
        self.faults: deque[Exception] = deque()
        self.prepare: Callable[[ScriptedWatcher], None] = lambda _: None

    def __call__(self, camera: Camera) -> ScriptedWatcher:
        if self.faults:
            raise self.faults.popleft()
        watcher = ScriptedWatcher(camera)
        self.prepare(watcher)
        self.made.append(watcher)
        return watcher

    def of(self, camera_id: str) -> ScriptedWatcher:
        """The newest of this camera."""
        return next(one for one in reversed(self.made) if one.camera.camera_id == camera_id)


class RecordingReports(Breakable):
    """What was told, in order; see `Breakable`. `faults` are raised by the next calls, one each."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: deque[Exception] = deque()
        self.visits: list[tuple[Camera, VisitChange]] = []
        self.downs: list[CameraStatus] = []
        self.ups: list[tuple[CameraStatus, float | None]] = []
        self.told: list[str] = []
        """Camera ids with what was told: `began`, `named`, `ended`, `down`, `up`."""

    def visits_changed(self, camera: Camera, changes: Sequence[VisitChange]) -> None:
        self._check_faults()
        with self._lock:
            self.visits.extend((camera, change) for change in changes)
            self.told.extend(f"{camera.camera_id} {change.kind.value}" for change in changes)

    def camera_down(self, camera: Camera, status: CameraStatus) -> None:
        self._check_faults()
        with self._lock:
            self.downs.append(status)
            self.told.append(f"{camera.camera_id} down")

    def camera_up(self, camera: Camera, status: CameraStatus, was_down_s: float | None) -> None:
        self._check_faults()
        with self._lock:
            self.ups.append((status, was_down_s))
            self.told.append(f"{camera.camera_id} up")

    def _check_faults(self) -> None:
        self._check()
        if self.faults:
            raise self.faults.popleft()


def a_visit(kind: VisitChangeKind, camera_id: str = "gate") -> VisitChange:
    """A stranger's."""
    return VisitChange(kind, Visit(camera_id, None, Band.UNKNOWN, SEEN_AT, SEEN_AT))
