"""Nets that are not loaded, for work on the gallery that looks at no picture.

Such work then needs no model file and no runtime; the nets' identities are the real ones.
"""

from collections.abc import Mapping

from typing_extensions import override

from facegate.adapters.face_nets.dlib_embedder import DlibEmbedder
from facegate.adapters.face_nets.minifasnet_liveness import MiniFasNetLiveness
from facegate.adapters.face_nets.sface_embedder import SFaceEmbedder
from facegate.adapters.face_nets.yolox_phone_detector import YoloxPhoneDetector
from facegate.adapters.face_nets.yunet_detector import DetectorOptions, YuNetDetector
from facegate.composition.port_overrides import PortOverrides
from facegate.domain.errors import EngineFailed
from facegate.ports.inference_session import InferenceSession, Tensor
from facegate.settings.engine_groups import EngineSettings


def unloaded_nets(settings: EngineSettings) -> PortOverrides:
    """Every net of these settings, without its file."""
    session = _UnloadedSession()
    return PortOverrides(
        detector=YuNetDetector(session, DetectorOptions()),
        embedder=DlibEmbedder(session) if settings.embedder.is_dlib else SFaceEmbedder(session),
        liveness=MiniFasNetLiveness(session) if settings.liveness else None,
        phones=YoloxPhoneDetector(session) if settings.phones else None,
    )


class _UnloadedSession(InferenceSession):
    """Refuses to run: whoever gets here should have loaded the nets."""

    @property
    @override
    def runtime(self) -> str:
        return "not loaded"

    @override
    def run(self, feeds: Mapping[str, Tensor]) -> list[Tensor]:
        raise EngineFailed("the nets are not loaded for this work")
