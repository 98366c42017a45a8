"""Search among 10,000, 100,000 and a million people: time, recall, build time, memory."""

import gc
import hashlib
import json
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.people import People, likeness, subject_id_of, synthetic_people
from benchmarks.timing import Timing, one_core, time_calls
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.usearch_index import GraphOptions, UsearchTemplateIndex
from facegate.domain.templates import Vector
from facegate.ports.template_index import TemplateIndex

CACHE_FOLDER = Path("build/benchmarks/index")
_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class IndexResult:
    """One index over one gallery.

    `recall_at_1` is the share of searches whose first person is the one exact search finds first;
    `person_found` the share whose first person is the one who was looked for; `near_recall_at_1` is the
    recall of looks half as far from the enrolled template. `build_s` of an index that
    was opened from disk is that of the run that built it; `open_s` is None for one built now.
    """

    kind: str
    gallery_size: int
    search: Timing
    recall_at_1: float
    near_recall_at_1: float
    person_found: float
    build_s: float
    open_s: float | None
    memory_mib: float
    disk_mib: float | None


@dataclass(frozen=True, slots=True)
class GalleryResult:
    """Both indexes over one gallery, and how alike its people are."""

    exact: IndexResult
    approximate: IndexResult
    likeness: dict[str, float]
    origin: str


def measure_indexes(embedder: str, gallery_size: int, *, query_count: int) -> GalleryResult:
    """In a process of its own, so that memory is that of this gallery alone."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_measure, embedder, gallery_size, query_count).result()


def _measure(embedder: str, gallery_size: int, query_count: int) -> GalleryResult:
    people = synthetic_people(embedder, gallery_size)
    numbers = people.query_numbers(query_count)
    queries = people.queries(query_count)
    near = [(people.enrolled[number] + people.seen_again[number]) / 2 for number in numbers]

    before_mib, start_s = _resident_mib(), time.perf_counter()
    exact = ExactTemplateIndex(people.identity)
    exact.replace_all(people.entries())
    exact_build_s, exact_mib = time.perf_counter() - start_s, _resident_mib() - before_mib
    exact_time, exact_found = _search_all(exact, queries)
    near_wanted = _first_found(exact, near)

    before_mib = _resident_mib()
    approximate, build_s, open_s = _open_or_build(people, embedder)
    approximate_mib = _resident_mib() - before_mib
    approximate_time, approximate_found = _search_all(approximate, queries)

    wanted = [subject_id_of(number) for number in numbers]
    return GalleryResult(
        exact=IndexResult(
            kind="exact",
            gallery_size=gallery_size,
            search=exact_time,
            recall_at_1=1.0,
            near_recall_at_1=1.0,
            person_found=_share_equal(exact_found, wanted),
            build_s=round(exact_build_s, 2),
            open_s=None,
            memory_mib=round(exact_mib, 1),
            disk_mib=None,
        ),
        approximate=IndexResult(
            kind="usearch",
            gallery_size=gallery_size,
            search=approximate_time,
            recall_at_1=_share_equal(approximate_found, exact_found),
            near_recall_at_1=_share_equal(_first_found(approximate, near), near_wanted),
            person_found=_share_equal(approximate_found, wanted),
            build_s=round(build_s, 2),
            open_s=round(open_s, 2) if open_s is not None else None,
            memory_mib=round(approximate_mib, 1),
            disk_mib=_disk_mib(_cache_folder(people, embedder)),
        ),
        likeness=likeness(people),
        origin=people.origin,
    )


def _search_all(index: TemplateIndex, queries: list[Vector]) -> tuple[Timing, list[str]]:
    with one_core():
        timing = time_calls(lambda query: index.search(query, _CANDIDATES), queries, rounds=1, warm_up=20)
        return timing, _first_found(index, queries)


def _first_found(index: TemplateIndex, queries: list[Vector]) -> list[str]:
    return [index.search(query, 1)[0].subject_id for query in queries]


def _open_or_build(people: People, embedder: str) -> tuple[UsearchTemplateIndex, float, float | None]:
    """The index, how long its build took, and how long opening it took if it was built before."""
    folder = _cache_folder(people, embedder)
    index = UsearchTemplateIndex(
        people.identity, lambda: ExactTemplateIndex(people.identity), GraphOptions(), folder
    )
    note = folder / "build.json"
    start_s = time.perf_counter()
    if note.is_file() and index.load() is not None and index.template_count() == len(people.enrolled):
        return index, float(json.loads(note.read_text(encoding="utf-8"))["build_s"]), _since(start_s)
    start_s = time.perf_counter()
    index.replace_all(people.entries())
    build_s = _since(start_s)
    index.save(1)
    note.write_text(json.dumps({"build_s": build_s}), encoding="utf-8")
    return index, build_s, None


def _cache_folder(people: People, embedder: str) -> Path:
    """Named by everything that shapes the graph; the people by a hash of their templates."""
    content = hashlib.sha256(people.enrolled[:: max(1, len(people.enrolled) // 1000)].tobytes())
    options = GraphOptions()
    shape = [options.connectivity, options.expansion_add, options.max_overlay, options.max_rows_per_subject]
    content.update(json.dumps(shape).encode())
    return CACHE_FOLDER / f"{embedder}-{len(people.enrolled)}-{content.hexdigest()[:12]}"


def _share_equal(left: list[str], right: list[str]) -> float:
    return round(float(np.mean([one == other for one, other in zip(left, right, strict=True)])), 5)


def _since(start_s: float) -> float:
    return time.perf_counter() - start_s


def _resident_mib() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


def _disk_mib(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.glob("*") if path.is_file()) / 2**20, 1)
