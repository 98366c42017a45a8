"""States of a connection, and sentences without secrets."""

from datetime import UTC, datetime, timedelta

import pytest

from facegate.domain.cameras.connection import Connection, Failure, failure_of
from facegate.domain.cameras.status import CameraState, VideoFault

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SOURCE = "rtsp://admin:p%40ss-word@10.0.0.7/live?token=abc123"


def live() -> Connection:
    return Connection(CameraState.CONNECTING, NOW).become(CameraState.LIVE, NOW)


def test_a_camera_that_was_down_stays_so_while_it_is_tried() -> None:
    down = live().lost(Failure(VideoFault.UNREACHABLE), NOW, gave_pictures=False, next_attempt_at=LATER)
    assert (down.state, down.fault, down.next_attempt_at) == (CameraState.DOWN, VideoFault.UNREACHABLE, LATER)
    assert down.trouble == "the camera cannot be reached"
    trying = down.trying(LATER)
    assert (trying.state, trying.since, trying.trouble) == (CameraState.DOWN, NOW, down.trouble)
    assert trying.next_attempt_at is None
    again = trying.lost(Failure(VideoFault.UNREACHABLE), LATER, gave_pictures=False, next_attempt_at=None)
    assert again.since == NOW


def test_one_that_fell_silent_is_frozen_until_an_attempt_says_more() -> None:
    silent = Failure(VideoFault.TIMED_OUT, "no picture for 8 s")
    frozen = live().lost(silent, NOW, gave_pictures=True, next_attempt_at=LATER)
    assert (frozen.state, frozen.trouble) == (CameraState.FROZEN, "no picture for 8 s")
    assert frozen.trying(LATER).state is CameraState.FROZEN
    down = frozen.trying(LATER).lost(silent, LATER, gave_pictures=False, next_attempt_at=None)
    assert (down.state, down.since) == (CameraState.DOWN, LATER)


def test_pictures_end_every_trouble() -> None:
    down = live().lost(Failure(VideoFault.BROKEN), NOW, gave_pictures=True, next_attempt_at=LATER)
    assert down.become(CameraState.LIVE, LATER) == Connection(CameraState.LIVE, LATER)


@pytest.mark.parametrize(
    "sentence",
    [
        f"cannot open {SOURCE}",
        "the password p@ss-word is wrong",
        "the password p%40ss-word is wrong",
        "nothing at /live?token=abc123",
    ],
)
def test_a_sentence_with_a_secret_is_not_told(sentence: str) -> None:
    failure = failure_of("unauthorized", sentence, SOURCE)
    assert failure.words == "the camera refuses the user or the password"


def test_any_other_sentence_is() -> None:
    assert failure_of("not_found", "the camera has no such stream", SOURCE).words == (
        "the camera has no such stream"
    )
    assert failure_of("broken", "bad data", "http://[half/an/address").words == "bad data"


def test_a_fault_that_nobody_knows_is_ours() -> None:
    assert failure_of("exploded", "", SOURCE).fault is VideoFault.INTERNAL


def test_every_fault_has_words() -> None:
    assert all(Failure(fault).words for fault in VideoFault)
