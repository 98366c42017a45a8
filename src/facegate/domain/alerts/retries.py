"""How long a channel that failed is left alone."""

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 600.0
LONGEST_ASKED_PAUSE_S = 86_400.0
"""What a channel may ask for: beyond it any message has expired."""


def retry_pause_s(failure_count: int, jitter: float) -> float:
    """Two seconds after the first failure, doubling up to ten minutes, each 25 % less to 25 % more.

    `jitter` on 0..1 is drawn by the caller: several servers must not come back at the same moment.
    """
    doublings = min(max(0, failure_count - 1), 16)
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**doublings) * (0.75 + 0.5 * jitter)


def asked_pause_s(retry_after_s: float) -> float:
    """What the other side asked for, within reason."""
    if not retry_after_s >= 0:  # also what is not a number
        return FIRST_PAUSE_S
    return min(max(retry_after_s, 0.1), LONGEST_ASKED_PAUSE_S)
