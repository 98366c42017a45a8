"""The way from exact to approximate search: when, and what happens meanwhile."""

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from facegate.adapters.growing_index import GrowingTemplateIndex
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.domain.errors import StoreFailed
from facegate.domain.templates import EmbedderIdentity, Metric, Vector

IDENTITY = EmbedderIdentity("growing", 4, Metric.COSINE)


class SlowIndex(ExactTemplateIndex):
    """Takes as long to build as the test wants."""

    def __init__(self) -> None:
        super().__init__(IDENTITY)
        self.may_finish = threading.Event()
        self.has_begun = threading.Event()

    def replace_all(self, entries: Iterable[tuple[str, str, Vector]]) -> None:
        held = list(entries)
        self.has_begun.set()
        assert self.may_finish.wait(20)
        super().replace_all(held)


def entries(first: int, last: int) -> list[tuple[str, str, Vector]]:
    return [
        (f"t{n}", f"s{n}", np.random.default_rng(n).normal(size=4).astype(np.float32))
        for n in range(first, last)
    ]


def test_it_stays_exact_up_to_the_limit() -> None:
    index = GrowingTemplateIndex(ExactTemplateIndex(IDENTITY), SlowIndex, switch_at=10)
    index.add(entries(0, 10))
    index.replace_all(entries(0, 10))
    assert not index.is_approximate


def test_exact_search_goes_on_until_the_other_is_ready_and_nothing_is_missed() -> None:
    slow = SlowIndex()
    index = GrowingTemplateIndex(ExactTemplateIndex(IDENTITY), lambda: slow, switch_at=10)
    index.add(entries(0, 11))
    assert slow.has_begun.wait(20)
    index.remove(["t0", "t1"])
    index.add(entries(20, 22))
    index.remove(["t20"])
    assert not index.is_approximate
    assert index.search(entries(21, 22)[0][2], 1)[0].template_id == "t21"
    expected = index.template_ids()
    slow.may_finish.set()
    index.wait_for_build()
    assert index.is_approximate
    assert index.current is slow
    assert index.template_ids() == expected == {*(f"t{n}" for n in range(2, 11)), "t21"}


def test_a_large_content_goes_to_the_approximate_one_at_once() -> None:
    slow = SlowIndex()
    slow.may_finish.set()
    index = GrowingTemplateIndex(ExactTemplateIndex(IDENTITY), lambda: slow, switch_at=10)
    index.replace_all(iter(entries(0, 25)))
    assert index.is_approximate
    assert index.template_count() == 25


def test_it_never_goes_back() -> None:
    slow = SlowIndex()
    slow.may_finish.set()
    index = GrowingTemplateIndex(ExactTemplateIndex(IDENTITY), lambda: slow, switch_at=10)
    index.replace_all(entries(0, 25))
    index.replace_all(entries(0, 2))
    index.remove(["t0"])
    assert index.is_approximate
    assert index.template_ids() == {"t1"}


def test_a_build_that_fails_leaves_exact_search(caplog: pytest.LogCaptureFixture) -> None:
    def breaks() -> Any:
        raise MemoryError("no room")

    index = GrowingTemplateIndex(ExactTemplateIndex(IDENTITY), breaks, switch_at=10)
    index.add(entries(0, 11))
    index.wait_for_build()
    assert "could not be built" in caplog.text
    index.add(entries(11, 13))
    assert not index.is_approximate
    assert index.search(entries(12, 13)[0][2], 1)[0].template_id == "t12"


def test_a_missed_change_that_fails_leaves_exact_search(caplog: pytest.LogCaptureFixture) -> None:
    class Refuses(SlowIndex):
        def remove(self, template_ids: Sequence[str]) -> None:
            raise StoreFailed("the disk is full")

    slow = Refuses()
    index = GrowingTemplateIndex(ExactTemplateIndex(IDENTITY), lambda: slow, switch_at=10)
    index.add(entries(0, 11))
    assert slow.has_begun.wait(20)
    index.remove(["t0"])
    slow.may_finish.set()
    index.wait_for_build()
    assert "could not be built" in caplog.text
    assert not index.is_approximate
    index.replace_all(entries(0, 5))  # waited for ever while a build seemed to be under way
    assert index.template_count() == 5
