"""The graph that is kept between starts: used as it is, mended when old, left alone when broken."""

from pathlib import Path

import numpy as np
import pytest
from tests.fakes.engine import FAKE_IDENTITY
from tests.fakes.gallery import InMemoryGalleryStore

from facegate.adapters.growing_index import GrowingTemplateIndex
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.usearch_index import UsearchTemplateIndex
from facegate.composition.search_index import open_index, save_index, save_index_while_open
from facegate.domain.templates import Vector


def entries(count: int) -> list[tuple[str, str, Vector]]:
    vectors = np.random.default_rng(7).normal(size=(count, FAKE_IDENTITY.dimension)).astype(np.float32)
    return [(f"template {row}", f"subject {row}", vectors[row]) for row in range(count)]


def saved_graph(folder: Path, store: InMemoryGalleryStore, count: int) -> None:
    growing = GrowingTemplateIndex(
        ExactTemplateIndex(FAKE_IDENTITY),
        lambda: UsearchTemplateIndex(
            FAKE_IDENTITY, lambda: ExactTemplateIndex(FAKE_IDENTITY), folder=folder / "index"
        ),
        switch_at=count - 1,
    )
    growing.replace_all(entries(count))
    assert growing.is_approximate
    save_index(growing, store)


def test_a_small_gallery_keeps_no_file(tmp_path: Path) -> None:
    store = InMemoryGalleryStore()
    opened = open_index(FAKE_IDENTITY, tmp_path, store.change_number())
    opened.index.add(entries(10))
    save_index(opened.index, store)
    assert not opened.is_current
    assert list(tmp_path.iterdir()) == []


def test_a_graph_of_the_stores_state_is_used_as_it_is(tmp_path: Path) -> None:
    store = InMemoryGalleryStore()
    saved_graph(tmp_path, store, 300)
    opened = open_index(FAKE_IDENTITY, tmp_path, store.change_number())
    assert opened.is_current
    assert opened.index.template_count() == 300
    template_id, subject_id, vector = entries(300)[123]
    best = opened.index.search(vector, 2)[0]
    assert (best.template_id, best.subject_id) == (template_id, subject_id)
    save_index(opened.index, store)
    assert open_index(FAKE_IDENTITY, tmp_path, store.change_number()).is_current


def test_a_graph_of_an_older_state_has_to_be_filled(tmp_path: Path) -> None:
    store = InMemoryGalleryStore()
    saved_graph(tmp_path, store, 300)
    opened = open_index(FAKE_IDENTITY, tmp_path, store.change_number() + 1)
    assert not opened.is_current
    opened.index.replace_all(entries(310))
    assert opened.index.template_count() == 310


def test_a_damaged_graph_is_built_anew(tmp_path: Path) -> None:
    store = InMemoryGalleryStore()
    saved_graph(tmp_path, store, 300)
    for file in (tmp_path / "index").glob("*.usearch"):
        file.write_bytes(file.read_bytes()[:100])
    opened = open_index(FAKE_IDENTITY, tmp_path, store.change_number())
    assert not opened.is_current
    assert opened.index.template_count() == 0


def test_an_index_that_cannot_be_saved_does_not_break_the_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = InMemoryGalleryStore()
    store.close()
    saved_graph(tmp_path, store, 300)
    assert "the next start builds it anew" in caplog.text


def test_the_stop_waits_for_a_build_and_keeps_it(tmp_path: Path) -> None:
    store = InMemoryGalleryStore()
    growing = GrowingTemplateIndex(
        ExactTemplateIndex(FAKE_IDENTITY),
        lambda: UsearchTemplateIndex(
            FAKE_IDENTITY, lambda: ExactTemplateIndex(FAKE_IDENTITY), folder=tmp_path / "index"
        ),
        switch_at=2000,
    )
    growing.add(entries(3000))
    assert not growing.is_approximate
    save_index(growing, store)
    assert open_index(FAKE_IDENTITY, tmp_path, store.change_number()).is_current


def test_what_is_saved_at_night_is_compared_with_the_store_at_the_next_start(tmp_path: Path) -> None:
    store = InMemoryGalleryStore()
    saved_graph(tmp_path, store, 300)
    index = open_index(FAKE_IDENTITY, tmp_path, store.change_number()).index
    index.remove(["template 5"])
    assert list((tmp_path / "index").iterdir()) == []
    save_index_while_open(index)
    opened = open_index(FAKE_IDENTITY, tmp_path, store.change_number())
    assert not opened.is_current
    assert opened.index.template_count() == 299


def test_files_that_no_index_uses_are_deleted(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    orphan = tmp_path / "index" / "model.graph-0.usearch"
    orphan.write_bytes(b"a killed save left this")
    open_index(FAKE_IDENTITY, tmp_path, 1)
    assert not orphan.exists()
