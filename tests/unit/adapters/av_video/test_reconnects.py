"""Cameras that come and go leave nothing behind. A thousand: `python -m tests.rtsp_server.reconnects`."""

from pathlib import Path

import pytest
from tests.rtsp_server.fixtures import counting_clip
from tests.rtsp_server.reconnects import reconnect

__all__ = ["counting_clip"]

MOST_MB = 15.0
"""A frame of these clips is 0.1 MB, one that leaked per connection would be 20."""


@pytest.mark.slow
def test_two_hundred_connections_leave_nothing(counting_clip: Path) -> None:
    growth = reconnect(counting_clip, 208)
    assert growth.opened_count == 208 * 6 // 13
    assert growth.after.thread_count <= growth.before.thread_count
    assert growth.after.descriptor_count <= growth.before.descriptor_count
    assert growth.after.memory_mb - growth.before.memory_mb < MOST_MB
