"""True accepts of every embedder, and of dlib's own pipeline, on sets of `name/*.jpg`."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy_pairs import (
    Persons,
    SetPairs,
    Vectors,
    drawn_persons,
    is_sure,
    pairs_of,
    pooled,
    reportable_rates,
    resampled_true_accepts,
    roc_points,
    true_accepts,
)
from benchmarks.baseline_environment import Baseline, BaselineMissing, running_baseline
from benchmarks.engine_parts import EMBEDDER_NAMES, open_analysis
from benchmarks.photo_folders import photo_paths
from benchmarks.progress import console, progress_bar
from facegate.domain.errors import FacegateError
from facegate.domain.templates import Metric

DEFAULT_METHOD = "sface"
DLIB_PIPELINE = "dlib's own pipeline"
POOLED = "pooled"
_RESAMPLES = 500
_SEED = 1


@dataclass(frozen=True, slots=True, eq=False)
class SetVectors:
    """What one method made of one set; rows where no face was found hold ones."""

    vectors: Vectors
    is_found: NDArray[np.bool_]
    metric: Metric


@dataclass(frozen=True, slots=True)
class RateResult:
    """True accepts at one false-accept rate, with the 95 % interval over resampled persons.

    `is_sure` is False where fewer than ten impostor pairs lie beyond the rate. `difference` is the default
    model minus this method on the same resamples: median and 95 % interval.
    """

    true_accepts: float
    interval: tuple[float, float]
    is_sure: bool
    difference: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One method on one set (or pooled), counted one of the two ways."""

    photo_set: str
    method: str
    photos_without_a_face: int
    genuine_pairs: int
    impostor_pairs: int
    rates: dict[str, RateResult]
    roc: tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True)
class AccuracyResults:
    """`as_rejected` counts a face that was not found as a rejection; `common` leaves such photos out."""

    sets: dict[str, dict[str, int]]
    as_rejected: list[MethodResult]
    common: list[MethodResult]
    notes: list[str] = field(default_factory=list)


def measure_accuracy(folders: Sequence[Path]) -> AccuracyResults:
    """Every method on every set, main face of each photo, then all pairs within each set."""
    paths = {folder.name: photo_paths(folder) for folder in folders}
    persons = {name: _persons_of(found) for name, found in paths.items()}
    notes: list[str] = []
    made: dict[str, dict[str, SetVectors]] = {}
    for method in EMBEDDER_NAMES:
        made[method] = {name: _embed(method, name, found) for name, found in paths.items()}
    with _baseline_or_note(notes) as baseline:
        if baseline is not None:
            made[DLIB_PIPELINE] = {
                name: _embed_with_dlib(baseline, name, found) for name, found in paths.items()
            }
    everything = {name: np.ones(len(found), dtype=np.bool_) for name, found in paths.items()}
    common = {
        name: np.logical_and.reduce([of_sets[name].is_found for of_sets in made.values()]) for name in paths
    }
    return AccuracyResults(
        sets={
            name: {"photos": len(found), "persons": int(persons[name].max()) + 1}
            for name, found in paths.items()
        },
        as_rejected=_judge(made, persons, everything),
        common=_judge(made, persons, common),
        notes=notes,
    )


def _persons_of(paths: Sequence[Path]) -> Persons:
    names = [path.parent.name for path in paths]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _embed(method: str, set_name: str, paths: Sequence[Path]) -> SetVectors:
    analysis = open_analysis(method)
    vectors = np.ones((len(paths), analysis.identity.dimension), dtype=np.float32)
    is_found = np.zeros(len(paths), dtype=np.bool_)
    with progress_bar(f"{method} on {set_name}", len(paths)) as advance_to:
        for number, path in enumerate(paths):
            try:
                frame = analysis.decode(path.read_bytes())
            except FacegateError as error:
                console.print(f"{path.parent.name}/{path.name}: {error.message}")
                continue
            if faces := analysis.find_faces(frame):
                vectors[number] = analysis.embed([analysis.judge(frame, faces[0])])[0].vector
                is_found[number] = True
            advance_to(number + 1)
    return SetVectors(vectors, is_found, analysis.identity.metric)


