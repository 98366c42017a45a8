"""Which templates move when two persons become one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import FaceCutout
from facegate.domain.merging import (
    SisterTemplates,
    best_to_move,
    is_known_among,
    merged_template_id,
    sisters_of,
)
from facegate.domain.templates import StoredTemplate, Template

START = datetime(2026, 1, 1, tzinfo=UTC)


def template(
    number: int, quality: float | None = 0.5, model_id: str = "net", subject_id: str = "ann"
) -> StoredTemplate:
    vector = np.random.default_rng(number).standard_normal(8).astype(np.float32)
    return StoredTemplate(
        f"{subject_id}{number}",
        subject_id,
        Template(model_id, vector),
        "test",
        quality,
        START + timedelta(minutes=number),
    )


def cutout(number: int) -> FaceCutout:
    return FaceCutout(b"jpeg %d" % number, FaceLandmarks(np.zeros((5, 2), dtype=np.float32)))


def test_a_template_always_moves_to_the_same_id() -> None:
    assert merged_template_id("t1", "ann") == merged_template_id("t1", "ann")
    assert len({merged_template_id(one, other) for one in ("t1", "t2") for other in ("ann", "bob")}) == 4


def test_templates_of_one_picture_stay_together_led_by_the_model_in_use() -> None:
    old, new, alone = template(1, model_id="old"), template(2), template(3, model_id="old")
    cutouts = {"ann1": cutout(1), "ann2": cutout(1)}
    groups = sisters_of([old, new, alone], cutouts, "net")
    assert [(group.first, group.others) for group in groups] == [(new, (old,)), (alone, ())]
    assert groups[0].cutout is not None
    assert groups[1].cutout is None


def test_the_same_picture_is_known_and_another_one_is_not() -> None:
    assert is_known_among(template(1), [template(1, subject_id="bob")])
    assert not is_known_among(template(1), [template(2, subject_id="bob")])


def test_only_the_best_move_and_each_model_has_its_own_limit() -> None:
    own = [template(1, 0.9, subject_id="bob"), template(2, 0.2, subject_id="bob")]
    theirs = [
        SisterTemplates(template(3, 0.5)),
        SisterTemplates(template(4, 0.1)),
        SisterTemplates(template(5, None, model_id="old")),
    ]
    moving = {one.first.template_id for one in best_to_move(own, theirs, 2)}
    assert moving == {"ann3", "ann5"}
    assert best_to_move(own, theirs, None) == theirs


QUALITIES = st.lists(st.none() | st.floats(0, 1), max_size=8)


@given(QUALITIES, QUALITIES, st.integers(1, 6))
def test_nothing_better_is_left_behind(
    own_qualities: Sequence[float | None], their_qualities: Sequence[float | None], max_templates: int
) -> None:
    own = [template(number, one, subject_id="bob") for number, one in enumerate(own_qualities)]
    theirs = [SisterTemplates(template(100 + number, one)) for number, one in enumerate(their_qualities)]
    moving = best_to_move(own, theirs, max_templates)
    assert len(moving) <= max_templates

    def worth(one: SisterTemplates) -> float:
        return -1.0 if one.first.quality is None else one.first.quality

    left = [one for one in theirs if one not in moving]
    if left and moving:
        assert max(map(worth, left)) <= min(map(worth, moving))
    if len(own) + len(theirs) <= max_templates:
        assert moving == theirs
