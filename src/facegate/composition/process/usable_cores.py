"""How many processor cores this process may use, which in a container are fewer than the machine has."""

import math
import os
import sys
from pathlib import Path

_CGROUP_QUOTA_FILE = Path("/sys/fs/cgroup/cpu.max")


def usable_core_count() -> int:
    """Cores by affinity and by the container's quota (`docker run --cpus`), whichever is less; at least 1."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(cores, quota_cores(_CGROUP_QUOTA_FILE) or cores))


def quota_cores(quota_file: Path) -> int | None:
    """The quota in whole cores, rounded up; None without one."""
    try:
        quota_us, period_us = quota_file.read_text(encoding="ascii").split()
        return None if quota_us == "max" else math.ceil(int(quota_us) / int(period_us))
    except (OSError, ValueError, ZeroDivisionError):
        return None
