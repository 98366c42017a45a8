"""What every TemplateIndex promises, run over exact, approximate and growing search.

The approximate one runs here with small galleries, where its graph finds everything.
"""

import threading
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegate.adapters.growing_index import GrowingTemplateIndex
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.usearch_index import GraphOptions, UsearchTemplateIndex
from facegate.domain.calibration import similarity_of
from facegate.domain.errors import InvalidInput
from facegate.domain.templates import EmbedderIdentity, Metric, Vector
from facegate.ports.template_index import TemplateIndex

DIMENSION = 8

MakeIndex = Callable[[Metric], TemplateIndex]


def identity(metric: Metric) -> EmbedderIdentity:
    return EmbedderIdentity(f"test-{metric}", DIMENSION, metric)


def exact(metric: Metric) -> TemplateIndex:
    return ExactTemplateIndex(identity(metric))


def graph_only(metric: Metric) -> TemplateIndex:
    """Everything is merged into the graph; `settled` waits for it."""
    return approximate(metric, max_overlay=0)


def graph_and_overlay(metric: Metric) -> TemplateIndex:
    return approximate(metric, max_overlay=7)


def approximate(metric: Metric, max_overlay: int) -> UsearchTemplateIndex:
    options = GraphOptions(max_overlay=max_overlay, build_threads=1)
    return UsearchTemplateIndex(identity(metric), lambda: ExactTemplateIndex(identity(metric)), options)


def growing(metric: Metric) -> TemplateIndex:
    return GrowingTemplateIndex(
        ExactTemplateIndex(identity(metric)), lambda: approximate(metric, max_overlay=3), switch_at=10
    )


ALL_KINDS = [exact, graph_only, graph_and_overlay, growing]


@pytest.fixture(params=ALL_KINDS, ids=lambda kind: kind.__name__)
def make_index(request: pytest.FixtureRequest) -> MakeIndex:
    chosen: MakeIndex = request.param
    return chosen


@pytest.fixture(params=list(Metric))
def index(request: pytest.FixtureRequest, make_index: MakeIndex) -> TemplateIndex:
    return make_index(request.param)


def settled(index: TemplateIndex) -> TemplateIndex:
    """Waits for builds in the background, so that the graph is what is tested."""
    if isinstance(index, GrowingTemplateIndex):
        index.wait_for_build()
        settled(index.current)
    if isinstance(index, UsearchTemplateIndex):
        index.wait_for_merge()
    return index


def vector_of(seed: int) -> Vector:
    return np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)


def entries(count: int, *, per_subject: int = 2, seed: int = 0) -> list[tuple[str, str, Vector]]:
    return [
        (f"t{number:04}", f"s{number // per_subject:04}", vector_of(seed + number)) for number in range(count)
    ]


def naive_search(
    held: Iterable[tuple[str, str, Vector]], query: Vector, metric: Metric, max_subjects: int
) -> list[tuple[str, float]]:
    best: dict[str, float] = {}
    for _, subject_id, vector in held:
        similarity = similarity_of(vector, query, metric)
        best[subject_id] = max(similarity, best.get(subject_id, -np.inf))
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:max_subjects]


def test_an_empty_index_finds_nobody(index: TemplateIndex) -> None:
    assert index.search(vector_of(1), 5) == []
    assert index.template_count() == 0
    assert index.template_ids() == set()
    index.remove(["nothing"])
    index.add([])


def test_the_same_vector_is_found_first_with_the_highest_similarity(index: TemplateIndex) -> None:
    held = entries(40)
    index.add(held)
    settled(index)
    for template_id, subject_id, vector in held:
        found = index.search(vector, 3)
        assert (found[0].template_id, found[0].subject_id) == (template_id, subject_id)
        assert found[0].similarity == pytest.approx(1.0, abs=1e-6)
        assert len({candidate.subject_id for candidate in found}) == 3
        assert [candidate.similarity for candidate in found] == sorted(
            (candidate.similarity for candidate in found), reverse=True
        )


def test_answers_agree_with_comparing_one_by_one(index: TemplateIndex) -> None:
    held = entries(60, per_subject=3)
    index.add(held[:30])
    index.add(held[30:])
    settled(index)
    for seed in range(1000, 1010):
        found = index.search(vector_of(seed), 7)
        expected = naive_search(held, vector_of(seed), index.identity.metric, 7)
        assert [candidate.subject_id for candidate in found] == [subject_id for subject_id, _ in expected]
        assert [candidate.similarity for candidate in found] == pytest.approx(
            [similarity for _, similarity in expected], abs=1e-5
        )


def naive_similarity(
    held: Iterable[tuple[str, str, Vector]], subject_id: str, query: Vector, metric: Metric
) -> float | None:
    own = [similarity_of(vector, query, metric) for _, subject, vector in held if subject == subject_id]
    return max(own, default=None)


