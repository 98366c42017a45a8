"""Looking at a picture without asking who is in it."""

from dataclasses import dataclass

from facegate.domain.images import DetectedPhone, Frame
from facegate.domain.liveness import LivenessPolicy
from facegate.use_cases.face_analysis import FaceAnalysis, JudgedFace


@dataclass(frozen=True, slots=True, eq=False)
class DetectFacesRequest:
    """An encoded picture. Liveness and phones are looked for on demand."""

    encoded: bytes
    max_faces: int = 50
    liveness: LivenessPolicy | None = None
    with_phones: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FoundFace:
    """A face with its quality; `live_probability` and `is_live` are None when not asked for."""

    judged: JudgedFace
    live_probability: float | None = None
    is_live: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DetectFacesResult:
    """Faces largest first. `phones` is None when they were not looked for."""

    frame: Frame
    faces: tuple[FoundFace, ...]
    phones: tuple[DetectedPhone, ...] | None


class DetectFaces:
    """Decode, detect, judge; no template is made and nothing is searched."""

    def __init__(self, analysis: FaceAnalysis) -> None:
        self._analysis = analysis

    def __call__(self, request: DetectFacesRequest) -> DetectFacesResult:
        """Every face that is found.

        Raises:
            InvalidInput: the picture cannot be read.
            EngineFailed, CapabilityMissing: a check could not run.
        """
        frame = self._analysis.decode(request.encoded)
        found: list[FoundFace] = []
        for face in self._analysis.find_faces(frame)[: request.max_faces]:
            judged = self._analysis.judge(frame, face)
            found.append(FoundFace(judged, *self._analysis.judge_liveness(frame, face, request.liveness)))
        phones = tuple(self._analysis.find_phones(frame)) if request.with_phones else None
        return DetectFacesResult(frame, tuple(found), phones)
