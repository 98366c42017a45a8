"""The terminals' door under load: storms, scans, commands, and the server, Redis and the copy failing."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.progress import progress_bar
from benchmarks.server_process import RunningServer, running_server
from benchmarks.terminal_commands import CommandFigures, CommandLoad
from benchmarks.terminal_counts import Count, count_records, history_of
from benchmarks.terminal_fleet import FIRST_SERIAL_NUMBER
from benchmarks.terminal_fleet_process import FleetWishes, running_fleet
from benchmarks.terminal_surroundings import OwnRedis, SinkDatabase, free_port
from benchmarks.timing import available_cores
from facegate.commands.simulated_terminals.ledger import read_ledger
from facegate.commands.simulated_terminals.plan import serial_numbers
from facegate.composition.process.open_files import allow_open_files

DEFAULT_SINK = "postgresql+psycopg://postgres@127.0.0.1:5432/test"

_MEMORY_EVERY_S = 5.0
_COPY_LIMIT_S = 180.0
_SPARE_FILES = 1000


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How much and for how long; `outage_s` is how long Redis and the database stay away."""

    terminals: int = 1000
    scans_per_s: float = 200.0
    commands_per_s: float = 10.0
    steady_s: float = 300.0
    outage_s: float = 20.0
    recovery_s: float = 20.0
    picture_share: float = 0.2
    sink_url: str = DEFAULT_SINK


QUICK = LoadOptions(
    terminals=50, scans_per_s=40.0, commands_per_s=10.0, steady_s=10.0, outage_s=3.0, recovery_s=5.0
)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Milliseconds from a scan to the terminal's knowing that it is stored."""

    acknowledged: int
    median_ms: float | None
    p99_ms: float | None
    greatest_ms: float | None


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the run. `server_cores` is processor time per second, None where the server changed."""

    name: str
    duration_s: float
    commands: CommandFigures
    scans: Acknowledgement
    sent_again: int
    links_lost: int
    server_cores: float | None
    resident_mib: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TerminalsResult:
    """The whole run. Storms are seconds from the server's readiness until every terminal was registered."""

    options: LoadOptions
    sink_kind: str
    first_storm_s: float
    restart_storm_s: float
    storm_after_kill_s: float
    phases: Sequence[Phase]
    settled_after_s: float
    copied_after_s: float
    counts: Sequence[Count]


def measure_terminals(options: LoadOptions) -> TerminalsResult:
    """Everything, in one server's life and three processes of it."""
    allow_open_files(options.terminals + _SPARE_FILES)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(OwnRedis(folder).running())
        sink = stack.enter_context(SinkDatabase(options.sink_url).reachable())
        return _Run(options, folder, redis, sink).whole()


