"""One thread per numeric call, since parallelism belongs to our workers; and how the heap may grow."""

import ctypes
import sys

import cv2
from threadpoolctl import threadpool_limits

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8


def limit_library_threads() -> None:
    """Keeps BLAS and OpenCV from starting a thread per core inside each of our worker threads."""
    cv2.setNumThreads(1)
    threadpool_limits(limits=1)


def limit_heap_growth() -> None:
    """Makes glibc give large blocks back at once and share few heaps between threads; elsewhere nothing.

    Pictures come and go in blocks of megabytes. By default glibc raises its threshold for mapping blocks
    after the first large one was freed, and keeps up to eight heaps per core.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1024 * 1024)
        mallopt(_M_ARENA_MAX, 2)
