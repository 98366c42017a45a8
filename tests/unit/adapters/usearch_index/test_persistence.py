"""The index on disk: it comes back as it was, or not at all."""

import stat
from pathlib import Path

import numpy as np
import pytest

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.usearch_index import GraphOptions, UsearchTemplateIndex
from facegate.domain.errors import StoreFailed
from facegate.domain.templates import EmbedderIdentity, Metric, Vector

IDENTITY = EmbedderIdentity("model/1", 16, Metric.COSINE)


def opened(
    folder: Path, *, max_overlay: int = 20, identity: EmbedderIdentity = IDENTITY, connectivity: int = 24
) -> UsearchTemplateIndex:
    options = GraphOptions(max_overlay=max_overlay, connectivity=connectivity)
    return UsearchTemplateIndex(identity, lambda: ExactTemplateIndex(identity), options, folder)


def entries(first: int, last: int) -> list[tuple[str, str, Vector]]:
    return [
        (f"t{n}", f"säuger {n % 50}", np.random.default_rng(n).normal(size=16).astype(np.float32))
        for n in range(first, last)
    ]


def vector(number: int) -> Vector:
    return entries(number, number + 1)[0][2]


def saved(folder: Path) -> UsearchTemplateIndex:
    """100 rows in the graph of which two are dead, and ten templates beside it."""
    index = opened(folder)
    index.replace_all(entries(0, 100))
    index.remove(["t3", "t4"])
    index.add(entries(100, 110))
    index.save(41)
    return index


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    before = saved(tmp_path)
    after = opened(tmp_path)
    assert after.load() == 41
    assert after.template_ids() == before.template_ids()
    for number in (0, 3, 50, 99, 105):
        assert after.search(vector(number), 5) == before.search(vector(number), 5)


def test_a_loaded_index_can_be_changed_merged_and_saved_again(tmp_path: Path) -> None:
    saved(tmp_path)
    index = opened(tmp_path)
    index.load()
    index.remove(["t50", "t105"])
    index.add(entries(200, 260))
    index.wait_for_merge()
    index.save(42)
    again = opened(tmp_path)
    assert again.load() == 42
    assert again.template_ids() == index.template_ids()
    assert again.search(vector(230), 1)[0].template_id == "t230"
    assert again.search(vector(50), 1)[0].template_id != "t50"


def test_catching_up_keeps_the_graph_and_its_rows(tmp_path: Path) -> None:
    saved(tmp_path)
    index = opened(tmp_path)
    index.load()
    graph_before = index._graph.index
    current = [*entries(10, 110), *entries(300, 305)]
    index.replace_all(current)
    assert index._graph.index is graph_before
    assert index.template_ids() == {template_id for template_id, _, _ in current}
    assert index.search(vector(303), 1)[0].template_id == "t303"
    assert index.search(vector(5), 1)[0].template_id != "t5"


def test_a_template_with_another_vector_or_subject_is_not_kept(tmp_path: Path) -> None:
    saved(tmp_path)
    index = opened(tmp_path)
    index.load()
    index.replace_all([("t1", "moved", vector(1)), ("t2", "säuger 2", vector(777))])
    assert index.search(vector(1), 1)[0].subject_id == "moved"
    assert index.search(vector(777), 1)[0].template_id == "t2"
    assert index.template_count() == 2


def test_the_files_are_for_their_owner_alone_and_old_ones_go(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    index = saved(folder)
    index.save(43)
    files = sorted(folder.iterdir())
    assert sorted(path.suffix for path in files) == [".npz", ".usearch"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.parametrize("damage", ["truncated graph", "no graph", "truncated ids", "empty ids", "text"])
def test_damaged_files_are_built_anew(tmp_path: Path, damage: str) -> None:
    saved(tmp_path)
    (graph,) = tmp_path.glob("*.usearch")
    (ids,) = tmp_path.glob("*.npz")
    if damage == "truncated graph":
        graph.write_bytes(graph.read_bytes()[:-100])
    elif damage == "no graph":
        graph.unlink()
    elif damage == "truncated ids":
        ids.write_bytes(ids.read_bytes()[:-100])
    else:
        ids.write_bytes(b"" if damage == "empty ids" else b"hello" * 50)
    index = opened(tmp_path)
    assert index.load() is None
    assert index.template_count() == 0
    index.replace_all(entries(0, 30))
    assert index.search(vector(7), 1)[0].template_id == "t7"


def test_files_of_another_model_or_other_options_do_not_fit(tmp_path: Path) -> None:
    saved(tmp_path)
    assert opened(tmp_path, connectivity=12).load() is None
    assert opened(tmp_path, identity=EmbedderIdentity("model/2", 16, Metric.COSINE)).load() is None
    assert opened(tmp_path, identity=EmbedderIdentity("model/1", 16, Metric.EUCLIDEAN)).load() is None
    assert opened(tmp_path / "empty").load() is None


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    index = opened(tmp_path / "file")
    index.add(entries(0, 3))
    with pytest.raises(StoreFailed, match="could not be saved"):
        index.save(1)


def test_without_a_folder_nothing_is_kept() -> None:
    index = UsearchTemplateIndex(IDENTITY, lambda: ExactTemplateIndex(IDENTITY))
    index.add(entries(0, 3))
    index.save(1)
    assert index.load() is None
    assert index.template_count() == 3
