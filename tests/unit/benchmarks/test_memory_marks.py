"""At how many requests memory is read."""

import itertools

import pytest
from benchmarks.memory import soak_marks


def test_the_marks_are_at_the_first_two_thousand_and_evenly_up_to_the_end() -> None:
    marks = soak_marks(20_000)
    assert (marks[0], marks[1], marks[-1]) == (2_000, 4_000, 20_000)


@pytest.mark.parametrize("request_count", [10, 200, 2_000, 2_001, 6_000, 19_999, 100_000])
def test_the_marks_rise_to_the_number_that_was_asked_for(request_count: int) -> None:
    marks = soak_marks(request_count)
    assert marks[-1] == request_count
    assert all(before < after for before, after in itertools.pairwise(marks))
