"""Every stage of the engine on one core: decode, detect, align, judge, embed, liveness, phones, search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.engine_parts import (
    EMBEDDER_NAMES,
    ONNXRUNTIME,
    installed_runtimes,
    open_detector,
    open_embedder,
    open_liveness,
    open_phones,
)
from benchmarks.people import synthetic_people
from benchmarks.timing import Timing, one_core, time_calls
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.face_quality import judge_quality
from facegate.domain.images import DetectedFace, Frame

EMBED_BATCH = 8


@dataclass(frozen=True, slots=True)
class _Material:
    """Pictures at every step of the way, so that each stage is timed alone."""

    encoded: list[bytes]
    frames: list[Frame]
    faces: list[tuple[Frame, DetectedFace]]


def measure_stages(pictures: Sequence[Path], *, rounds: int) -> dict[str, dict[str, Timing]]:
    """Milliseconds per stage and runtime: `{stage: {runtime: Timing}}`; stages without a net have one."""
    with one_core():
        material = _prepare(pictures)
        stages: dict[str, dict[str, Timing]] = {
            "decode": {"": time_calls(PillowImageDecoder().decode, material.encoded, rounds=rounds)}
        }
        for runtime in installed_runtimes():
            for stage, call, items in _net_stages(material, runtime):
                stages.setdefault(stage, {})[runtime] = time_calls(call, items, rounds=rounds)
        stages["align for SFace"] = {"": time_calls(_align("sface"), material.faces, rounds=rounds)}
        stages["align for dlib"] = {"": time_calls(_align("dlib"), material.faces, rounds=rounds)}
        stages["judge quality"] = {"": time_calls(_judge(), material.faces, rounds=rounds)}
        stages["search exactly among 10,000"] = {"": _search(rounds)}
    return stages


def _prepare(pictures: Sequence[Path]) -> _Material:
    encoded = [path.read_bytes() for path in pictures]
    decoder, detector = PillowImageDecoder(), open_detector()
    frames = [decoder.decode(content) for content in encoded]
    faces = [(frame, found[0]) for frame in frames if (found := detector.detect(frame))]
    return _Material(encoded, frames, faces)


def _net_stages(
    material: _Material, runtime: str
) -> list[tuple[str, Callable[[Any], object], Sequence[Any]]]:
    liveness, phones = open_liveness(runtime), open_phones(runtime)
    stages: list[tuple[str, Callable[[Any], object], Sequence[Any]]] = [
        ("detect as served", open_detector(runtime).detect, material.frames),
        *(
            (f"detect, one look at {side_px} px", open_detector(runtime, side_px).detect, material.frames)
            for side_px in (320, 640)
        ),
    ]
    for name in EMBEDDER_NAMES:
        embedder = open_embedder(name, runtime)
        crops = [[embedder.crop(frame, face.landmarks)] for frame, face in material.faces]
        stages.append((f"embed {name}", embedder.embed, crops))
        batch = [crop for group in crops for crop in group][:EMBED_BATCH]
        stages.append((f"embed {name}, {len(batch)} faces at once", embedder.embed, [batch]))
    stages.append(("liveness", lambda item: liveness.live_probability(item[0], item[1]), material.faces))
    stages.append(("phones", phones.detect, material.frames))
    return stages


def _align(name: str) -> Callable[[tuple[Frame, DetectedFace]], object]:
    embedder = open_embedder(name, ONNXRUNTIME)
    return lambda item: embedder.crop(item[0], item[1].landmarks)


def _judge() -> Callable[[tuple[Frame, DetectedFace]], object]:
    embedder = open_embedder("sface", ONNXRUNTIME)
    crops: dict[int, Any] = {}

    def judge(item: tuple[Frame, DetectedFace]) -> object:
        frame, face = item
        if id(face) not in crops:
            crops[id(face)] = embedder.crop(frame, face.landmarks)
        return judge_quality(
            crops[id(face)],
            face.landmarks,
            scale_to_original=frame.scale_to_original,
            detection_confidence=face.detection_confidence,
        )

    return judge


def _search(rounds: int) -> Timing:
    people = synthetic_people("sface", 10_000)
    index = ExactTemplateIndex(people.identity)
    index.replace_all(people.entries())
    queries = people.queries(100)
    return time_calls(lambda query: index.search(query, 5), queries, rounds=rounds)
