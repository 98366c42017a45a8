"""What Prometheus is told of cameras."""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from facegate.domain.cameras.status import CameraState, CameraStatus, FrameCounts, VideoFault
from facegate.frontends.operations.camera_metrics import CameraCollector, CameraFigures

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def scraped(figures: CameraFigures) -> tuple[str, dict[tuple[str, str], float]]:
    """The text, and values by name and by the value of the only label."""
    registry = CollectorRegistry()
    registry.register(CameraCollector(lambda: figures))
    text = generate_latest(registry).decode()
    return text, {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_cameras_by_state_frames_by_fate_and_events_by_outcome() -> None:
    statuses = {
        "gate": CameraStatus(
            "gate",
            CameraState.LIVE,
            NOW,
            counts=FrameCounts(decoded=60, analysed=10, not_due=40, superseded=5, still=4, failed=1),
            people_count=2,
        ),
        "yard": CameraStatus("yard", CameraState.LIVE, NOW, counts=FrameCounts(analysed=3), people_count=1),
        "door": CameraStatus(
            "door", CameraState.DOWN, NOW, VideoFault.UNAUTHORIZED, "the camera refuses the password"
        ),
    }
    text, values = scraped(
        CameraFigures(
            statuses,
            events_stored=7,
            events_dropped=2,
            events_refused=1,
            reports_waiting=4,
            reports_lost=3,
        )
    )
    assert values == {
        **{("facegate_cameras", state.value): 0.0 for state in CameraState},
        ("facegate_cameras", "live"): 2.0,
        ("facegate_cameras", "down"): 1.0,
        ("facegate_camera_frames", "analysed"): 13.0,
        ("facegate_camera_frames", "not_due"): 40.0,
        ("facegate_camera_frames", "superseded"): 5.0,
        ("facegate_camera_frames", "still"): 4.0,
        ("facegate_camera_frames", "failed"): 1.0,
        ("facegate_camera_people", ""): 3.0,
        ("facegate_camera_reports_waiting", ""): 4.0,
        ("facegate_camera_reports_lost_total", ""): 3.0,
        ("facegate_door_events_total", "stored"): 7.0,
        ("facegate_door_events_total", "dropped"): 2.0,
        ("facegate_door_events_total", "refused"): 1.0,
    }
    for personal in ("gate", "yard", "password"):
        assert f'"{personal}' not in text


def test_no_camera_at_all() -> None:
    _, values = scraped(CameraFigures({}, events_stored=0, events_dropped=0))
    assert set(values.values()) == {0.0}
    assert ("facegate_cameras", "ended") in values
