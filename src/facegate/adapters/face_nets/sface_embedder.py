"""SFace: its alignment, its input and its identity."""

from collections.abc import Sequence

from typing_extensions import override

from facegate.adapters.face_nets.embedding_runs import embedded
from facegate.adapters.face_nets.face_warp import warped_face
from facegate.domain.alignment import ARCFACE_112
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import AlignedCrop, Frame
from facegate.domain.templates import EmbedderIdentity, Metric, Template
from facegate.ports.face_embedder import FaceEmbedder
from facegate.ports.inference_session import InferenceSession

SFACE_IDENTITY = EmbedderIdentity("sface-2021dec", 128, Metric.COSINE)

_INPUT = "data"
_FACES_AT_ONCE = 1
"""A batch takes just as long per face (docs/engine.md)."""


class SFaceEmbedder(FaceEmbedder):
    """Templates by SFace (Zhong et al.: "SFace: Sigmoid-Constrained Hypersphere Loss", 2021; 2021dec model).

    The session takes `data`, n x 3 x 112 x 112 float32 RGB 0..255, and gives n x 128, not normalised. The
    float and the int8 build share one identity, since their similarities stay comparable; docs/engine.md
    has the measurement.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session

    @property
    @override
    def identity(self) -> EmbedderIdentity:
        return SFACE_IDENTITY

    @override
    def crop(self, frame: Frame, landmarks: FaceLandmarks) -> AlignedCrop:
        return warped_face(frame, landmarks, ARCFACE_112)

    @override
    def embed(self, crops: Sequence[AlignedCrop]) -> list[Template]:
        return embedded(self._session, _INPUT, crops, SFACE_IDENTITY, faces_at_once=_FACES_AT_ONCE)
