"""Who was removed is in no file any more: neither at once, nor in what is saved later."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.adapters.usearch_index.test_persistence import entries, opened, vector

from facegate.adapters.usearch_index import UsearchTemplateIndex


def traces(folder: Path, number: int) -> list[str]:
    """What the folder's files still hold of a template: its held vector at any offset, or its ids."""
    wanted = vector(number) / np.linalg.norm(vector(number))
    found = []
    for path in folder.glob("*"):
        content = path.read_bytes()
        found += [
            f"id in {path.name}" for name in (f'"t{number}"', f'"p{number}"') if name.encode() in content
        ]
        for offset in range(4):
            words = np.frombuffer(content, "<f4", count=(len(content) - offset) // 4, offset=offset)
            windows = np.lib.stride_tricks.sliding_window_view(words, 16)
            with np.errstate(all="ignore"):
                if (np.abs(windows - wanted) < 1e-5).all(axis=1).any():
                    found.append(f"vector in {path.name}")
    return found


def saved(folder: Path) -> UsearchTemplateIndex:
    """100 persons in the graph."""
    index = opened(folder)
    index.replace_all((name, f"p{name[1:]}", values) for name, _, values in entries(0, 100))
    index.save(1)
    return index


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_removed_person_is_in_no_file(tmp_path: Path, is_loaded: bool) -> None:
    index = saved(tmp_path)
    assert traces(tmp_path, 7)
    if is_loaded:
        index = opened(tmp_path)
        assert index.load() == 1
    index.remove(["t7"])
    assert traces(tmp_path, 7) == []
    index.save(2)
    assert traces(tmp_path, 7) == []
    assert traces(tmp_path, 8)


def test_a_person_removed_from_beside_the_graph_is_in_no_file(tmp_path: Path) -> None:
    index = saved(tmp_path)
    index.add(entries(100, 105))
    index.save(2)
    assert traces(tmp_path, 102)
    index.remove(["t102"])
    assert traces(tmp_path, 102) == []


def test_the_others_are_found_after_many_were_overwritten(tmp_path: Path) -> None:
    index = saved(tmp_path)
    index.remove([f"t{number}" for number in range(0, 100, 5)])
    index.save(2)
    again = opened(tmp_path)
    assert again.load() == 2
    again.save(3)
    left = [number for number in range(100) if number % 5]
    assert [again.search(vector(number), 1)[0].template_id for number in left] == [f"t{n}" for n in left]
    again.add([("t5", "p5", vector(5))])
    assert again.search(vector(5), 1)[0].subject_id == "p5"


def test_a_living_row_with_the_same_vector_stays(tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.replace_all([*entries(0, 50), ("twin", "twin", vector(7))])
    index.remove(["t7"])
    index.save(1)
    again = opened(tmp_path)
    assert again.load() == 1
    best = again.search(vector(7), 1)[0]
    assert best.template_id == "twin"
    assert best.similarity == pytest.approx(1.0)


def test_files_that_cannot_be_used_do_not_stay(tmp_path: Path) -> None:
    saved(tmp_path)
    (sidecar,) = tmp_path.glob("*.npz")
    sidecar.write_bytes(b"damaged")
    assert opened(tmp_path).load() is None
    assert list(tmp_path.iterdir()) == []


def test_a_graph_with_damaged_rows_is_not_opened(tmp_path: Path) -> None:
    saved(tmp_path)
    (graph,) = tmp_path.glob("*.usearch")
    content = bytearray(graph.read_bytes())
    content[100:3000] = bytes(2900)  # within the 100 vectors: the format's own head behind them is whole
    graph.write_bytes(content)
    assert opened(tmp_path).load() is None


def test_who_was_removed_while_the_index_was_away_is_in_no_file(tmp_path: Path) -> None:
    saved(tmp_path)
    index = opened(tmp_path)
    index.load()
    index.replace_all((name, f"p{name[1:]}", values) for name, _, values in entries(0, 99))
    assert traces(tmp_path, 99) == []
