"""Commands and events between several servers through Redis, and the two lists of older scripts.

Importing this package raises CapabilityMissing where the client of Redis is not installed.
"""

from importlib.util import find_spec

from facegate.domain.errors import CapabilityMissing

if find_spec("redis") is None:
    raise CapabilityMissing(
        "the client of Redis is not installed: pip install facegate[redis]", capability="redis"
    )

from facegate.adapters.redis_bus.bus import RedisCommandBus
from facegate.adapters.redis_bus.connection import RedisLinks
from facegate.adapters.redis_bus.feed import RedisEventFeed
from facegate.adapters.redis_bus.list_bridge import ListBridge
from facegate.adapters.redis_bus.options import RedisOptions, RedisTimings

__all__ = [
    "ListBridge",
    "RedisCommandBus",
    "RedisEventFeed",
    "RedisLinks",
    "RedisOptions",
    "RedisTimings",
]
