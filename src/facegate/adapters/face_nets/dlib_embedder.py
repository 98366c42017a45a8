"""dlib's face recognition ResNet as an ONNX graph: its alignment, its input and its identity."""

from collections.abc import Sequence

from typing_extensions import override

from facegate.adapters.face_nets.embedding_runs import embedded
from facegate.adapters.face_nets.face_warp import warped_face
from facegate.domain.alignment import DLIB_150
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import AlignedCrop, Frame
from facegate.domain.templates import EmbedderIdentity, Metric, Template
from facegate.ports.face_embedder import FaceEmbedder
from facegate.ports.inference_session import InferenceSession

DLIB_IDENTITY = EmbedderIdentity("dlib-resnet-v1", 128, Metric.EUCLIDEAN)

_INPUT = "chips_rgb"
_FACES_AT_ONCE = 4
"""A quarter faster per face than one by one; more gain nothing (docs/engine.md)."""


class DlibEmbedder(FaceEmbedder):
    """Templates by dlib's net (Davis King, dlib_face_recognition_resnet_model_v1), float or int8 build.

    The session takes `chips_rgb`, n x 3 x 150 x 150 float32 RGB 0..255 (dlib's mean and scale are folded
    into the graph), and gives n x 128, not normalised. Both builds share one identity, since their
    distances stay comparable; docs/engine.md has the measurement.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session

    @property
    @override
    def identity(self) -> EmbedderIdentity:
        return DLIB_IDENTITY

    @override
    def crop(self, frame: Frame, landmarks: FaceLandmarks) -> AlignedCrop:
        return warped_face(frame, landmarks, DLIB_150)

    @override
    def embed(self, crops: Sequence[AlignedCrop]) -> list[Template]:
        return embedded(self._session, _INPUT, crops, DLIB_IDENTITY, faces_at_once=_FACES_AT_ONCE)
