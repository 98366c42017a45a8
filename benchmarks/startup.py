"""From the start of the process to the first `/readyz` that says yes, models cached."""

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.people import synthetic_people
from benchmarks.progress import progress_bar
from benchmarks.server_process import fill_gallery, running_server
from benchmarks.timing import available_cores


@dataclass(frozen=True, slots=True)
class StartUpResult:
    """Seconds of each start; readiness includes a real inference and a search."""

    gallery_size: int
    seconds: tuple[float, ...]
    median_s: float


def measure_start_up(*, gallery_size: int, rounds: int) -> StartUpResult:
    """Default settings; the first start, which reads everything from disk, counts like the others."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        data_folder = Path(folder)
        fill_gallery(data_folder, synthetic_people("sface", gallery_size))
        with progress_bar(f"start with {gallery_size:,} people", rounds) as advance_to:
            for number in range(rounds):
                with running_server(data_folder, cores=available_cores()) as server:
                    seconds.append(round(server.seconds_to_ready, 3))
                advance_to(number + 1)
    return StartUpResult(gallery_size, tuple(seconds), round(statistics.median(seconds), 3))
