"""Checking the claim "this is user 42"."""

from collections.abc import Callable
from dataclasses import dataclass

from facegate.domain.errors import SubjectNotFound
from facegate.domain.images import Frame
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.matching import Identification, Verification
from facegate.domain.templates import Template
from facegate.use_cases.face_analysis import FaceAnalysis, JudgedFace
from facegate.use_cases.gallery import Gallery


@dataclass(frozen=True, slots=True, eq=False)
class VerifyFaceRequest:
    """An encoded picture and the id of whom it is said to show."""

    encoded: bytes
    subject_id: str
    max_faces: int = 50
    liveness: LivenessPolicy | None = None


@dataclass(frozen=True, slots=True, eq=False)
class VerifiedFace:
    """One face of the picture, held against the claim and against the whole gallery.

    `verification` is None when the claimed person is unknown or has no template of the model in use.
    `subject_id` is who it is: the claimed person when the check passes and nobody else is closer,
    otherwise whom the search matches, otherwise None.
    """

    judged: JudgedFace
    verification: Verification | None
    identification: Identification
    subject_id: str | None
    is_claimed: bool
    live_probability: float | None = None
    is_live: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class VerifyFaceResult:
    """Faces largest first. `is_enrolled` tells whether the claimed person is in the gallery."""

    frame: Frame
    is_enrolled: bool
    faces: tuple[VerifiedFace, ...]

    @property
    def is_match(self) -> bool:
        """Whether one of the faces is the claimed person's, and live where that was asked for."""
        return any(face.is_claimed and face.is_live is not False for face in self.faces)


OnVerified = Callable[[VerifyFaceRequest, VerifyFaceResult], None]
"""Hears of every result; may neither wait nor raise."""


class VerifyFace:
    """A 1:1 check with a look at the whole gallery: somebody close enough and closer refutes the claim."""

    def __init__(self, analysis: FaceAnalysis, gallery: Gallery, on_result: OnVerified | None = None) -> None:
        self._analysis = analysis
        self._gallery = gallery
        self._on_result = on_result

    def __call__(self, request: VerifyFaceRequest) -> VerifyFaceResult:
        """Every face held against the claim.

        Raises:
            InvalidInput: the picture cannot be read.
            EngineFailed, CapabilityMissing: a check could not run.
        """
        frame = self._analysis.decode(request.encoded)
        faces = self._analysis.find_faces(frame)[: request.max_faces]
        judged_faces = [self._analysis.judge(frame, face) for face in faces]
        templates = self._analysis.embed(judged_faces)
        verified = [
            self._held_against(request, frame, judged, template)
            for judged, template in zip(judged_faces, templates, strict=True)
        ]
        is_enrolled = self._gallery.find_subject(request.subject_id) is not None
        result = VerifyFaceResult(frame, is_enrolled, tuple(verified))
        if self._on_result is not None:
            self._on_result(request, result)
        return result

    def _held_against(
        self, request: VerifyFaceRequest, frame: Frame, judged: JudgedFace, template: Template
    ) -> VerifiedFace:
        identification = self._gallery.identify(template)
        try:
            verification = self._gallery.verify(request.subject_id, template)
        except SubjectNotFound:
            verification = None
        subject_id = _who_it_is(request.subject_id, verification, identification)
        probability, is_live = self._analysis.judge_liveness(frame, judged.face, request.liveness)
        return VerifiedFace(
            judged=judged,
            verification=verification,
            identification=identification,
            subject_id=subject_id,
            is_claimed=subject_id == request.subject_id,
            live_probability=probability,
            is_live=is_live,
        )


def _who_it_is(
    claimed_id: str, verification: Verification | None, identification: Identification
) -> str | None:
    if verification is not None and verification.is_match:
        is_refuted = any(
            other.similarity > verification.similarity and other.similarity >= identification.min_similarity
            for other in identification.candidates
            if other.subject_id != claimed_id
        )
        if not is_refuted:
            return claimed_id
    match = identification.match
    # The search may match the claimed person under a laxer rate than the 1:1 check allows: then it is nobody.
    return None if match is None or match.subject_id == claimed_id else match.subject_id
