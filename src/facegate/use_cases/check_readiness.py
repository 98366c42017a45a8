"""Whether the server can do its job: a real inference and a real search, not a promise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facegate.domain.errors import FacegateError
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import Frame
from facegate.domain.templates import Template
from facegate.ports.clock import Clock
from facegate.ports.face_embedder import FaceEmbedder
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """One thing that was tried. `problem` is None when it worked."""

    name: str
    problem: str | None
    took_ms: float


@dataclass(frozen=True, slots=True)
class Readiness:
    """The outcome of all checks. `missing_checks` are optional parts that are not loaded."""

    checks: tuple[ReadinessCheck, ...]
    missing_checks: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """True when everything that was tried worked."""
        return all(check.problem is None for check in self.checks)


class CheckReadiness:
    """Runs the detector, the embedder, a search and a read of the store on a drawn pattern."""

    def __init__(
        self, analysis: FaceAnalysis, embedder: FaceEmbedder, gallery: Gallery, clock: Clock
    ) -> None:
        self._analysis = analysis
        self._embedder = embedder
        self._gallery = gallery
        self._clock = clock

    def __call__(self) -> Readiness:
        """Tries each part; a failing part is reported, not raised."""
        frame = _pattern_frame()
        templates: list[Template] = []

        def embed() -> None:
            crop = self._embedder.crop(frame, _pattern_landmarks())
            templates.extend(self._embedder.embed([crop]))

        def search() -> None:
            for template in templates:
                self._gallery.identify(template, max_candidates=1)

        checks = (
            self._try("detector", lambda: self._analysis.find_faces(frame)),
            self._try("embedder", embed),
            self._try("search", search),
            self._try("store", self._gallery.counts),
        )
        return Readiness(checks, self._analysis.missing_checks)

    def _try(self, name: str, attempt: Callable[[], object]) -> ReadinessCheck:
        started_s = self._clock.monotonic_s()
        problem = None
        try:
            attempt()
        except FacegateError as error:
            problem = error.message
        return ReadinessCheck(name, problem, (self._clock.monotonic_s() - started_s) * 1000.0)


def _pattern_frame() -> Frame:
    """A 160 x 160 pattern with texture in every channel, the same each time."""
    rows, columns = np.mgrid[0:160, 0:160]
    channels = [(rows * factor + columns * 3) % 256 for factor in (2, 5, 7)]
    return Frame.of(np.ascontiguousarray(np.stack(channels, axis=2).astype(np.uint8)))


def _pattern_landmarks() -> FaceLandmarks:
    points = [[58, 62], [102, 62], [80, 88], [62, 112], [98, 112]]
    return FaceLandmarks(np.array(points, dtype=np.float32))
