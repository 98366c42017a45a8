"""Naming the faces in a picture."""

from collections.abc import Callable
from dataclasses import dataclass

from facegate.domain.images import DetectedFace, Frame
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.matching import Identification
from facegate.use_cases.face_analysis import FaceAnalysis, JudgedFace
from facegate.use_cases.gallery import Gallery


@dataclass(frozen=True, slots=True, eq=False)
class IdentifyFacesRequest:
    """An encoded picture. `only_largest` looks at the main face alone; `max_faces` bounds the work."""

    encoded: bytes
    max_candidates: int = 5
    only_largest: bool = False
    max_faces: int = 50
    liveness: LivenessPolicy | None = None


@dataclass(frozen=True, slots=True, eq=False)
class IdentifiedFace:
    """A face with who it may be. Boxes and landmarks are in pixels of `IdentifyFacesResult.frame`.

    `live_probability` and `is_live` are None when the check was not asked for.
    """

    judged: JudgedFace
    identification: Identification
    live_probability: float | None = None
    is_live: bool | None = None

    @property
    def face(self) -> DetectedFace:
        """The face as the detector gave it."""
        return self.judged.face


@dataclass(frozen=True, slots=True, eq=False)
class IdentifyFacesResult:
    """Faces largest first; empty when there are none."""

    frame: Frame
    faces: tuple[IdentifiedFace, ...]


OnIdentified = Callable[[IdentifyFacesResult], None]
"""Hears of every result; may neither wait nor raise."""


class IdentifyFaces:
    """Decode, detect, embed, search; liveness on demand."""

    def __init__(
        self, analysis: FaceAnalysis, gallery: Gallery, on_result: OnIdentified | None = None
    ) -> None:
        self._analysis = analysis
        self._gallery = gallery
        self._on_result = on_result

    def __call__(self, request: IdentifyFacesRequest) -> IdentifyFacesResult:
        """All faces with their candidates.

        Raises:
            InvalidInput: the picture cannot be read.
            EngineFailed, CapabilityMissing: a check could not run.
        """
        frame = self._analysis.decode(request.encoded)
        faces = self._analysis.find_faces(frame)[: 1 if request.only_largest else request.max_faces]
        judged_faces = [self._analysis.judge(frame, face) for face in faces]
        templates = self._analysis.embed(judged_faces)
        identified = []
        for judged, template in zip(judged_faces, templates, strict=True):
            identification = self._gallery.identify(template, request.max_candidates)
            probability, is_live = self._analysis.judge_liveness(frame, judged.face, request.liveness)
            identified.append(IdentifiedFace(judged, identification, probability, is_live))
        result = IdentifyFacesResult(frame, tuple(identified))
        if self._on_result is not None:
            self._on_result(result)
        return result
