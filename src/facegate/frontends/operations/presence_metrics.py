"""The presence door for Prometheus: how full, how fast, how often it locks. No ids, no names."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from facegate.use_cases.presence.keep_evidence import KeepEvidence
from facegate.use_cases.presence.live_sessions import LiveSessions

PhoneLooks = Callable[[], Mapping[str, int]]
"""How often the phone net has looked since the start, by kind of look."""


class PresenceCollector(Collector):
    """Read anew at each scrape."""

    def __init__(self, sessions: LiveSessions, evidence: KeepEvidence, phone_looks: PhoneLooks) -> None:
        self._sessions = sessions
        self._evidence = evidence
        self._phone_looks = phone_looks

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: the names do not depend on what is there."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield from self._connections()
        yield from self._frames()
        looks = CounterMetricFamily(
            "facegate_phone_looks",
            "Runs of the phone net: full views, and second ones in doubt.",
            labels=("look",),
        )
        for kind, count in self._phone_looks().items():
            looks.add_metric((kind,), count)
        yield looks
        evidence = CounterMetricFamily(
            "facegate_evidence", "Violations whose evidence was kept, skipped or lost.", labels=("outcome",)
        )
        counts = self._evidence.counts()
        for outcome, count in (
            ("kept", counts.kept_count),
            ("skipped", counts.skipped_count),
            ("failed", counts.failed_count),
        ):
            evidence.add_metric((outcome,), count)
        yield evidence

    def _connections(self) -> Iterator[Metric]:
        counts = self._sessions.counts()
        gauge = GaugeMetricFamily("facegate_presence_connections", "Open sockets of workstations.")
        gauge.add_metric((), counts.connections)
        yield gauge
        limit = GaugeMetricFamily("facegate_presence_max_connections", "How many there may be.")
        limit.add_metric((), counts.max_connections)
        yield limit
        refused = CounterMetricFamily("facegate_presence_refused", "Sockets that were one too many.")
        refused.add_metric((), counts.refused)
        yield refused
        states = GaugeMetricFamily(
            "facegate_presence_sessions", "Workstations that are logged in, by state.", labels=("state",)
        )
        for state, count in Counter(view.state.value for view in self._sessions.snapshot()).items():
            states.add_metric((state,), count)
        yield states

    def _frames(self) -> Iterator[Metric]:
        totals = self._sessions.totals()
        frames = CounterMetricFamily(
            "facegate_presence_frames", "Frames by what became of them.", labels=("outcome",)
        )
        for outcome, count in (
            ("answered", totals.answered_count),
            ("superseded", totals.superseded_count),
            ("bad", totals.bad_frame_count),
        ):
            frames.add_metric((outcome,), count)
        yield frames
        verdicts = CounterMetricFamily(
            "facegate_presence_verdicts", "Answers by action and reason.", labels=("action", "reason")
        )
        for (action, reason), count in totals.verdicts.items():
            verdicts.add_metric((action, reason), count)
        yield verdicts
