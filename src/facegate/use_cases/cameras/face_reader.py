"""What the engine makes of single faces of a camera's picture."""

from collections.abc import Sequence

from facegate.domain.cameras.camera import WatchSettings
from facegate.domain.cameras.people_in_view import FaceReading
from facegate.domain.cameras.votes import vote_of
from facegate.domain.errors import CapabilityMissing
from facegate.domain.images import DetectedFace, Frame
from facegate.domain.liveness import LivenessPolicy
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery

_LEAST_QUALITY = 0.05
"""A face that is poorer says nothing, neither for a name nor against one."""


class FaceReader:
    """Judges, embeds and searches; liveness where the camera asks for it."""

    def __init__(
        self,
        analysis: FaceAnalysis,
        gallery: Gallery,
        watch: WatchSettings,
        liveness_policy: LivenessPolicy | None,
    ) -> None:
        self._analysis = analysis
        self._gallery = gallery
        self._threshold = watch.threshold
        self._liveness = (liveness_policy or LivenessPolicy()) if watch.checks_liveness else None

    def require(self) -> None:
        """Raises CapabilityMissing when liveness is asked for and cannot be checked, before anybody comes."""
        if self._liveness is not None and "liveness" in self._analysis.missing_checks:
            raise CapabilityMissing(
                "this camera is to check liveness, but the model is not loaded; "
                "run `facegate models fetch minifasnet-se` and start with FACEGATE_ENGINE__LIVENESS=true",
                capability="liveness",
            )

    def read(self, picture: Frame, faces: Sequence[DetectedFace], at_s: float) -> list[FaceReading | None]:
        """A reading of each face of the whole picture, in order; None for one too poor to say anything.

        Raises:
            EngineFailed, CapabilityMissing: a check could not run.
        """
        judged_faces = [self._analysis.judge(picture, face) for face in faces]
        fit = [judged for judged in judged_faces if judged.quality.quality >= _LEAST_QUALITY]
        templates = iter(self._analysis.embed(fit) if fit else [])
        readings: list[FaceReading | None] = []
        for judged in judged_faces:
            quality = judged.quality.quality
            if quality < _LEAST_QUALITY:
                readings.append(None)
                continue
            template = next(templates)
            _, is_live = self._analysis.judge_liveness(picture, judged.face, self._liveness)
            found = self._gallery.identify(template)
            vote = vote_of(found, threshold=self._threshold, at_s=at_s, quality=quality, is_live=is_live)
            readings.append(FaceReading(judged.face.box, quality, template, vote))
        return readings
