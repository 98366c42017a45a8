"""The converted dlib net against dlib itself, on dlib's own chips of real photos, in one run."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.baseline_environment import Baseline
from benchmarks.engine_parts import installed_runtimes, open_embedder
from benchmarks.timing import Timing, one_core, time_calls, timing_of
from facegate.domain.images import AlignedCrop

MAX_DIFFERENCE = 1e-5
MIN_SPEED_RATIO = 15.0


@dataclass(frozen=True, slots=True)
class NetParity:
    """One build of the net on one runtime, beside dlib; ratios of medians."""

    build: str
    runtime: str
    largest_difference: float
    smallest_cosine: float
    timing: Timing
    times_faster: float


@dataclass(frozen=True, slots=True)
class Parity:
    """`dlib_timing` is `compute_face_descriptor` on a ready chip."""

    chip_count: int
    dlib_timing: Timing
    nets: tuple[NetParity, ...]


def measure_parity(baseline: Baseline, pictures: Sequence[Path], *, rounds: int) -> Parity:
    """Each net on the chips that dlib cut, one thread each, dlib before and after ours."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "chips.npz"
        fields = {"paths": [str(path) for path in pictures], "target": str(target), "rounds": rounds}
        seconds = list(baseline.ask("describe_chips", **fields)["seconds"])
        with np.load(target) as kept:
            crops = [[AlignedCrop(chip)] for chip in kept["chips"]]
            descriptors = kept["descriptors"]
        with one_core():
            measured = [
                (build, runtime, *_one_net(build, runtime, crops, descriptors, rounds))
                for build in ("dlib", "dlib-int8")
                for runtime in installed_runtimes()
            ]
        seconds += baseline.ask("describe_chips", **fields)["seconds"]
    dlib_timing = timing_of(seconds)
    nets = tuple(
        NetParity(
            build=build,
            runtime=runtime,
            largest_difference=difference,
            smallest_cosine=cosine,
            timing=timing,
            times_faster=round(dlib_timing.median_ms / timing.median_ms, 2),
        )
        for build, runtime, difference, cosine, timing in measured
    )
    return Parity(len(crops), dlib_timing, nets)


def _one_net(
    build: str, runtime: str, crops: list[list[AlignedCrop]], descriptors: np.ndarray, rounds: int
) -> tuple[float, float, Timing]:
    """Largest difference of a number, smallest cosine to dlib's descriptor, and the time per chip."""
    embedder = open_embedder(build, runtime)
    ours = np.stack([embedder.embed(crop)[0].vector for crop in crops]).astype(np.float64)
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(descriptors, axis=1)
    cosines = (ours * descriptors).sum(1) / lengths
    # Ours runs in a fraction of the time: more rounds make both times equally sure.
    timing = time_calls(embedder.embed, crops, rounds=5 * rounds)
    return float(np.abs(ours - descriptors).max()), float(cosines.min()), timing
