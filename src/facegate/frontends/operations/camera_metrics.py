"""Cameras for Prometheus: how they are, what became of frames and of what was seen. No names, no ids."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from facegate.domain.cameras.status import CameraState, CameraStatus


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """`statuses` of all cameras; reports of visits that wait for the store and that were given up.

    Events of doors that were written, that found no room, and that the store did not take.
    """

    statuses: Mapping[str, CameraStatus]
    events_stored: int
    events_dropped: int
    events_refused: int = 0
    reports_waiting: int = 0
    reports_lost: int = 0


class CameraCollector(Collector):
    """Read anew at each scrape."""

    def __init__(self, read: Callable[[], CameraFigures]) -> None:
        self._read = read

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: the names do not depend on what is there."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All families. Frames count since each camera was started, so that a restart of one begins anew."""
        figures = self._read()
        states = Counter(status.state for status in figures.statuses.values())
        cameras = GaugeMetricFamily("facegate_cameras", "Cameras by state.", labels=("state",))
        for state in CameraState:
            cameras.add_metric((state.value,), states[state])
        yield cameras
        yield _frames(figures.statuses)
        people = GaugeMetricFamily("facegate_camera_people", "People in view of all cameras.")
        people.add_metric((), sum(status.people_count for status in figures.statuses.values()))
        yield people
        waiting = GaugeMetricFamily(
            "facegate_camera_reports_waiting", "What was seen and is not in the history yet."
        )
        waiting.add_metric((), figures.reports_waiting)
        yield waiting
        lost = CounterMetricFamily(
            "facegate_camera_reports_lost", "What was seen and could not be stored in time."
        )
        lost.add_metric((), figures.reports_lost)
        yield lost
        events = CounterMetricFamily(
            "facegate_door_events", "Events of doors, kept and lost ones.", labels=("outcome",)
        )
        events.add_metric(("stored",), figures.events_stored)
        events.add_metric(("dropped",), figures.events_dropped)
        events.add_metric(("refused",), figures.events_refused)
        yield events


def _frames(statuses: Mapping[str, CameraStatus]) -> GaugeMetricFamily:
    frames = GaugeMetricFamily(
        "facegate_camera_frames", "Frames of running cameras by what became of them.", labels=("outcome",)
    )
    for outcome in ("analysed", "not_due", "superseded", "still", "failed"):
        total = sum(getattr(status.counts, outcome) for status in statuses.values())
        frames.add_metric((outcome,), total)
    return frames
