"""The engine as the use cases see it: decode, find, judge, embed, and the two optional checks."""

from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.errors import CapabilityMissing
from facegate.domain.face_quality import FaceQuality, judge_quality
from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import AlignedCrop, DetectedFace, DetectedPhone, FaceCutout, Frame, SmallLook
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.templates import EmbedderIdentity, Template
from facegate.ports.face_cutter import FaceCutter
from facegate.ports.face_detector import FaceDetector
from facegate.ports.face_embedder import FaceEmbedder
from facegate.ports.image_decoder import ImageDecoder
from facegate.ports.liveness_checker import LivenessChecker
from facegate.ports.phone_detector import PhoneDetector


@dataclass(frozen=True, slots=True, eq=False)
class JudgedFace:
    """A face with its aligned crop and how fit it is for recognition."""

    face: DetectedFace
    crop: AlignedCrop
    quality: FaceQuality


class FaceAnalysis:
    """Strings the engine's ports together. Holds no state; safe from several threads.

    `liveness` and `phones` are None where the model is missing or switched off: asking for such a check
    raises CapabilityMissing, so that it never passes silently.
    """

    def __init__(
        self,
        *,
        decoder: ImageDecoder,
        detector: FaceDetector,
        embedder: FaceEmbedder,
        cutter: FaceCutter,
        liveness: LivenessChecker | None = None,
        phones: PhoneDetector | None = None,
    ) -> None:
        self._decoder = decoder
        self._detector = detector
        self._embedder = embedder
        self._cutter = cutter
        self._liveness = liveness
        self._phones = phones

    @property
    def identity(self) -> EmbedderIdentity:
        """The model that makes templates here."""
        return self._embedder.identity

    @property
    def missing_checks(self) -> tuple[str, ...]:
        """Names of the checks that cannot run: `liveness`, `phones`."""
        pairs = (("liveness", self._liveness), ("phones", self._phones))
        return tuple(name for name, checker in pairs if checker is None)

    def measure(self, encoded: bytes) -> ImageSize:
        """The size in the picture's header; raises as ImageDecoder.measure."""
        return self._decoder.measure(encoded)

    def decode(self, encoded: bytes, max_side_px: int | None = None) -> Frame:
        """The upright picture, on demand a small one; raises as ImageDecoder.decode."""
        return self._decoder.decode(encoded, max_side_px)

    def find_faces(self, frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        """All faces, largest first; `seen` are those of a small picture of the frame."""
        return self._detector.detect(frame, seen)

    def judge(self, frame: Frame, face: DetectedFace) -> JudgedFace:
        """The face with its crop and quality; sizes count as in the picture that was sent."""
        crop = self._embedder.crop(frame, face.landmarks)
        quality = judge_quality(
            crop,
            face.landmarks,
            scale_to_original=frame.scale_to_original,
            detection_confidence=face.detection_confidence,
        )
        return JudgedFace(face, crop, quality)

    def embed(self, faces: Sequence[JudgedFace]) -> list[Template]:
        """One template per face, in order."""
        return self._embedder.embed([judged.crop for judged in faces])

    def cut(self, frame: Frame, face: DetectedFace) -> FaceCutout:
        """A piece of the picture from which a later model can make a template."""
        return self._cutter.cut(frame, face)

    def embed_cutout(self, cutout: FaceCutout) -> Template:
        """This embedder's template of a kept piece of picture."""
        crop = self._embedder.crop(self._cutter.open(cutout), cutout.landmarks)
        return self._embedder.embed([crop])[0]

    def live_probability(self, frame: Frame, face: DetectedFace) -> float:
        """The liveness net's number on 0..1.

        Raises:
            CapabilityMissing: no liveness model is loaded.
        """
        if self._liveness is None:
            raise CapabilityMissing(
                "the liveness check is asked for but its model is not loaded; "
                "run `facegate models fetch minifasnet-se` and start with FACEGATE_ENGINE__LIVENESS=true",
                capability="liveness",
            )
        return self._liveness.live_probability(frame, face)

    def judge_liveness(
        self, frame: Frame, face: DetectedFace, policy: LivenessPolicy | None
    ) -> tuple[float | None, bool | None]:
        """The live probability and whether it passes; both None when no policy asks for the check.

        Raises:
            CapabilityMissing: it is asked for, but no liveness model is loaded.
        """
        if policy is None:
            return None, None
        probability = self.live_probability(frame, face)
        return probability, policy.passes(probability)

    def find_phones(
        self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        """Phones in view, or in a part of it, surest first; `faces`, where known, say where hands may be.

        Raises:
            CapabilityMissing: no phone model is loaded.
        """
        if self._phones is None:
            raise CapabilityMissing(
                "the phone check is asked for but its model is not loaded; "
                "run `facegate models fetch yolox-nano` and start with FACEGATE_ENGINE__PHONES=true",
                capability="phones",
            )
        return self._phones.detect(frame, faces, within)
