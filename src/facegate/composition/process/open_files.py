"""How many files this process may open; each connection is one."""

import contextlib
import sys


def allow_open_files(count: int) -> int | None:
    """Raises this process's soft limit as far as needed and possible; the limit then, None for none."""
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return soft if soft != resource.RLIM_INFINITY else None
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
