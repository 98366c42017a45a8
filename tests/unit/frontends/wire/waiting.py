"""Waiting for other threads without a fixed time."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool]) -> None:
    """Lets the loop turn until the condition holds; ten seconds are a failure."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - threads cannot set an asyncio event
            await asyncio.sleep(0.001)