class _Run:
    """The order of things; what is measured in each is a `Phase`."""

    def __init__(self, options: LoadOptions, folder: Path, redis: OwnRedis, sink: SinkDatabase) -> None:
        self._options = options
        self._data_folder = folder / "data"
        self._ledger = folder / "ledger.csv"
        self._redis = redis
        self._sink = sink
        self._port = free_port()
        self._lives = contextlib.ExitStack()
        self._phases: list[Phase] = []
        serials = serial_numbers(FIRST_SERIAL_NUMBER, options.terminals)
        self._load = CommandLoad(serials, options.commands_per_s)
        self._data_folder.mkdir()

    def whole(self) -> TerminalsResult:
        options = self._options
        wishes = FleetWishes(
            url=f"ws://127.0.0.1:{self._port}/pub/chat",
            ledger=str(self._ledger),
            count=options.terminals,
            picture_share=options.picture_share,
        )
        with self._lives:
            self._start_server()
            with running_fleet(wishes) as self._fleet, progress_bar("terminals", 6) as advance_to:
                storms = [self._fleet.wait_until_registered()]
                self._stop_server()
                self._start_server()
                storms.append(self._fleet.wait_until_registered())
                advance_to(1)
                with self._scans_and_commands():
                    self._phase("steady", lambda: self._sleep(options.steady_s))
                    advance_to(2)
                    self._phase("kill -9 of the server", lambda: storms.append(self._kill_server()))
                    advance_to(3)
                    self._phase("Redis restart", self._restart_redis)
                    advance_to(4)
                    self._phase("outage of the copy's database", self._cut_sink)
                    advance_to(5)
                settled_after_s = self._fleet.wait_until_settled()
                copied_after_s = self._wait_until_copied()
                advance_to(6)
        acknowledged = read_ledger(self._ledger)
        return TerminalsResult(
            options=options,
            sink_kind=self._sink.kind,
            first_storm_s=round(storms[0], 2),
            restart_storm_s=round(storms[1], 2),
            storm_after_kill_s=round(storms[2], 2),
            phases=self._phases,
            settled_after_s=round(settled_after_s, 2),
            copied_after_s=round(copied_after_s, 2),
            counts=[
                count_records("history", acknowledged, history_of(self._data_folder)),
                count_records("copy", acknowledged, self._sink.keys()),
            ],
        )

    # The server's lives

    def _start_server(self) -> None:
        settings = {
            "FACEGATE_TERMINALS__PORT": str(self._port),
            "FACEGATE_TERMINALS__MAX_CONNECTIONS": str(2 * self._options.terminals + 100),
            "FACEGATE_SERVER__MAX_CONNECTIONS": str(2 * self._options.terminals + 500),
            "FACEGATE_REDIS__HOST": "127.0.0.1",
            "FACEGATE_REDIS__PORT": str(self._redis.port),
            "FACEGATE_REDIS__NAMESPACE": "facegate-load",
            "FACEGATE_SINK__URL": self._sink.relayed_url.render_as_string(hide_password=False),
            "FACEGATE_SINK__TABLE": self._sink.table_name,
            "FACEGATE_NIGHTLY__ENABLED": "false",
        }
        running = running_server(self._data_folder, cores=available_cores(), settings=settings)
        self._server: RunningServer = self._lives.enter_context(running)
        self._load.base_url = f"http://{self._server.host}:{self._server.port}"

    def _stop_server(self) -> None:
        self._load.base_url = None
        self._lives.close()

    def _kill_server(self) -> float:
        """In the middle of everything; how long after its return the terminals are all back."""
        self._server.process.kill()
        self._stop_server()
        self._start_server()
        storm_s = self._fleet.wait_until_registered()
        self._sleep(self._options.recovery_s)
        return storm_s

    # What happens around it

    def _restart_redis(self) -> None:
        self._redis.kill()
        self._sleep(self._options.outage_s)
        self._redis.start()
        self._sleep(self._options.recovery_s)

    def _cut_sink(self) -> None:
        self._sink.relay.cut()
        self._sleep(self._options.outage_s)
        self._sink.relay.mend()
        self._sleep(self._options.recovery_s)

    @contextlib.contextmanager
    def _scans_and_commands(self) -> Iterator[None]:
        self._fleet.scan(self._options.scans_per_s)
        self._load.start()
        try:
            yield
        finally:
            self._load.stop()
            self._fleet.scan(0)

    def _wait_until_copied(self) -> float:
        """Until the copy has as much as was acknowledged; it is counted later, so this may give up."""
        start_s = time.perf_counter()
        wanted = self._fleet.state()["tally"]["acknowledged"]
        while len(self._sink.keys()) < wanted and time.perf_counter() - start_s < _COPY_LIMIT_S:
            time.sleep(0.2)
        return time.perf_counter() - start_s

    # Measuring

    def _sleep(self, seconds: float) -> None:
        """Looks at the server's memory meanwhile."""
        end_s, pause_s = time.perf_counter() + seconds, min(_MEMORY_EVERY_S, seconds / 10)
        while (now_s := time.perf_counter()) < end_s:
            self._resident[round(now_s - self._phase_start_s)] = round(self._server.resident_mib(), 1)
            time.sleep(max(0.0, min(pause_s, end_s - time.perf_counter())))

    def _phase(self, name: str, act: Callable[[], object]) -> None:
        self._resident: dict[int, float] = {}
        self._phase_start_s = time.perf_counter()
        self._fleet.latencies_s()
        self._load.take_figures()
        before, process, cpu_s = self._fleet.state()["tally"], self._server.process, self._server.cpu_s()
        act()
        duration_s = time.perf_counter() - self._phase_start_s
        is_same = self._server.process == process
        after = self._fleet.state()["tally"]
        self._phases.append(
            Phase(
                name=name,
                duration_s=round(duration_s, 1),
                commands=self._load.take_figures(),
                scans=_acknowledgement(self._fleet.latencies_s()),
                sent_again=after["sent_again"] - before["sent_again"],
                links_lost=after["links_lost"] - before["links_lost"],
                server_cores=round((self._server.cpu_s() - cpu_s) / duration_s, 3) if is_same else None,
                resident_mib=self._resident,
            )
        )


def _acknowledgement(seconds: Sequence[float]) -> Acknowledgement:
    times_ms = np.asarray(seconds) * 1e3
    found = (
        [round(float(np.quantile(times_ms, share)), 1) for share in (0.5, 0.99, 1.0)] if len(times_ms) else []
    )
    median, p99, greatest = found or (None, None, None)
    return Acknowledgement(len(seconds), median, p99, greatest)
