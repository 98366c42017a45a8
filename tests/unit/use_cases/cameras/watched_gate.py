"""A camera that is watched: pictures go in five times a second, what becomes of them comes out."""

from datetime import UTC, datetime, timedelta

from tests.fakes.engine import FakeFace
from tests.fakes.grabbed import scene
from tests.unit.use_cases.conftest import Core

from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.cameras.visits import VisitChange, VisitChangeKind
from facegate.ports.cameras.video_source import GrabbedFrame
from facegate.use_cases.cameras.watcher import FaceWatcher
from facegate.use_cases.cameras.watching import Look
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery

STARTED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def camera_with(watch: WatchSettings) -> Camera:
    return Camera("gate", "Gate", "rtsp://gate/1", watch, AlertRule(), True, STARTED, STARTED)


class WatchedGate:
    """The watcher with its own clock."""

    def __init__(
        self,
        analysis: FaceAnalysis,
        gallery: Gallery,
        watch: WatchSettings | None = None,
        frames_per_s: float = 5.0,
    ) -> None:
        self.watcher = FaceWatcher(camera_with(watch or WatchSettings()), analysis, gallery)
        self.step_s = 1.0 / frames_per_s
        self.at_s = 100.0
        self.changes: list[VisitChange] = []

    @staticmethod
    def of(core: Core, watch: WatchSettings | None = None) -> "WatchedGate":
        return WatchedGate(core.analysis, core.gallery, watch)

    @property
    def at(self) -> datetime:
        return STARTED + timedelta(seconds=self.at_s)

    def show(self, grabbed: GrabbedFrame, times: int = 1) -> Look:
        """Looks at this picture; its changes are added to `changes`."""
        for _ in range(times):
            self.at_s = round(self.at_s + self.step_s, 3)
            look = self.watcher.look(grabbed, self.at, self.at_s)
            self.changes += look.changes
        return look

    def people(self, *places: FakeFace | None, times: int = 1) -> Look:
        """People from left to right; each look shows another photo of them."""
        for number in range(times):
            shown = [
                None
                if face is None
                else FakeFace(face.person, (face.variant + number) % 64, face.is_live, face.is_sharp)
                for face in places
            ]
            look = self.show(scene(*shown))
        return look

    def wait(self, seconds: float) -> None:
        """Nothing is looked at for a while; once a second visits may end."""
        for _ in range(int(seconds)):
            self.at_s += 1.0
            self.changes += self.watcher.pass_time(self.at, self.at_s)

    def told(self) -> list[tuple[VisitChangeKind, str | None]]:
        """Kinds and persons of what changed since the last time."""
        told = [(change.kind, change.visit.subject_id) for change in self.changes]
        self.changes.clear()
        return told
