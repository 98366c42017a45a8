"""Which templates give way when a person has more than a door allows."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.gallery import surplus_template_ids
from facegate.domain.templates import StoredTemplate, Template

START = datetime(2026, 1, 1, tzinfo=UTC)


def stored(*qualities: float | None) -> list[StoredTemplate]:
    return [
        StoredTemplate(
            template_id=f"t{minute}",
            subject_id="alice",
            template=Template("net", np.ones(4, dtype=np.float32)),
            source="test",
            quality=quality,
            created_at=START + timedelta(minutes=minute),
        )
        for minute, quality in enumerate(qualities)
    ]


def test_nothing_gives_way_up_to_the_limit() -> None:
    assert surplus_template_ids(stored(0.1, 0.2), 2, added_count=1) == ()


def test_the_poorest_gives_way_and_one_without_quality_first() -> None:
    assert surplus_template_ids(stored(0.9, 0.2, 0.8, 0.7), 3, added_count=1) == ("t1",)
    assert surplus_template_ids(stored(0.9, 0.2, None, 0.7), 3, added_count=1) == ("t2",)


def test_the_newest_stays_even_when_it_is_the_poorest() -> None:
    assert surplus_template_ids(stored(0.9, 0.8, 0.1), 2, added_count=1) == ("t1",)


def test_of_equals_the_oldest_gives_way() -> None:
    assert surplus_template_ids(stored(0.5, 0.5, 0.5), 2, added_count=1) == ("t0",)


def test_a_low_limit_replaces_no_more_than_was_added() -> None:
    assert len(surplus_template_ids(stored(*[0.5] * 20), 5, added_count=1)) == 1


@given(
    st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=12),
    st.integers(1, 12),
    st.integers(0, 12),
)
def test_as_many_give_way_as_are_too_many(qualities: list[float | None], limit: int, added: int) -> None:
    templates = stored(*qualities)
    surplus = surplus_template_ids(templates, limit, added_count=added)
    assert len(set(surplus)) == max(0, min(len(templates) - limit, added))
    assert templates[-1].template_id not in surplus
