"""What is remembered, in which order, and that all of it ends."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.staged import observed

from facegate.domain.presence.memory import MAX_FRAMES, MEMORY_S, UNTHINNED_FRAMES, ClientMemory
from facegate.domain.presence.verdicts import Reason

TIMES_S = st.lists(st.floats(0, 200), max_size=40)


def memory_of(*times_s: float) -> ClientMemory:
    memory = ClientMemory()
    for at_s in times_s:
        memory.remember(observed(at_s, seed=0), frozenset())
    return memory


def past_times(memory: ClientMemory, now_s: float, within_s: float = MEMORY_S) -> list[float]:
    return [observation.at_s for observation in memory.past(now_s, within_s)]


def test_the_past_is_oldest_first_and_no_longer_than_asked_for() -> None:
    memory = memory_of(1, 2, 3, 4)
    assert past_times(memory, 4) == [1, 2, 3, 4]
    assert past_times(memory, 4, within_s=2) == [2, 3, 4]


def test_nobody_can_ask_for_more_than_half_a_minute() -> None:
    assert past_times(memory_of(0, 20), 45, within_s=1000) == [20]


def test_frames_keep_their_reasons() -> None:
    memory = ClientMemory()
    memory.remember(observed(1), frozenset({Reason.NO_FACE}))
    (frame,) = memory.frames(1)
    assert frame.reasons == {Reason.NO_FACE}


def test_a_frame_judged_late_neither_washes_the_memory_nor_sees_what_came_after_it() -> None:
    memory = memory_of(1, 3, 2)
    assert past_times(memory, 3) == [1, 2, 3]
    assert past_times(memory, 2) == [1, 2]


def test_a_quick_client_fills_five_seconds_and_no_more_than_the_bound() -> None:
    memory = memory_of(*(number / 30 for number in range(400)))
    times = past_times(memory, 400 / 30)
    assert len(times) == MAX_FRAMES
    assert times[-1] - times[0] > 5


def test_no_rate_of_frames_washes_out_the_last_seconds() -> None:
    """A camera that stands still is found by what was there seconds ago, however many frames came since."""
    memory = memory_of(*(number / 200 for number in range(2000)))
    times = past_times(memory, 10)
    assert len(times) == MAX_FRAMES
    assert times[0] == 0.0
    assert max(later - earlier for earlier, later in pairwise(times)) < 0.5
    assert times[-UNTHINNED_FRAMES:] == [number / 200 for number in range(2000 - UNTHINNED_FRAMES, 2000)]


def test_frames_that_speak_against_the_user_are_let_go_last() -> None:
    memory = ClientMemory()
    for number in range(1000):
        reasons = frozenset({Reason.WRONG_USER}) if number == 500 else frozenset[Reason]()
        memory.remember(observed(number / 200, seed=0), reasons)
    assert [frame.at_s for frame in memory.frames(5) if frame.reasons] == [2.5]


@given(times_s=TIMES_S, now_s=st.floats(0, 300))
def test_nothing_outlives_the_window(times_s: list[float], now_s: float) -> None:
    past = past_times(memory_of(*times_s), now_s)
    assert past == sorted(past)
    assert all(0 <= now_s - at_s <= MEMORY_S + 1e-9 for at_s in past)
    if now_s > max(times_s, default=0) + MEMORY_S:
        assert past == []


@given(times_s=TIMES_S)
def test_the_newest_frame_is_always_there(times_s: list[float]) -> None:
    if times_s:
        assert past_times(memory_of(*times_s), max(times_s))[-1] == max(times_s)
