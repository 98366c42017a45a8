"""Times, names and the log's sentence."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocols.presence.moments import at, frame_text

from facegate.domain.presence.verdicts import Action, Check, CheckState, Cue, Finding, Reason, Verdict
from facegate.frontends.presence.translate import explanation, frame_request, send_time_text

ARRIVED = datetime(2024, 1, 1, 10, 20, 30, tzinfo=timezone(timedelta(hours=2)))
ARRIVAL = "10:20:30"


@pytest.mark.parametrize(
    ("timestamp", "shown"),
    [
        (None, ARRIVAL),
        ("", ARRIVAL),
        ("12:00:01", "12:00:01"),
        ("12-00-01", "12:00:01"),
        (" 7:08:09 ", "07:08:09"),
        ("12:00:01.250", "12:00:01"),
        ("2024-05-06T07:08:09", "07:08:09"),
        ("2024-05-06 07:08:09.5", "07:08:09"),
        ("2024-05-06T07:08:09Z", "09:08:09"),
        ("2024-05-06T07:08:09+05:30", "03:38:09"),
        (1_704_103_200, "12:00:00"),
        (1_704_103_200.9, "12:00:00"),
        (1_704_103_200_000, "12:00:00"),
        ("1704103200000", "12:00:00"),
        ("1704103200.5", "12:00:00"),
        ("2024-05-06", ARRIVAL),
        ("24:00:00", ARRIVAL),
        ("12:60:00", ARRIVAL),
        ("noon", ARRIVAL),
        ("0001-01-01T00:00:00+14:00", ARRIVAL),
        (True, ARRIVAL),
        (float("nan"), ARRIVAL),
        (float("inf"), ARRIVAL),
        (10**400, ARRIVAL),
        (-(10**17), ARRIVAL),
        ([12], ARRIVAL),
        ({"h": 12}, ARRIVAL),
        ("9" * 100_000, ARRIVAL),
    ],
)
def test_send_time(timestamp: object, shown: str) -> None:
    assert send_time_text(timestamp, ARRIVED) == shown


@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.datetimes().map(str)))
def test_send_time_is_always_a_time(timestamp: object) -> None:
    shown = send_time_text(timestamp, ARRIVED)
    assert datetime.strptime(shown, "%H:%M:%S").replace(tzinfo=UTC)
    assert len(shown) == 8


@pytest.mark.parametrize(
    ("sent", "name"), [(" ann ", "ann"), ("", None), ("unknown", None), ("a/../b", None)]
)
def test_names(sent: str, name: str | None) -> None:
    assert frame_request(frame_text(sent), at(0)).user_name == name


def test_the_arrival_stands_in_for_a_missing_time() -> None:
    assert frame_request(frame_text(), at(61)).send_time == "12:01:01"
    assert frame_request(frame_text(timestamp="01:02:03"), at(61)).send_time == "01:02:03"


def test_explanations_hold_numbers_and_no_names() -> None:
    cues = (
        Cue(Finding.OTHER_PERSON, 0.71234, 0.363, frame_count=2, of_frames=3),
        Cue(Finding.SECOND_FACE),
    )
    checks = {Check.IDENTITY: CheckState.RAN, Check.LIVENESS: CheckState.MISSING}
    verdict = Verdict(Action.LOCK_SCREEN, Reason.WRONG_USER, "somebody", cues, checks)
    assert explanation(verdict) == (
        "ACTION_LOCK_SCREEN REASON_WRONG_USER; other_person 0.712 (threshold 0.363, in 2 of 3 frames); "
        "second_face (in 1 of 1 frames); liveness missing"
    )
