"""Measuring, on the operator's own photos, how similar strangers look to the model in use."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from facegate.domain.calibration import (
    CalibrationCurve,
    Similarities,
    measure_curve,
    pairwise_similarities,
    true_accept_rate,
)
from facegate.domain.errors import FacegateError, FaceRefused, InvalidInput
from facegate.domain.templates import Vector
from facegate.ports.photo_source import NamedPhoto, PhotoSource
from facegate.use_cases.face_analysis import FaceAnalysis

FALSE_ACCEPT_RATES = (1e-2, 1e-3, 1e-4)

MIN_PAIRS_PER_RATE = 10
"""A rate is reported only where at least ten impostor pairs lie beyond it."""


@dataclass(frozen=True, slots=True)
class LabelledVectors:
    """Vectors of shape (n, dimension) float32 and the person of each, as an index 0..; `skipped` files."""

    vectors: NDArray[np.float32]
    person_indices: NDArray[np.int64]
    skipped: tuple[tuple[str, FacegateError], ...]


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationReport:
    """The measured curve and what the photos say of the model.

    `true_accepts` maps each false-accept rate that the photos can show to the share of genuine pairs kept.
    """

    curve: CalibrationCurve
    photo_count: int
    person_count: int
    skipped: tuple[tuple[str, FacegateError], ...]
    true_accepts: dict[float, float]
    genuine: Similarities
    impostors: Similarities


class CalibrateMatching:
    """Embeds every photo's main face and compares all with all.

    Where the photos are too few for rare rates, the shipped curve of the same model goes on from there.
    """

    def __init__(
        self, analysis: FaceAnalysis, *, thread_count: int, shipped: Sequence[CalibrationCurve] = ()
    ) -> None:
        self._analysis = analysis
        self._shipped = {curve.model_id: curve for curve in shipped}
        self._thread_count = max(1, thread_count)

    def __call__(
        self, source: PhotoSource, measured_on: str, on_progress: Callable[[int], None] | None = None
    ) -> CalibrationReport:
        """The report; nothing is stored.

        Raises:
            InvalidInput: too few persons or photos to calibrate on.
        """
        labelled = self.embed_source(source, on_progress)
        identity = self._analysis.identity
        genuine, impostors = split_pairs(
            pairwise_similarities(labelled.vectors, identity.metric), labelled.person_indices
        )
        try:
            curve = measure_curve(
                model_id=identity.model_id,
                metric=identity.metric,
                impostor_similarities=impostors,
                genuine_pair_count=int(genuine.size),
                measured_on=measured_on,
            )
        except ValueError as error:
            raise InvalidInput(
                f"these photos cannot calibrate: {error}. "
                "Use a folder with one sub-folder per person and at least 50 different persons"
            ) from error
        reference = self._shipped.get(identity.model_id)
        return CalibrationReport(
            curve=curve if reference is None else curve.continued_by(reference),
            photo_count=len(labelled.vectors),
            person_count=len(set(labelled.person_indices.tolist())),
            skipped=labelled.skipped,
            true_accepts=_true_accepts(genuine, impostors),
            genuine=genuine,
            impostors=impostors,
        )

    def embed_source(
        self, source: PhotoSource, on_progress: Callable[[int], None] | None = None
    ) -> LabelledVectors:
        """The main face of every photo as a vector; photos without a usable face are skipped and named."""
        vectors: list[Vector] = []
        persons: list[int] = []
        skipped: list[tuple[str, FacegateError]] = []
        person_numbers: dict[str, int] = {}
        done_count = 0
        with ThreadPoolExecutor(self._thread_count, thread_name_prefix="calibrate") as pool:
            photos = source.photos()
            while window := list(islice(photos, 64)):
                for photo, found in zip(window, pool.map(self._vector_of, window), strict=True):
                    if isinstance(found, FacegateError):
                        skipped.append((photo.label, found))
                    else:
                        vectors.append(found)
                        persons.append(person_numbers.setdefault(photo.subject_id, len(person_numbers)))
                done_count += len(window)
                if on_progress is not None:
                    on_progress(done_count)
        dimension = self._analysis.identity.dimension
        stacked = np.stack(vectors) if vectors else np.zeros((0, dimension), dtype=np.float32)
        return LabelledVectors(stacked, np.asarray(persons, dtype=np.int64), tuple(skipped))

    def _vector_of(self, photo: NamedPhoto) -> Vector | FacegateError:
        try:
            frame = self._analysis.decode(photo.read())
        except (InvalidInput, FaceRefused) as error:
            return error
        faces = self._analysis.find_faces(frame)
        if not faces:
            return InvalidInput("no face was found")
        return self._analysis.embed([self._analysis.judge(frame, faces[0])])[0].vector


def split_pairs(
    similarities: NDArray[np.float32], person_indices: NDArray[np.int64]
) -> tuple[Similarities, Similarities]:
    """Similarities of genuine and of impostor pairs, each unordered pair once.

    `similarities` has shape (n, n); `person_indices` has shape (n,).
    """
    rows, columns = np.triu_indices(len(person_indices), k=1)
    is_genuine = person_indices[rows] == person_indices[columns]
    values = similarities[rows, columns]
    return values[is_genuine], values[~is_genuine]


def _true_accepts(genuine: Similarities, impostors: Similarities) -> dict[float, float]:
    if genuine.size == 0:
        return {}
    return {
        rate: true_accept_rate(genuine, impostors, rate)
        for rate in FALSE_ACCEPT_RATES
        if impostors.size * rate >= MIN_PAIRS_PER_RATE
    }
