"""Recognising one 640 x 480 JPEG in process on one core, beside `face_recognition` on the same files."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.baseline_environment import Baseline
from benchmarks.engine_parts import open_analysis
from benchmarks.people import synthetic_people
from benchmarks.timing import Timing, one_core, time_calls, timing_of
from facegate.adapters.calibration_files.shipped_curves import shipped_curves
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.domain.matching import Identification, MatchPolicy

_BASELINE_STAGES = ("decode_s", "detect_s", "encode_s", "compare_s")


class BareEngine:
    """Decode to search without a server, a store or a use case around it, on ONNX Runtime as served."""

    def __init__(self, embedder_name: str, gallery_size: int) -> None:
        self._analysis = open_analysis(embedder_name)
        people = synthetic_people(embedder_name, gallery_size)
        self._index = ExactTemplateIndex(people.identity)
        self._index.replace_all(people.entries())
        curve = next(curve for curve in shipped_curves() if curve.model_id == people.identity.model_id)
        self._policy = MatchPolicy(curve)

    def __call__(self, encoded: bytes) -> list[Identification]:
        """Everything that recognition takes, for every face."""
        frame = self._analysis.decode(encoded)
        judged = [self._analysis.judge(frame, face) for face in self._analysis.find_faces(frame)]
        found = [self._index.search(template.vector, 5) for template in self._analysis.embed(judged)]
        return [self._policy.identify(candidates, self._index.template_count()) for candidates in found]


@dataclass(frozen=True, slots=True)
class BaselineTimes:
    """`face_recognition` with its defaults; `cpu_ms` is processor time per picture, stages are medians."""

    total: Timing
    cpu_ms: float
    stages_median_ms: dict[str, float]
    pictures_with_a_face: int
    picture_count: int


@dataclass(frozen=True, slots=True)
class EngineTime:
    """The bare engine per picture: wall time of single calls, and processor time of all of them."""

    wall: Timing
    cpu_ms: float


def measure_engine(engine: BareEngine, encoded: Sequence[bytes], *, count: int) -> EngineTime:
    """Decode to search on one core, about `count` pictures."""
    with one_core():
        for content in encoded:
            engine(content)
        rounds = max(1, round(count / len(encoded)))
        cpu_before_s = time.process_time()
        wall = time_calls(engine, encoded, rounds=rounds, warm_up=0)
        cpu_s = time.process_time() - cpu_before_s
    return EngineTime(wall, round(cpu_s / (rounds * len(encoded)) * 1e3, 4))


def mean_of(parts: Sequence[EngineTime]) -> EngineTime:
    """Parts of one measurement, of as many pictures each, as one; the worst of their 95th percentiles."""
    return EngineTime(
        Timing(
            median_ms=round(float(np.mean([part.wall.median_ms for part in parts])), 4),
            p95_ms=max(part.wall.p95_ms for part in parts),
            mean_ms=round(float(np.mean([part.wall.mean_ms for part in parts])), 4),
            call_count=sum(part.wall.call_count for part in parts),
        ),
        cpu_ms=round(float(np.mean([part.cpu_ms for part in parts])), 4),
    )


def ask_baseline(baseline: Baseline, pictures: Sequence[Path], gallery_size: int) -> list[dict[str, Any]]:
    """One round of the baseline over the pictures: seconds per stage, per picture."""
    paths = [str(path) for path in pictures]
    times: list[dict[str, Any]] = baseline.ask("recognise", paths=paths, gallery_size=gallery_size)["times"]
    return times


def sum_up_baseline(times: Sequence[dict[str, Any]], picture_count: int) -> BaselineTimes:
    """Several rounds in one."""
    return BaselineTimes(
        total=timing_of([found["total_s"] for found in times]),
        cpu_ms=round(float(np.mean([found["cpu_s"] for found in times])) * 1e3, 3),
        stages_median_ms={
            name.removesuffix("_s"): round(float(np.median([found[name] for found in times])) * 1e3, 3)
            for name in _BASELINE_STAGES
        },
        pictures_with_a_face=sum(found["face_count"] > 0 for found in times[:picture_count]),
        picture_count=picture_count,
    )
