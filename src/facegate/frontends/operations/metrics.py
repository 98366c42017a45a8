"""What Prometheus may know: counts and times by door and route template. No ids, no names, no paths."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from facegate.domain.errors import StoreFailed
from facegate.frontends.operations.camera_metrics import CameraCollector, CameraFigures
from facegate.frontends.operations.presence_metrics import PhoneLooks, PresenceCollector
from facegate.frontends.operations.terminal_metrics import TerminalCollector, TerminalFigures
from facegate.frontends.wire.request_log import FinishedRequest
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.keep_evidence import KeepEvidence
from facegate.use_cases.presence.live_sessions import LiveSessions

_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Metrics:
    """One registry of its own, so that two servers in one process do not share counts."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        Info("facegate_build", "Which facegate runs.", registry=self._registry).info({"version": version})
        self._requests = Counter(
            "facegate_requests",
            "HTTP requests that were answered.",
            ("door", "method", "route", "status"),
            registry=self._registry,
        )
        self._durations = Histogram(
            "facegate_request_duration_seconds",
            "Time from the request's head to the end of the answer.",
            ("door", "route"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._children: dict[tuple[str, str, str, int], tuple[Counter, Histogram]] = {}
        # One for all: a family may stand in the text once.
        self._workers = _WorkersCollector()
        self._registry.register(self._workers)

    def observe(self, finished: FinishedRequest) -> None:
        """Counts one request; for `RequestLog(observe=...)`."""
        # Kept: asking the families for their children takes longer than the counting.
        key = (finished.door, finished.method, finished.route, finished.status)
        children = self._children.get(key)
        if children is None:
            children = self._children[key] = (
                self._requests.labels(finished.door, finished.method, finished.route, str(finished.status)),
                self._durations.labels(finished.door, finished.route),
            )
        requests, durations = children
        requests.inc()
        durations.observe(finished.took_ms / 1000.0)

    def watch_workers(self, pools: Sequence[BoundedWorkers]) -> None:
        """Reports how busy these pools are at each scrape."""
        self._workers.watch(pools)

    def watch_gallery(self, gallery: Gallery) -> None:
        """Reports the gallery's size at each scrape."""
        self._registry.register(_GalleryCollector(gallery))

    def watch_presence(self, sessions: LiveSessions, evidence: KeepEvidence, phone_looks: PhoneLooks) -> None:
        """Reports how the presence door fares at each scrape."""
        self._registry.register(PresenceCollector(sessions, evidence, phone_looks))

    def watch_terminals(self, read: Callable[[], TerminalFigures]) -> None:
        """Reports how the terminals' doors fare at each scrape."""
        self._registry.register(TerminalCollector(read))

    def watch_cameras(self, read: Callable[[], CameraFigures]) -> None:
        """Reports how cameras fare at each scrape."""
        self._registry.register(CameraCollector(read))

    def render(self) -> bytes:
        """The exposition text. Reads the store, so call it on a thread."""
        return generate_latest(self._registry)


class _WorkersCollector(Collector):
    def __init__(self) -> None:
        self._pools: tuple[BoundedWorkers, ...] = ()

    def watch(self, pools: Sequence[BoundedWorkers]) -> None:
        self._pools += tuple(pools)

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        gauges = {
            "threads": "Calls that can run at once.",
            "in_flight": "Calls that run now.",
            "waiting": "Calls that wait for a thread.",
        }
        counters = {
            "rejected": "Calls refused because the queue was full.",
            "dropped": "Calls whose client went away before they started.",
            "finished": "Calls that ran to their end.",
        }
        families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
        for name, text in gauges.items():
            families[name] = GaugeMetricFamily(f"facegate_workers_{name}", text, labels=("workers",))
        for name, text in counters.items():
            families[name] = CounterMetricFamily(f"facegate_workers_{name}", text, labels=("workers",))
        for pool in self._pools:
            values = {
                "threads": pool.thread_count,
                "in_flight": pool.in_flight,
                "waiting": pool.waiting,
                "rejected": pool.rejected_count,
                "dropped": pool.dropped_count,
                "finished": pool.finished_count,
            }
            for name, value in values.items():
                families[name].add_metric((pool.name,), value)
        yield from families.values()


class _GalleryCollector(Collector):
    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        searched = GaugeMetricFamily("facegate_searched_templates", "Templates that a search looks at.")
        searched.add_metric((), self._gallery.indexed_template_count())
        yield searched
        try:
            counts = self._gallery.counts()
        except StoreFailed:
            # A store that is down must not hide the other metrics; its own absence is visible.
            return
        subjects = GaugeMetricFamily("facegate_subjects", "Persons in the gallery.")
        subjects.add_metric((), counts.subject_count)
        yield subjects
        templates = GaugeMetricFamily(
            "facegate_templates", "Templates in the store by model.", labels=("model_id",)
        )
        for model_id, count in counts.templates_by_model.items():
            templates.add_metric((model_id,), count)
        yield templates
