"""What an embedder makes of a face, and which embedder made it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape (dimension,), float32, as the model gave it: not normalised."""


class Metric(StrEnum):
    """How two vectors of one model are compared; similarity is always "higher is closer"."""

    COSINE = "cosine"
    """Similarity is the cosine, -1..1 (SFace, ArcFace)."""

    EUCLIDEAN = "euclidean"
    """Similarity is one minus the Euclidean distance, at most 1 (dlib: distance 0.6 is similarity 0.4)."""


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """Which model makes a template, and how its templates are compared.

    `model_id` names the model and its preprocessing, for example `sface-2021dec`; the int8 build of a
    net has its own id only where its vectors must not be compared with those of the float build.
    """

    model_id: str
    dimension: int
    metric: Metric


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """One vector together with the model that made it. Finite, of the model's dimension, not all zero."""

    model_id: str
    vector: Vector

    def __post_init__(self) -> None:
        vector = np.ascontiguousarray(self.vector, dtype=np.float32)
        if vector.ndim != 1 or vector.size == 0:
            raise ValueError(f"a template is one vector, got shape {vector.shape}")
        if not bool(np.isfinite(vector).all()) or not bool(vector.any()):
            raise ValueError("a template is finite and not all zero")
        object.__setattr__(self, "vector", vector)

    def is_of_same_picture(self, other: "Template") -> bool:
        """Whether both come of the very same picture: equal but for rounding, by the same model.

        Photos taken in a burst differ by a hundred times as much.
        """
        if self.model_id != other.model_id or self.vector.shape != other.vector.shape:
            return False
        difference = float(np.linalg.norm(self.vector - other.vector))
        return difference <= 1e-3 * float(np.linalg.norm(other.vector))


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A template in the gallery.

    `source` says where it came from (`attendance`, `import:face_recognition` ...), `quality` is on 0..1
    or None when it was imported without a picture; `has_cutout` tells whether it can be re-embedded.
    """

    template_id: str
    subject_id: str
    template: Template
    source: str
    quality: float | None
    created_at: datetime
    has_cutout: bool = False
