"""Which models there are, as facts for people and policies. No files, no hashes' bytes, no runtime here."""

from dataclasses import dataclass
from enum import StrEnum


class ModelTask(StrEnum):
    """What a model does; every task can be absent, and its absence is always visible."""

    FACE_DETECTION = "face detection"
    FACE_EMBEDDING = "face embedding"
    LIVENESS = "liveness"
    PHONE_DETECTION = "phone detection"


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model of the manifest and whether it can be used at once.

    `size_bytes` is the size of the published file that is fetched out of its archive, `download_bytes`
    what has to be downloaded for it. `source_note` says where the ready file came from, or would come from.
    `is_optional` models are fetched only by those who choose them.
    """

    model_id: str
    task: ModelTask
    is_ready: bool
    is_optional: bool
    licence: str
    copyright_note: str
    size_bytes: int
    download_bytes: int
    source_note: str


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What a full check of one ready model found; `finding` is one sentence for people."""

    model_id: str
    is_intact: bool
    finding: str
