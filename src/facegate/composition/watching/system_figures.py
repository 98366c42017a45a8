"""What the machine says of itself, for `/v1/system`."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from shutil import disk_usage

import psutil

import facegate
from facegate.composition.process.usable_cores import usable_core_count
from facegate.composition.watching.parts import Watching
from facegate.domain.cameras.status import CameraState
from facegate.frontends.rest_v1.system_routes import SystemAnswer, queue_answer
from facegate.frontends.wire.workers import BoundedWorkers


def system_reader(
    watching: Watching, pools: Sequence[BoundedWorkers], data_folder: Path
) -> Callable[[], SystemAnswer]:
    """Reads everything anew at each call."""
    process = psutil.Process()
    process.cpu_percent()
    started_at = datetime.fromtimestamp(process.create_time(), UTC)

    def read() -> SystemAnswer:
        machine, disk = psutil.virtual_memory(), disk_usage(data_folder)
        statuses = {} if watching.runner is None else watching.runner.statuses()
        return SystemAnswer(
            version=facegate.__version__,
            started_at=started_at,
            uptime_s=round((datetime.now(UTC) - started_at).total_seconds(), 1),
            cpu_percent=process.cpu_percent(),
            core_count=usable_core_count(),
            memory_bytes=process.memory_info().rss,
            thread_count=process.num_threads(),
            descriptor_count=_descriptor_count(process),
            machine_memory_bytes=machine.total,
            machine_memory_free_bytes=machine.available,
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
            shots_bytes=watching.events.browse.shots_bytes(),
            camera_count=len(watching.register.list_cameras()),
            cameras_live=sum(status.state is CameraState.LIVE for status in statuses.values()),
            events_dropped=watching.events.log.counts().dropped,
            queues=[queue_answer(pool) for pool in pools],
        )

    return read


def _descriptor_count(process: psutil.Process) -> int | None:
    try:
        return int(process.num_fds())
    except AttributeError:
        # Windows counts handles, which are something else.
        return None
