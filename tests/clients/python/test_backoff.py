"""How long the agent waits before it connects again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate_workstation import Backoff, Ending, EndKind

LOST = Ending(EndKind.LOST, "")


def test_a_lost_connection_is_tried_again_after_5_10_20_40_seconds() -> None:
    backoff = Backoff(chance=lambda: 0.0)
    assert [backoff.wait_s(LOST) for _ in range(6)] == [5, 10, 20, 40, 40, 40]


def test_waits_are_stretched_by_up_to_a_half_and_stay_below_the_longest() -> None:
    backoff = Backoff(chance=lambda: 1.0)
    assert [backoff.wait_s(LOST) for _ in range(6)] == [7.5, 15, 30, 60, 60, 60]


def test_a_verdict_makes_the_next_loss_the_first_again() -> None:
    backoff = Backoff(chance=lambda: 0.0)
    backoff.wait_s(LOST)
    backoff.wait_s(LOST)
    backoff.worked()
    assert backoff.wait_s(LOST) == 5


def test_a_full_server_is_left_alone_for_30_seconds_each_time() -> None:
    backoff = Backoff(chance=lambda: 0.0)
    assert [backoff.wait_s(Ending(EndKind.FULL, "")) for _ in range(3)] == [30, 30, 30]


@pytest.mark.parametrize("kind", [EndKind.UNKNOWN, EndKind.BLOCKED, EndKind.NOT_ADMITTED])
def test_who_is_turned_away_waits_long(kind: EndKind) -> None:
    backoff = Backoff(chance=lambda: 0.0)
    assert backoff.wait_s(Ending(kind, "")) == 600
    assert backoff.wait_s(LOST) == 5


@given(
    first_s=st.floats(0.01, 100),
    longest_s=st.floats(0.01, 1000),
    chances=st.lists(st.floats(0, 1), min_size=1, max_size=60),
)
def test_no_wait_is_above_the_longest(first_s: float, longest_s: float, chances: list[float]) -> None:
    drawn = iter(chances)
    backoff = Backoff(first_s=first_s, longest_s=longest_s, chance=lambda: next(drawn))
    for _ in chances:
        assert 0 < backoff.wait_s(LOST) <= max(first_s, longest_s)
