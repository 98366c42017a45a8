"""Liveness over time: real people and attacks through a likeness of a web camera; what tells them apart."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.real_pictures import RealPictures, default_picture_folder

from benchmarks.liveness_eye import Eye, images_in, rounded
from benchmarks.liveness_scenes import Camera, Pixels, Sway, as_it_is, seated
from benchmarks.liveness_sequences import RATES_PER_S, SequenceResult, photos_in_turn, staged_sequences
from benchmarks.progress import progress_bar
from facegate.domain.presence.liveness_over_time import median_live_probability
from facegate.domain.presence.observation import Observation
from facegate.domain.presence.picture_cues import PictureLimits

THRESHOLDS = (0.3, 0.5, 0.7, 0.9)
FAIR_LIGHT_NOISE, DIM_LIGHT_NOISE = 1.0, 3.0
_FASTEST_PER_S = 5.0
_SEQUENCE_S = 8.0
_PORTRAITS = (
    "obama.jpg",
    "obama2.jpg",
    "obama3.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
    "biden.jpg",
    "astronaut.png",
)


@dataclass(frozen=True, slots=True)
class FrameLooks:
    """The net's answers to camera frames of one photo.

    `told` is, for each threshold and rate, the share of frames that the median tells as an attack.
    """

    least: float
    median: float
    greatest: float
    without_face: int
    frame_count: int
    told: dict[str, float]


@dataclass(frozen=True, slots=True)
class SampleResult:
    """The net's answers to one photo: to the file, and to camera frames of it.

    Those in fair and in dim light have the photo's own size, those that are `placed` 640 x 480.
    """

    kind: str
    name: str
    as_sent: float | None
    fair_light: FrameLooks
    dim_light: FrameLooks
    placed: FrameLooks


@dataclass(frozen=True, slots=True)
class LivenessResults:
    """Everything of one run."""

    limits: PictureLimits
    samples: tuple[SampleResult, ...]
    sequences: tuple[SequenceResult, ...]


def measure_liveness(folders: Sequence[Path], portrait_sets: Sequence[Path]) -> LivenessResults:
    """Samples from `folders`, each named after what it holds (`real`, or a kind of attack), and staged ones.

    `portrait_sets` are laid out as name/*.jpg: photos of real people, as sent and as a web camera shows them.
    """
    eye = Eye()
    limits = PictureLimits()
    pictures = RealPictures(default_picture_folder())
    samples = [_sample(eye, folder.name, path) for folder in folders for path in images_in(folder)]
    samples += [_sample(eye, "pinned portraits", pictures.path(name)) for name in _PORTRAITS]
    for portrait_set in portrait_sets:
        paths = [
            path for person in sorted(portrait_set.iterdir()) if person.is_dir() for path in images_in(person)
        ]
        with progress_bar(f"liveness: {portrait_set.name}", len(paths)) as advance_to:
            for number, path in enumerate(paths, 1):
                samples.append(_sample(eye, portrait_set.name, path, length_s=2.0))
                advance_to(number)
    sequences = [*staged_sequences(eye, pictures, limits), *photos_in_turn(eye, portrait_sets, limits)]
    return LivenessResults(
        limits, tuple(sample for sample in samples if sample is not None), tuple(sequences)
    )


def exact_interval(hits: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share: wide, and right, for few samples."""
    tail = (1 - confidence) / 2

    def at_most(successes: int, share: float) -> float:
        return sum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(successes + 1))

    def solve(successes: int, wanted: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if at_most(successes, middle) > wanted else (low, middle)
        return low

    return (0.0 if hits == 0 else solve(hits - 1, 1 - tail)), (1.0 if hits == count else solve(hits, tail))


def _sample(eye: Eye, kind: str, path: Path, length_s: float = _SEQUENCE_S) -> SampleResult | None:
    encoded = path.read_bytes()
    photo = eye.photo(path.name, encoded)
    if photo is None:
        return None
    seed = int.from_bytes(hashlib.sha256(encoded).digest()[:4])
    sway = Sway(seed, reach_px=12.0)
    return SampleResult(
        kind=kind,
        name=path.name,
        as_sent=rounded(eye.live_probability(encoded)),
        fair_light=_looks(eye, Camera(seed, FAIR_LIGHT_NOISE), as_it_is(photo, sway), length_s),
        dim_light=_looks(eye, Camera(seed, DIM_LIGHT_NOISE), as_it_is(photo, sway), length_s),
        placed=_looks(eye, Camera(seed), seated(photo, sway), length_s),
    )


def _looks(eye: Eye, camera: Camera, scene: Callable[[float], Pixels], length_s: float) -> FrameLooks:
    times_s = [float(at_s) for at_s in np.arange(0.0, length_s, 1 / _FASTEST_PER_S)]
    seen = [eye.observe(at_s, camera.take(scene(at_s)), with_phones=False) for at_s in times_s]
    looks = [frame.live_probability for frame in seen if frame.live_probability is not None]
    return FrameLooks(
        least=round(min(looks, default=0.0), 3),
        median=round(float(np.median(looks)) if looks else 0.0, 3),
        greatest=round(max(looks, default=0.0), 3),
        without_face=len(seen) - len(looks),
        frame_count=len(seen),
        told={
            f"{threshold:g} at {rate:g}/s": round(_share_below(seen, threshold, rate), 3)
            for threshold in THRESHOLDS
            for rate in RATES_PER_S
        },
    )


def _share_below(seen: Sequence[Observation], threshold: float, rate_per_s: float) -> float:
    """Over every start, so that slow rates use all frames too. Frames without a face count as told."""
    stride = round(_FASTEST_PER_S / rate_per_s)
    below = []
    for start in range(stride):
        frames = seen[start::stride]
        for place, frame in enumerate(frames):
            median = median_live_probability(frame, frames[:place], PictureLimits().liveness_window_s)
            below.append(median is None or median < threshold)
    return sum(below) / len(below)
