"""One thread per numeric call, since parallelism belongs to our workers."""

import cv2
from threadpoolctl import threadpool_limits


def limit_library_threads() -> None:
    """Keeps BLAS and OpenCV from starting a thread per core inside each of our worker threads."""
    cv2.setNumThreads(1)
    threadpool_limits(limits=1)