def test_similarity_to_one_person_is_that_of_their_closest_template(index: TemplateIndex) -> None:
    held = entries(60, per_subject=3)
    index.add(held[:30])
    settled(index)
    index.add(held[30:])
    settled(index)
    query = vector_of(1001)
    for subject_id in {subject_id for _, subject_id, _ in held}:
        expected = naive_similarity(held, subject_id, query, index.identity.metric)
        assert index.similarity_to(subject_id, query) == pytest.approx(expected, abs=1e-5)
    with pytest.raises(InvalidInput, match="numbers"):
        index.similarity_to("s0000", np.ones(DIMENSION + 1, np.float32))


def test_similarity_to_somebody_without_templates_is_none(index: TemplateIndex) -> None:
    assert index.similarity_to("s0000", vector_of(1)) is None
    index.add(entries(20))
    settled(index)
    assert index.similarity_to("nobody", vector_of(1)) is None
    index.remove(["t0000", "t0001"])
    settled(index)
    assert index.similarity_to("s0000", vector_of(1)) is None
    assert index.similarity_to("s0001", vector_of(2)) == pytest.approx(1.0, abs=1e-6)


def test_similarity_to_one_of_a_crowd_of_templates_is_exact(index: TemplateIndex) -> None:
    crowd = [(f"a{number}", "anna", vector_of(number)) for number in range(100)]
    index.add([*crowd, *((f"o{number}", "others", vector_of(900 + number)) for number in range(40))])
    settled(index)
    for template_id, _, vector in crowd:
        index_says = index.similarity_to("anna", vector)
        assert index_says == pytest.approx(1.0, abs=1e-6), template_id


def test_many_templates_of_one_person_do_not_hide_the_others(index: TemplateIndex) -> None:
    crowd = [(f"a{number}", "anna", np.ones(DIMENSION, np.float32)) for number in range(300)]
    others = [(f"o{number}", f"other {number}", vector_of(number)) for number in range(4)]
    index.add([*crowd, *others])
    settled(index)
    found = index.search(np.ones(DIMENSION, np.float32), 5)
    assert found[0].subject_id == "anna"
    assert len(found) == 5


def test_equal_similarities_are_ordered_by_subject_id(index: TemplateIndex) -> None:
    same = vector_of(3)
    index.add([(f"t{name}", name, same) for name in ["c", "a", "d", "b"]])
    settled(index)
    assert [candidate.subject_id for candidate in index.search(same, 3)] == ["a", "b", "c"]


def test_more_subjects_than_there_are_gives_all_and_none_gives_none(index: TemplateIndex) -> None:
    index.add(entries(6))
    settled(index)
    assert len(index.search(vector_of(9), 1000)) == 3
    assert index.search(vector_of(9), 0) == []


def test_adding_an_id_again_replaces_vector_and_subject(index: TemplateIndex) -> None:
    index.add(entries(20))
    settled(index)
    index.add([("t0000", "moved", vector_of(500))])
    settled(index)
    assert index.template_count() == 20
    found = index.search(vector_of(500), 1)[0]
    assert (found.template_id, found.subject_id) == ("t0000", "moved")
    assert index.search(vector_of(0), 1)[0].template_id != "t0000"


def test_an_id_twice_in_one_call_counts_once(index: TemplateIndex) -> None:
    index.add([("t", "first", vector_of(1)), ("t", "second", vector_of(2))])
    settled(index)
    assert index.template_count() == 1
    assert [candidate.subject_id for candidate in index.search(vector_of(1), 5)] == ["second"]


def test_removed_templates_are_not_found(index: TemplateIndex) -> None:
    index.add(entries(40))
    settled(index)
    index.remove(["t0000", "t0001", "t0001", "unknown", "t0007"])
    settled(index)
    assert index.template_count() == 37
    assert "t0007" not in index.template_ids()
    found = {candidate.subject_id for candidate in index.search(vector_of(0), 100)}
    assert "s0000" not in found
    assert "s0003" in found
    index.add([("t0000", "s0000", vector_of(0))])
    settled(index)
    assert index.search(vector_of(0), 1)[0].subject_id == "s0000"


def test_removing_almost_all_leaves_the_rest_searchable(index: TemplateIndex) -> None:
    held = entries(1200)
    index.add(held)
    settled(index)
    index.remove([template_id for template_id, _, _ in held[:-2]])
    index.add([("late", "late", vector_of(77_777))])
    settled(index)
    assert index.template_ids() == {"t1198", "t1199", "late"}
    assert {candidate.subject_id for candidate in index.search(vector_of(5), 5)} == {"s0599", "late"}


