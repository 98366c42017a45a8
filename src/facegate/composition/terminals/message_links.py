"""What carries commands and events: this process alone, or Redis between several."""

import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from facegate.adapters.local_bus import LocalBus, LocalFeed
from facegate.ports.command_bus import CommandBus, EventFeed
from facegate.settings.terminal_groups import RedisSettings


@dataclass(frozen=True, slots=True, eq=False)
class MessageLinks:
    """Bus and feed; they work inside `running()`. `is_up` is None where nothing can be away."""

    bus: CommandBus
    feed: EventFeed
    running: Callable[[], AbstractAsyncContextManager[None]]
    is_up: Callable[[], bool] | None = None


def make_links(settings: RedisSettings) -> MessageLinks:
    """Redis where the settings name one.

    Raises:
        CapabilityMissing: Redis is named, but its client is not installed.
    """
    if settings.host is None:
        bus = LocalBus()
        return MessageLinks(bus, LocalFeed(), bus.running)
    # Imported here: the client of Redis is an option.
    from facegate.adapters.redis_bus import (
        ListBridge,
        RedisCommandBus,
        RedisEventFeed,
        RedisLinks,
        RedisOptions,
    )

    links = RedisLinks(
        RedisOptions(
            host=settings.host,
            port=settings.port,
            database=settings.database,
            user=settings.user,
            password=None if settings.password is None else settings.password.get_secret_value(),
            tls=settings.tls,
            namespace=settings.namespace,
            list_prefix=settings.list_prefix,
            list_out_word=settings.list_out_word,
            list_in_word=settings.list_in_word,
        ),
        process_id=uuid.uuid4().hex,
    )
    redis_bus = RedisCommandBus(links)
    ListBridge(links, redis_bus)
    return MessageLinks(redis_bus, RedisEventFeed(links, LocalFeed()), redis_bus.running, lambda: links.is_up)
