"""The Redis that tests may use: keys under a name of their own, and none may stay there without expiry."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import cache
from urllib.parse import urlsplit

import pytest
import redis
import redis.asyncio

from facegate.adapters.redis_bus import RedisOptions

REDIS_URL = os.environ.get("FACEGATE_TEST_REDIS", "redis://127.0.0.1:6379/0")
"""A Redis in which tests may make and delete keys that begin with `facegate-test-`."""


def redis_options(**changed: object) -> RedisOptions:
    """With a namespace that nobody else has."""
    parts = urlsplit(REDIS_URL)
    options = RedisOptions(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 6379,
        database=int(parts.path.strip("/") or 0),
        user=parts.username or None,
        password=parts.password or None,
        tls=parts.scheme == "rediss",
        namespace=f"facegate-test-{uuid.uuid4().hex}",
    )
    return replace(options, **changed)  # type: ignore[arg-type]


@cache
def _answers() -> bool:
    with suppress(redis.RedisError, OSError), redis.Redis.from_url(REDIS_URL, socket_timeout=2) as client:
        return bool(client.ping())
    return False


def require_redis() -> None:
    """Skips the test where there is no Redis."""
    if not _answers():
        pytest.skip("Redis: no server answers (FACEGATE_TEST_REDIS names another)")


@asynccontextmanager
async def no_keys_left(options: RedisOptions) -> AsyncIterator[None]:
    """At the end every key of the namespace has to expire by itself; then it is deleted."""
    try:
        yield
    finally:
        async with client_of(options) as client:
            keys = [key async for key in client.scan_iter(f"{options.namespace}*")]
            lasting = [key for key in keys if await client.pttl(key) == -1]
            if keys:
                await client.delete(*keys)
    assert lasting == []


@asynccontextmanager
async def client_of(options: RedisOptions) -> AsyncIterator[redis.asyncio.Redis]:
    """A client to look at what our adapter wrote."""
    client = redis.asyncio.Redis(
        host=options.host,
        port=options.port,
        db=options.database,
        username=options.user,
        password=options.password,
        ssl=options.tls,
    )
    try:
        yield client
    finally:
        await client.aclose()
