"""Waiting for threads to end, all of them together no longer than is allowed."""

import threading
import time
from collections.abc import Sequence


def still_alive(threads: Sequence[threading.Thread], timeout_s: float) -> list[threading.Thread]:
    """Those that have not ended in time; one that was never started has ended."""
    ends_s = time.monotonic() + timeout_s
    for thread in threads:
        if thread.ident is not None:
            thread.join(max(0.0, ends_s - time.monotonic()))
    return [thread for thread in threads if thread.is_alive()]