def _embed_with_dlib(baseline: Baseline, set_name: str, paths: Sequence[Path]) -> SetVectors:
    vectors = np.ones((len(paths), 128), dtype=np.float32)
    is_found = np.zeros(len(paths), dtype=np.bool_)
    with progress_bar(f"{DLIB_PIPELINE} on {set_name}", len(paths)) as advance_to:
        for number, path in enumerate(paths):
            encoding = baseline.ask("encode_main_face", path=str(path))["encoding"]
            if encoding is not None:
                vectors[number], is_found[number] = encoding, True
            advance_to(number + 1)
    return SetVectors(vectors, is_found, Metric.EUCLIDEAN)


@contextmanager
def _baseline_or_note(notes: list[str]) -> Iterator[Baseline | None]:
    with ExitStack() as running:
        baseline: Baseline | None = None
        try:
            baseline = running.enter_context(running_baseline())
        except BaselineMissing as error:
            notes.append(f"dlib's own pipeline did not run: {error}")
            console.print(notes[-1])
        yield baseline


def _judge(
    made: dict[str, dict[str, SetVectors]], persons: dict[str, Persons], kept: dict[str, NDArray[np.bool_]]
) -> list[MethodResult]:
    pairs: dict[str, dict[str, SetPairs]] = {method: {} for method in made}
    for method, of_sets in made.items():
        for name, found in of_sets.items():
            rows = kept[name]
            pairs[method][name] = pairs_of(
                found.vectors[rows], found.is_found[rows], _renumbered(persons[name][rows]), found.metric
            )
        if len(of_sets) > 1:
            pairs[method][POOLED] = pooled([pairs[method][name] for name in of_sets])
    missing = {
        method: {name: int((~found.is_found[kept[name]]).sum()) for name, found in of_sets.items()}
        for method, of_sets in made.items()
    }
    results = []
    for name in next(iter(pairs.values())):
        members = [name] if name != POOLED else list(next(iter(made.values())))
        counts = [next(iter(pairs.values()))[member].person_count for member in members]
        weights = drawn_persons(counts, _RESAMPLES, np.random.default_rng(_SEED))
        resampled = {method: resampled_true_accepts(pairs[method][name], weights) for method in pairs}
        for method in pairs:
            found_pairs = pairs[method][name]
            results.append(
                MethodResult(
                    photo_set=name,
                    method=method,
                    photos_without_a_face=sum(missing[method][member] for member in members),
                    genuine_pairs=int(found_pairs.genuine.size),
                    impostor_pairs=int(found_pairs.impostors.size),
                    rates=_rates(found_pairs, resampled[method], resampled[DEFAULT_METHOD], method),
                    roc=roc_points(found_pairs),
                )
            )
    return results


def _renumbered(persons: Persons) -> Persons:
    """Persons as 0.. without gaps, after photos were left out."""
    return np.unique(persons, return_inverse=True)[1].astype(np.int64)


def _rates(
    pairs: SetPairs, resampled: NDArray[np.float64], of_default: NDArray[np.float64], method: str
) -> dict[str, RateResult]:
    shares = true_accepts(pairs)
    results = {}
    for column, rate in enumerate(reportable_rates(pairs)):
        low, high = np.nanquantile(resampled[:, column], [0.025, 0.975])
        differences = of_default[:, column] - resampled[:, column]
        low_gain, gain, high_gain = np.nanquantile(differences, [0.025, 0.5, 0.975])
        results[f"{rate:g}"] = RateResult(
            true_accepts=round(shares[rate], 5),
            interval=(round(float(low), 5), round(float(high), 5)),
            is_sure=is_sure(pairs, rate),
            difference=None
            if method == DEFAULT_METHOD
            else (round(float(gain), 5), round(float(low_gain), 5), round(float(high_gain), 5)),
        )
    return results
