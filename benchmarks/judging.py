"""Frames of many workstations judged from several threads in one process: no socket, no server.

For comparing two versions: a run takes a minute, and two of them differ by less than two of the server do.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import count
from threading import BoundedSemaphore, Lock
from typing import Any

from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from typing_extensions import override

from benchmarks.engine_parts import model_files
from benchmarks.presence import REUSE_S, camera_frames, user_name_of
from benchmarks.progress import progress_bar
from benchmarks.results_files import facts_lines, markdown_table
from benchmarks.timing import available_cores
from facegate.adapters.calibration_files.shipped_curves import shipped_curves
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.pillow_images.face_cutter import PillowFaceCutter
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.composition.engine import load_engine
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.process.heap_limits import limit_heap_growth
from facegate.composition.process.thread_limits import limit_library_threads
from facegate.domain.geometry import PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone, Frame
from facegate.domain.matching import MatchPolicy
from facegate.domain.presence.policy import default_policy
from facegate.domain.presence.reuse import ReusePolicy
from facegate.frontends.wire.ranked_threads import RankedThreads
from facegate.ports.phone_detector import PhoneDetector
from facegate.settings.engine_groups import Embedder, EngineSettings
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos, EnrolPhotosRequest, Photo
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.judge_frame import JudgeFrame, JudgeFrameRequest, PresenceLimits

_WARM_UP_S = REUSE_S + 1.0
"""Of the workstations' time: all begin together, and only then has each a turn of its own."""

_MOST_WAITING = 6
_LOOK_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class JudgingResult:
    """`cpu_ms` is processor time of all threads per frame. The shares are of all frames.

    `searched_share` is how much of a picture was searched for phones, where 1 is all of every frame.
    """

    embedder: str
    thread_count: int
    workstation_count: int
    frame_count: int
    frames_per_s: float
    cpu_ms: float
    full_look_share: float
    phone_search_share: float
    searched_share: float


class _CountedPhones(PhoneDetector):
    """The engine's phone detector, and how much of the pictures it was shown."""

    def __init__(self, detector: PhoneDetector) -> None:
        self._detector = detector
        self._lock = Lock()
        self.shares: list[float] = []
        """Of each search: 1 for a whole picture."""

    @override
    def detect(
        self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        share = 1.0 if within is None else within.area_px / frame.size.pixel_count
        with self._lock:
            self.shares.append(share)
        return self._detector.detect(frame, faces, within)


def measure_judging(embedder: str, *, workstations: int = 40, duration_s: float = 30.0) -> JudgingResult:
    """Each sends a frame a second by its own clock; frames follow each other as fast as they are judged."""
    limit_library_threads()
    limit_heap_growth()
    frames = camera_frames()
    cores = len(available_cores())
    judge_frame, phones = _judge_frame(embedder, cores, workstations, frames[0])
    requests = _requests(workstations, frames)
    with progress_bar("frames judged in process", 2) as advance_to:
        _play(judge_frame, _until(requests, _WARM_UP_S), cores)
        advance_to(1)
        phones.shares.clear()
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        frame_count, full_looks = _play(judge_frame, _until(requests, _WARM_UP_S + duration_s), cores)
        wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
        advance_to(2)
    return JudgingResult(
        embedder=embedder,
        thread_count=cores,
        workstation_count=workstations,
        frame_count=frame_count,
        frames_per_s=round(frame_count / wall_s, 1),
        cpu_ms=round(cpu_s / frame_count * 1e3, 2),
        full_look_share=round(full_looks / frame_count, 3),
        phone_search_share=round(len(phones.shares) / frame_count, 3),
        searched_share=round(sum(phones.shares) / frame_count, 3),
    )


def _play(judge_frame: JudgeFrame, requests: Iterator[JudgeFrameRequest], cores: int) -> tuple[int, int]:
    """All requests, as the server does it: a thread per core, glances before full looks.

    Gives how many frames there were, and how many of them needed a full look.
    """
    threads = RankedThreads(cores, "judging")
    places = BoundedSemaphore(cores + _MOST_WAITING)
    looks: list[Future[None]] = []

    def look(request: JudgeFrameRequest) -> None:
        judge_frame(request)
        places.release()

    def glance(request: JudgeFrameRequest) -> None:
        if judge_frame.glance(request) is None:
            looks.append(threads.submit(1, partial(look, request)))
        else:
            places.release()

    glances = []
    for request in requests:
        if not places.acquire(timeout=_LOOK_LIMIT_S):
            break  # calls have failed: their errors come below
        glances.append(threads.submit(0, partial(glance, request)))
    for done in glances:
        done.result()
    for done in looks:
        done.result()
    threads.close()
    return len(glances), len(looks)


def _requests(workstations: int, frames: Sequence[bytes]) -> Iterator[JudgeFrameRequest]:
    """Second after second one frame of each, the clip in slow motion, as in the presence benchmark."""
    for second in count():
        for number in range(workstations):
            encoded = frames[(number * 7 + second) % len(frames)]
            yield JudgeFrameRequest(user_name_of(number), encoded, second + number / workstations)


def _until(requests: Iterator[JudgeFrameRequest], end_s: float) -> Iterator[JudgeFrameRequest]:
    for request in requests:
        yield request
        if request.arrived_s >= end_s:
            return


def _judge_frame(
    embedder: str, cores: int, workstations: int, picture: bytes
) -> tuple[JudgeFrame, _CountedPhones]:
    settings = EngineSettings(embedder=Embedder(embedder), workers=cores, liveness=True, phones=True)
    engine = load_engine(settings, model_files(), PortOverrides())
    assert engine.phones is not None
    phones = _CountedPhones(engine.phones)
    analysis = FaceAnalysis(
        decoder=PillowImageDecoder(),
        detector=engine.detector,
        embedder=engine.embedder,
        cutter=PillowFaceCutter(),
        liveness=engine.liveness,
        phones=phones,
    )
    identity = engine.embedder.identity
    curve = next(curve for curve in shipped_curves() if curve.model_id == identity.model_id)
    gallery = Gallery(InMemoryGalleryStore(), ExactTemplateIndex(identity), MatchPolicy(curve))
    enrol = EnrolPhotos(analysis, gallery, FakeClock())
    for number in range(workstations):
        photo = Photo("first frame", picture)
        enrol(EnrolPhotosRequest(user_name_of(number), [photo], "benchmark", EnrolmentRules()))
    judge_frame = JudgeFrame(
        analysis,
        gallery,
        policy=default_policy(),
        limits=PresenceLimits(),
        reuse=ReusePolicy(max_age_s=REUSE_S, turns_key=bytes(16)),
    )
    return judge_frame, phones


def judging_page(facts: dict[str, Any], result: JudgingResult) -> list[str]:
    """The measurement for people."""
    return [
        "# Frames of workstations judged in one process",
        "",
        *facts_lines(facts),
        f"{result.workstation_count} workstations with {result.embedder}, a frame a second by their clocks,",
        f"judged by {result.thread_count} threads as fast as they can.",
        "",
        *markdown_table(
            ["frames/s", "CPU ms/frame", "full looks", "phone searches", "searched for phones"],
            [
                [
                    f"{result.frames_per_s:g}",
                    f"{result.cpu_ms:g}",
                    f"{result.full_look_share:.1%}",
                    f"{result.phone_search_share:.1%}",
                    f"{result.searched_share:.1%} of all there is to see",
                ]
            ],
        ),
    ]
