"""Few templates for each person in view."""

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.cameras.people import template_of

from facegate.adapters.calibration_files.shipped_curves import shipped_curves
from facegate.domain.cameras.appearance import Appearance, Likeness
from facegate.domain.templates import Metric


def appearance(*seen: tuple[float, str, int]) -> Appearance:
    kept = Appearance(Metric.COSINE)
    for quality, person, variant in seen:
        kept.add(quality, template_of(person, variant))
    return kept


def test_nothing_is_similar_to_nobody() -> None:
    assert appearance().similarity(template_of("ann")) is None
    ann = appearance((0.5, "ann", 0))
    assert appearance().most_alike([ann], 0.0) is None
    assert ann.most_alike([appearance()], 0.0) is None
    assert ann.most_alike([], 0.0) is None


def test_the_closest_counts() -> None:
    kept = appearance((0.5, "ann", 0), (0.5, "bob", 0))
    similarity = kept.similarity(template_of("bob", 1))
    assert similarity is not None
    assert similarity > 0.8


def test_of_several_the_most_alike_is_found_if_alike_enough() -> None:
    others = [
        appearance(),
        appearance((0.5, "bob", 0), (0.5, "bob", 1)),
        appearance((0.5, "eve", 0), (0.9, "ann", 1), (0.1, "ann", 2)),
    ]
    ann = appearance((0.5, "oscar", 0), (0.5, "ann", 0))
    assert ann.most_alike(others, 0.6) == 2
    assert ann.most_alike(others, 0.99) is None
    assert appearance((0.5, "mallory", 0)).most_alike(others, 0.6) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_few_are_kept_and_the_best_of_them(qualities: list[float]) -> None:
    kept = appearance(*((quality, "ann", number) for number, quality in enumerate(qualities)))
    assert sorted(quality for quality, _ in kept) == sorted(qualities)[-5:]


def test_the_same_template_is_kept_once() -> None:
    kept = appearance((0.5, "ann", 0))
    kept.merge(kept)
    assert len(list(kept)) == 1


def test_more_is_asked_of_who_comes_back_than_of_who_stays() -> None:
    for curve in shipped_curves():
        likeness = Likeness.by(curve)
        assert likeness.other_below < likeness.same_from < likeness.join_from
