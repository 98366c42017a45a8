"""What the machine says of itself."""

from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.fakes.video import FakeVideoSource
from tests.unit.composition.watching.serving import add_camera, serving

from facegate.composition.watching.system_figures import system_reader
from facegate.domain.events.event import new_event_id
from facegate.frontends.wire.workers import BoundedWorkers


def test_figures_are_read_anew_each_time(tmp_path: Path) -> None:
    pool = BoundedWorkers(3, 2, "engine")
    with serving(tmp_path, FakeVideoSource()) as (_, watching):
        read = system_reader(watching, [pool], tmp_path)
        first = read()
        add_camera(watching)
        watching.stores.shots.save(new_event_id(), b"\xff\xd8 a picture")
        second = read()
    pool.close()
    assert (first.camera_count, second.camera_count, second.cameras_live) == (0, 1, 0)
    assert (first.shots_bytes, second.shots_bytes) == (0, 12)
    assert first.started_at == second.started_at
    assert second.uptime_s >= first.uptime_s > 0
    (queue,) = second.queues
    assert (queue.name, queue.threads, queue.running, queue.waiting) == ("engine", 3, 0, 0)


def test_where_nobody_counts_descriptors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(process: Any) -> int:
        raise AttributeError("num_fds")

    monkeypatch.setattr(psutil.Process, "num_fds", none)
    with serving(tmp_path, FACEGATE_CAMERAS__ENABLED="false") as (_, watching):
        assert system_reader(watching, [], tmp_path)().descriptor_count is None
