"""Aligned faces through an embedding net, a few at a time."""

from collections.abc import Sequence

from facegate.adapters.face_nets.face_warp import rgb_batch
from facegate.adapters.face_nets.tensor_checks import templates_from
from facegate.domain.images import AlignedCrop
from facegate.domain.templates import EmbedderIdentity, Template
from facegate.ports.inference_session import InferenceSession


def embedded(
    session: InferenceSession,
    input_name: str,
    crops: Sequence[AlignedCrop],
    identity: EmbedderIdentity,
    *,
    faces_at_once: int,
) -> list[Template]:
    """The templates of all faces, in order.

    However many people a picture shows, memory grows by `faces_at_once`: the runtime keeps what its largest
    run took, for SFace 12 MB a face and call.
    """
    templates: list[Template] = []
    for start in range(0, len(crops), faces_at_once):
        part = crops[start : start + faces_at_once]
        templates += templates_from(session.run({input_name: rgb_batch(part)}), len(part), identity)
    return templates
