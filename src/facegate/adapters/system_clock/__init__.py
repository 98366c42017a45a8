"""The computer's own clock."""

from facegate.adapters.system_clock.clock import SystemClock

__all__ = ["SystemClock"]
