"""Asks the readiness use case at most once at a time and not too often, however many probes come."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from facegate.domain.errors import EngineOverloaded
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.check_readiness import Readiness, ReadinessCheck


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """How long an outcome counts, and how long one probe waits."""

    cache_s: float = 2.0
    timeout_s: float = 5.0


class ReadinessProbe:
    """Probes that come while a check runs wait for that one. Belongs to one event loop."""

    def __init__(
        self,
        check: Callable[[], Readiness],
        workers: BoundedWorkers,
        options: ProbeOptions,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._workers = workers
        self._options = options
        self._monotonic_s = monotonic_s
        self._running: asyncio.Task[Readiness] | None = None
        self._last: Readiness | None = None
        self._last_at_s = 0.0

    async def ask(self) -> Readiness:
        """The newest outcome; "not ready" when it did not come in time or the server shuts down."""
        if self._last is not None and self._monotonic_s() - self._last_at_s < self._options.cache_s:
            return self._last
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._run())
        try:
            # Shielded: one impatient probe must not end the check that the others wait for.
            return await asyncio.wait_for(asyncio.shield(self._running), self._options.timeout_s)
        except TimeoutError:
            return _not_ready(
                f"no outcome within {self._options.timeout_s:g} s", self._options.timeout_s * 1000.0
            )
        except EngineOverloaded as error:
            return _not_ready(error.message, 0.0)

    async def _run(self) -> Readiness:
        outcome = await self._workers.run(self._check)
        self._last, self._last_at_s = outcome, self._monotonic_s()
        return outcome


def _not_ready(problem: str, took_ms: float) -> Readiness:
    return Readiness((ReadinessCheck("engine", problem, took_ms),), ())
