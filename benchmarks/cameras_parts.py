"""Where a camera's processor time goes: each step from stream to visit, in this process, on one core."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from tests.real_pictures import RealPictures, default_picture_folder
from tests.rtsp_server.launcher import RtspServer

from benchmarks.cameras_clips import ENROLLED_PHOTO, FPS, SUBJECT_ID, Clip, pictures_of
from benchmarks.cameras_stage import EMBEDDER
from benchmarks.engine_parts import model_files
from benchmarks.people import synthetic_people
from benchmarks.server_process import fill_gallery
from benchmarks.timing import Timing, one_core, timing_of
from facegate.adapters.av_video import AvVideoSource
from facegate.adapters.av_video.frames import AvGrabbedFrame
from facegate.adapters.calibration_files.shipped_curves import shipped_curves
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.pillow_images.face_cutter import PillowFaceCutter
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.adapters.sql_store import SqlGalleryStore, open_sqlite
from facegate.adapters.system_clock import SystemClock
from facegate.composition.engine import load_engine
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.storage import DATABASE_FILE_NAME
from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.cameras.motion import MotionGate
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.geometry import ImageSize
from facegate.domain.images import DetectedFace, Frame, SmallLook
from facegate.domain.matching import Identification, MatchPolicy
from facegate.domain.subjects import Subject
from facegate.domain.templates import Template
from facegate.ports.cameras.video_source import LumaPixels, VideoRequest
from facegate.settings.engine_groups import Embedder, EngineSettings
from facegate.use_cases.cameras.watcher import FaceWatcher
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos, EnrolPhotosRequest, Photo
from facegate.use_cases.face_analysis import FaceAnalysis, JudgedFace
from facegate.use_cases.gallery import Gallery

RECEIVE = "receive over RTSP and decode, 25 frames"
DECODE = "decode alone, 25 frames"
LUMA, GATE = "brightness, 160 px wide", "motion gate"
SMALL, WHOLE = "RGB, 640 px wide", "RGB, whole picture"
DETECT, JUDGE, EMBED = "detect faces", "align and judge a face", "embed a face"
SEARCH, NAME = "search the gallery", "look the name up"
REST = "track, vote, visits"
LOOK_NOBODY, LOOK_FOLLOWED, LOOK_READ = (
    "whole look, nobody there",
    "whole look, face followed",
    "whole look, face read",
)

_LUMA_WIDTH_PX = 160
_LOOK_EVERY = 5
"""Pictures of 25 a second: five looks a second."""

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
T = TypeVar("T")


def measure_parts(clip: Clip, *, rounds: int, gallery_size: int, stream_s: float) -> dict[str, Timing]:
    """Milliseconds of processor time by step; the clip is looked at so often, each time at other pictures."""
    with RtspServer() as rtsp, tempfile.TemporaryDirectory() as folder, one_core():
        stopwatch = Stopwatch()
        address = rtsp.show("/parts", clip.path, fps=FPS)
        _receive(address, stream_s, stopwatch)
        with _gallery(Path(folder), gallery_size, stopwatch) as (analysis, gallery):
            for number in range(rounds):
                _look_at(clip, number, FaceWatcher(_camera(), analysis, gallery), stopwatch)
    return {name: timing_of(seconds) for name, seconds in stopwatch.spent_s.items()}


class Stopwatch:
    """Processor time of this thread, by name of what was done; a part inside a part counts for both."""

    def __init__(self) -> None:
        self.spent_s: dict[str, list[float]] = defaultdict(list)
        self.inside_s = 0.0
        """Of all timed parts so far."""

    def time(self, name: str, call: Callable[[], T]) -> T:
        """Does it and remembers how long it took."""
        start_s = time.thread_time()
        done = call()
        spent_s = time.thread_time() - start_s
        self.spent_s[name].append(spent_s)
        self.inside_s += spent_s
        return done


class _TimedAnalysis(FaceAnalysis):
    stopwatch: Stopwatch

    def find_faces(self, frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        return self.stopwatch.time(DETECT, lambda: FaceAnalysis.find_faces(self, frame, seen))

    def judge(self, frame: Frame, face: DetectedFace) -> JudgedFace:
        return self.stopwatch.time(JUDGE, lambda: FaceAnalysis.judge(self, frame, face))

    def embed(self, faces: Sequence[JudgedFace]) -> list[Template]:
        return self.stopwatch.time(EMBED, lambda: FaceAnalysis.embed(self, faces))


class _TimedGallery(Gallery):
    stopwatch: Stopwatch

    def identify(self, template: Template, max_candidates: int = 5) -> Identification:
        return self.stopwatch.time(SEARCH, lambda: Gallery.identify(self, template, max_candidates))

    def find_subject(self, subject_id: str) -> Subject | None:
        return self.stopwatch.time(NAME, lambda: Gallery.find_subject(self, subject_id))


class _TimedFrame:
    """A GrabbedFrame whose conversions are timed."""

    def __init__(self, grabbed: AvGrabbedFrame, stopwatch: Stopwatch) -> None:
        self._grabbed = grabbed
        self._stopwatch = stopwatch

    @property
    def size(self) -> ImageSize:
        return self._grabbed.size

    def luma(self, width_px: int) -> LumaPixels:
        return self._stopwatch.time(LUMA, lambda: self._grabbed.luma(width_px))

    def picture(self, max_side_px: int | None = None) -> Frame:
        size = self._grabbed.size
        is_whole = max_side_px is None or max_side_px >= max(size.width_px, size.height_px)
        return self._stopwatch.time(WHOLE if is_whole else SMALL, lambda: self._grabbed.picture(max_side_px))


@contextmanager
def _gallery(
    folder: Path, gallery_size: int, stopwatch: Stopwatch
) -> Iterator[tuple[_TimedAnalysis, _TimedGallery]]:
    """The engine as it is served, and a gallery in a store of its own with the person of the clip."""
    if gallery_size:
        fill_gallery(folder, synthetic_people(EMBEDDER, gallery_size))
    engine = load_engine(
        EngineSettings(embedder=Embedder(EMBEDDER), workers=1, liveness=False, phones=False),
        model_files(),
        PortOverrides(),
    )
    analysis = _TimedAnalysis(
        decoder=PillowImageDecoder(),
        detector=engine.detector,
        embedder=engine.embedder,
        cutter=PillowFaceCutter(),
    )
    identity = analysis.identity
    curve = next(curve for curve in shipped_curves() if curve.model_id == identity.model_id)
    database = open_sqlite(folder / DATABASE_FILE_NAME)
    try:
        store = SqlGalleryStore(database, SystemClock())
        gallery = _TimedGallery(store, ExactTemplateIndex(identity), MatchPolicy(curve))
        analysis.stopwatch = gallery.stopwatch = Stopwatch()
        gallery.load()
        photo = Photo(ENROLLED_PHOTO, RealPictures(default_picture_folder()).read(ENROLLED_PHOTO))
        request = EnrolPhotosRequest(SUBJECT_ID, [photo], "benchmark", EnrolmentRules())
        EnrolPhotos(analysis, gallery, SystemClock())(request)
        # What enrolling took is not part of watching.
        analysis.stopwatch = gallery.stopwatch = stopwatch
        yield analysis, gallery
    finally:
        database.close()


def _receive(address: str, seconds: float, stopwatch: Stopwatch) -> None:
    """All threads count: the relay works on one of its own."""
    stream = AvVideoSource(frozenset(InsidePlace)).open(VideoRequest(address))
    try:
        for _ in range(FPS):
            stream.grab()
        for _ in range(max(1, round(seconds))):
            start_s = time.process_time()
            for _ in range(FPS):
                stream.grab()
            stopwatch.spent_s[RECEIVE].append(time.process_time() - start_s)
    finally:
        stream.close()


def _look_at(clip: Clip, first: int, watcher: FaceWatcher, stopwatch: Stopwatch) -> None:
    """One round of the clip; nothing is asked of a picture that is not looked at."""
    gate, decode_s = MotionGate(), 0.0
    pictures = pictures_of(clip)
    for number in range(clip.picture_count):
        start_s = time.thread_time()
        grabbed = next(pictures)
        decode_s += time.thread_time() - start_s
        if number % FPS == FPS - 1:
            stopwatch.spent_s[DECODE].append(decode_s)
            decode_s = 0.0
        if number % _LOOK_EVERY == first % _LOOK_EVERY:
            timed, at_s = _TimedFrame(grabbed, stopwatch), 100.0 + number / FPS
            luma = timed.luma(_LUMA_WIDTH_PX)
            stopwatch.time(GATE, lambda luma=luma, at_s=at_s: gate.is_open(luma, at_s))  # type: ignore[misc]
            _look(timed, watcher, at_s, stopwatch)


def _look(timed: _TimedFrame, watcher: FaceWatcher, at_s: float, stopwatch: Stopwatch) -> None:
    embedded, inside_s = len(stopwatch.spent_s[EMBED]), stopwatch.inside_s
    start_s = time.thread_time()
    look = watcher.look(timed, _BEGAN + timedelta(seconds=at_s), at_s)
    spent_s = time.thread_time() - start_s
    stopwatch.spent_s[REST].append(max(0.0, spent_s - (stopwatch.inside_s - inside_s)))
    was_read = len(stopwatch.spent_s[EMBED]) > embedded
    kind = LOOK_READ if was_read else LOOK_FOLLOWED if look.people_count else LOOK_NOBODY
    stopwatch.spent_s[kind].append(spent_s)


def _camera() -> Camera:
    return Camera("parts", "Parts", "rtsp://camera/1", WatchSettings(), AlertRule(), True, _BEGAN, _BEGAN)