def test_replace_all_swaps_the_content(index: TemplateIndex) -> None:
    index.add(entries(30))
    settled(index)
    index.replace_all(entry for entry in entries(25, seed=5000))
    settled(index)
    assert index.template_ids() == {template_id for template_id, _, _ in entries(25)}
    assert index.search(vector_of(5000), 1)[0].template_id == "t0000"
    index.replace_all([])
    assert index.template_count() == 0
    assert index.search(vector_of(1), 1) == []


def test_a_vector_of_another_dimension_is_refused_and_nothing_is_added(index: TemplateIndex) -> None:
    index.add(entries(20))
    settled(index)
    wrong = np.ones(DIMENSION + 1, np.float32)
    with pytest.raises(InvalidInput, match="numbers"):
        index.add([("good", "good", vector_of(1)), ("bad", "bad", wrong)])
    with pytest.raises(InvalidInput, match="numbers"):
        index.replace_all([("bad", "bad", wrong)])
    with pytest.raises(InvalidInput, match="numbers"):
        index.search(wrong, 1)
    settled(index)
    assert index.template_count() == 20
    assert "good" not in index.template_ids()


def test_searches_beside_a_writer_see_whole_contents(make_index: MakeIndex) -> None:
    """Two contents are swapped back and forth: every answer fits one of them, never a mixture."""
    index = make_index(Metric.COSINE)
    contents = [entries(40, seed=0), entries(40, seed=10_000)]
    query = vector_of(42)
    allowed = [[s for s, _ in naive_search(held, query, Metric.COSINE, 5)] for held in contents]
    index.replace_all(contents[0])
    answers: list[list[str]] = []
    has_ended = threading.Event()

    def search() -> None:
        while not has_ended.is_set():
            answers.append([candidate.subject_id for candidate in index.search(query, 5)])

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(30):
        index.replace_all(contents[turn % 2])
    has_ended.set()
    for thread in threads:
        thread.join()
    assert answers
    assert all(answer in allowed for answer in answers)


def test_a_held_person_is_found_by_every_search_while_others_come_and_go(make_index: MakeIndex) -> None:
    index = make_index(Metric.COSINE)
    index.add(entries(9))
    misses: list[str] = []
    has_ended = threading.Event()

    def search() -> None:
        while not has_ended.is_set():
            found = index.search(vector_of(0), 1)
            if not found or found[0].template_id != "t0000":
                misses.append(repr(found))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(120):
        index.add([(f"x{number}", f"x{number}", vector_of(20_000 + number))])
        index.remove([f"x{number - 5}"])
    settled(index)
    has_ended.set()
    for thread in threads:
        thread.join()
    assert misses == []
    assert index.template_count() == 14


ids = st.sampled_from([f"t{number}" for number in range(12)])
subjects = st.sampled_from(["a", "b", "c", "d"])
entry = st.tuples(ids, subjects, st.integers(0, 30).map(vector_of))
operations = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(entry, max_size=6)),
        st.tuples(st.just("remove"), st.lists(ids, max_size=6)),
        st.tuples(st.just("replace_all"), st.lists(entry, max_size=14)),
    ),
    max_size=12,
)


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=25, deadline=None)
@given(operations=operations, query_seed=st.integers(0, 40))
def test_any_history_leaves_what_a_plain_dictionary_holds(
    kind: MakeIndex, metric: Metric, operations: list[tuple[str, list[object]]], query_seed: int
) -> None:
    index = kind(metric)
    model: dict[str, tuple[str, str, Vector]] = {}
    for name, argument in operations:
        getattr(index, name)(argument)
        if name == "remove":
            for gone in argument:
                model.pop(str(gone), None)
        else:
            if name == "replace_all":
                model.clear()
            model.update({held[0]: held for held in argument})  # type: ignore[index,misc]
    settled(index)
    assert index.template_ids() == set(model)
    assert index.template_count() == len(model)
    for subject_id in "abcd":
        similarity = naive_similarity(model.values(), subject_id, vector_of(query_seed), metric)
        expected_here = None if similarity is None else pytest.approx(similarity, abs=2e-3)
        assert index.similarity_to(subject_id, vector_of(query_seed)) == expected_here
    found = index.search(vector_of(query_seed), 3)
    expected = naive_search(model.values(), vector_of(query_seed), metric, 3)
    assert [candidate.similarity for candidate in found] == pytest.approx(
        [similarity for _, similarity in expected], abs=2e-3
    )
    for candidate in found:
        _, subject_id, vector = model[candidate.template_id]
        assert candidate.subject_id == subject_id
        assert candidate.similarity == pytest.approx(
            similarity_of(vector, vector_of(query_seed), metric), abs=2e-3
        )
