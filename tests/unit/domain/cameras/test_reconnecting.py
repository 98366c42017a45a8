"""Pauses before a camera is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.cameras.reconnecting import LIVE_ENOUGH_S, ReconnectPauses
from facegate.domain.cameras.status import VideoFault


@given(st.floats(0.1, 60), st.floats(1, 60), st.lists(st.floats(0, 1), max_size=100))
def test_pauses_grow_to_the_longest_and_never_beyond(
    min_s: float, factor: float, chances: list[float]
) -> None:
    max_s = min_s * factor
    pauses = ReconnectPauses(min_s, max_s)
    for number, chance in enumerate(chances):
        pause_s = pauses.next_s(VideoFault.UNREACHABLE, 0.0, chance)
        longest_s = min(max_s, min_s * 2.0**number)
        assert longest_s / 2 <= pause_s <= longest_s


def test_two_cameras_that_were_lost_together_come_back_apart() -> None:
    one, other = ReconnectPauses(1, 60), ReconnectPauses(1, 60)
    assert one.next_s(VideoFault.TIMED_OUT, 0, 0.1) != other.next_s(VideoFault.TIMED_OUT, 0, 0.9)


def test_a_stream_that_lasted_begins_anew_and_one_that_breaks_at_once_does_not() -> None:
    pauses = ReconnectPauses(1, 60)
    for _ in range(5):
        pauses.next_s(VideoFault.BROKEN, 0.0, 1.0)
    assert pauses.next_s(VideoFault.BROKEN, LIVE_ENOUGH_S / 2, 1.0) == 32
    assert pauses.next_s(VideoFault.BROKEN, LIVE_ENOUGH_S, 1.0) == 1


def test_whoever_asks_for_an_attempt_gets_short_pauses_again() -> None:
    pauses = ReconnectPauses(1, 60)
    for _ in range(5):
        pauses.next_s(VideoFault.UNREACHABLE, 0.0, 1.0)
    pauses.restart()
    assert pauses.next_s(VideoFault.UNREACHABLE, 0.0, 1.0) == 1


@pytest.mark.parametrize("fault", [VideoFault.UNAUTHORIZED, VideoFault.REFUSED])
def test_a_wrong_password_is_not_tried_so_often_that_the_camera_locks_the_account(fault: VideoFault) -> None:
    assert ReconnectPauses(1, 10).next_s(fault, 0.0, 0.0) == 60
    assert ReconnectPauses(1, 10).next_s(fault, 0.0, 1.0) == 120
    assert ReconnectPauses(1, 600).next_s(fault, 0.0, 1.0) == 600
