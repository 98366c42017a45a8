"""Commands and events of terminals within one process: nothing to install, nothing that can be down."""

from facegate.adapters.local_bus.bus import LocalBus
from facegate.adapters.local_bus.feed import LocalFeed

__all__ = ["LocalBus", "LocalFeed"]
