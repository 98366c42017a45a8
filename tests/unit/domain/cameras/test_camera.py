"""A camera as the operator wants it."""

from datetime import UTC, datetime

import pytest

from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera, WatchSettings, new_camera_id, parse_nickname
from facegate.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frames_per_s", 0.05),
        ("frames_per_s", 31.0),
        ("frames_per_s", float("nan")),
        ("detection_side_px", 641),
        ("min_face_px", 15),
        ("threshold", 1.01),
        ("threshold", float("nan")),
        ("votes_needed", 0),
        ("leave_after_s", 0.5),
    ],
)
def test_a_setting_out_of_range_is_named(name: str, value: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        WatchSettings(**{name: value})  # type: ignore[arg-type]
    assert refused.value.field == name


def test_the_usual_settings_are_allowed() -> None:
    assert WatchSettings().votes_needed == 3


@pytest.mark.parametrize("text", ["", "   ", "x" * 101, "gate\n2", "gate\x00"])
def test_nicknames_that_nobody_can_read_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_nickname(text)


def test_a_nickname_is_trimmed_and_may_be_in_any_script() -> None:
    assert parse_nickname("  Pintu depan 玄関 ") == "Pintu depan 玄関"


def test_ids_differ() -> None:
    assert len({new_camera_id() for _ in range(100)}) == 100


def test_the_address_is_in_no_representation() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    camera = Camera("c", "Gate", "rtsp://a:s3cret@g/", WatchSettings(), AlertRule(), True, now, now)
    assert "s3cret" not in repr(camera)
