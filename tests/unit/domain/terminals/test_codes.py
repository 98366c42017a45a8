"""Labels of codes: what is known, what is guessed, and that the rest says so."""

import pytest

from facegate.domain.terminals import codes
from facegate.domain.terminals.activity import UNKNOWN_FACE_ENROLL_ID


def test_how_somebody_was_recognised() -> None:
    assert codes.mode_label(8, {}) == "face"
    assert codes.mode_label(1, {}, 1000) == "unknown (1)"
    assert codes.mode_label(1, {}, 0) == "face, unsure"
    assert codes.mode_label(3, {}, 0) == "face, unsure"
    assert codes.mode_label(2, {}, 0) == "unknown (2)"
    assert codes.mode_label(8, {8: "card"}, 0) == "card"


def test_directions_that_contradict_each_other_are_unknown() -> None:
    assert codes.in_out_label(0) == "in"
    assert codes.in_out_label(1) == "out"
    assert codes.in_out_label(5) == "unknown (5)"
    assert codes.in_out_label(7) == "did not turn, unsure"


def test_events_of_the_door_and_of_people() -> None:
    assert codes.event_label(0, 5) == "forced open"
    assert codes.event_label(4, 0) == "normal"
    assert codes.event_label(4, 2) == "function key 2"
    assert codes.event_label(UNKNOWN_FACE_ENROLL_ID, 2) == "unknown person"
    assert codes.event_label(4, 17) == "unknown (17)"


@pytest.mark.parametrize(
    ("number", "label"),
    [
        (0, "finger 0"),
        (9, "finger 9"),
        (10, "password"),
        (11, "card"),
        (27, "face template 7"),
        (50, "photo"),
    ],
)
def test_credentials(number: int, label: str) -> None:
    assert codes.backup_number_label(number) == label


def test_reasons() -> None:
    assert codes.reason_label(1).startswith("bad or missing parameter")
    assert codes.reason_label("9") == "the face is too small, unsure"
    assert codes.reason_label("did not reg") == "did not reg"
    assert codes.reason_label(None) == "no reason given"
    assert codes.reason_label(99) == "unknown (99)"
    assert codes.verify_mode_label(13) == "QR code"
    assert codes.verify_mode_label(99) == "unknown (99)"
