"""The terminals' doors for Prometheus: how many, how much they report, what waits. No serial numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True)
class TerminalFigures:
    """`copy_lag` is None where no copy is wanted or nobody can say, `is_bus_up` where there is no Redis."""

    connected_count: int
    stored_count: int
    repeated_count: int
    waiting_count: int
    copy_lag: int | None
    is_bus_up: bool | None


class TerminalCollector(Collector):
    """Read anew at each scrape."""

    def __init__(self, read: Callable[[], TerminalFigures]) -> None:
        self._read = read

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: the names do not depend on what is there."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All families."""
        figures = self._read()
        yield _gauge("connections", "Terminals that are connected to this process.", figures.connected_count)
        records = CounterMetricFamily(
            "facegate_terminal_records", "Records of terminals, new and repeated ones.", labels=("outcome",)
        )
        records.add_metric(("stored",), figures.stored_count)
        records.add_metric(("repeated",), figures.repeated_count)
        yield records
        yield _gauge("records_waiting", "Records that wait to be stored.", figures.waiting_count)
        if figures.copy_lag is not None:
            yield _gauge("copy_lag", "Records that are not in the copy yet.", figures.copy_lag)
        if figures.is_bus_up is not None:
            yield _gauge("redis_up", "Whether Redis can be reached.", int(figures.is_bus_up))


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"facegate_terminal_{name}", text)
    family.add_metric((), value)
    return family
