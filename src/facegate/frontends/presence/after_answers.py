"""What follows from an answer once it is sent: counts, a line in the log, evidence, perhaps a block."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from facegate.domain.presence.verdicts import Action, Finding, Reason, Verdict
from facegate.frontends.presence.effects import Answered
from facegate.frontends.presence.parts import PresenceParts
from facegate.frontends.presence.session_slot import SessionSlot
from facegate.frontends.presence.translate import explanation
from facegate.frontends.wire.answering_route import known_error, log_fault
from facegate.use_cases.presence.judge_frame import JudgedFrame

_LOGGER = logging.getLogger("facegate.presence")

MAX_WAITING_PICTURES = 64
"""Of all connections. Each is a few megabytes; a store that stands still must not fill the memory."""

MAX_WAITING_PICTURES_OF_ONE = 8

_MAX_PENDING = 256
"""Violations to be counted are small, and none may be lost to pictures that wait."""


class AfterAnswers:
    """Of one connection. Nothing here keeps an answer waiting."""

    def __init__(self, parts: PresenceParts, slot: SessionSlot) -> None:
        self._parts = parts
        self._slot = slot
        self._last_logged: tuple[str, Action, Reason, frozenset[Finding]] | None = None
        self._pending: deque[tuple[Callable[[], object], bool]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._picture_count = 0

    def sent(self, answered: Answered, client_id: str, judged: JudgedFrame | None) -> None:
        """The answer has gone out; `judged` is None where no picture was looked at."""
        begins = self._slot.record_frame(answered.verdict, answered.latency_ms)
        self._log_change(answered.verdict)
        if judged is None or not answered.verdict.is_violation:
            return
        verdict = answered.verdict
        keep = self._parts.on_violation
        if keep is not None:
            self._keep_later(lambda: keep(client_id, judged.frame, verdict))
        if begins:
            # Once for a violation, not for each frame of it; it may block the client.
            self._later(lambda: self._parts.clients.violation(client_id))

    async def finish(self) -> None:
        """Returns when everything is done that was begun, also for a client who left at once."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _log_change(self, verdict: Verdict) -> None:
        session_id = self._slot.session_id or "-"
        findings = frozenset(cue.finding for cue in verdict.cues)
        now = (session_id, verdict.action, verdict.reason, findings)
        if now == self._last_logged:
            return
        self._last_logged = now
        # The session's id, as /v1 shows it beside the client: logs hold no names.
        _LOGGER.info("session %s: %s", session_id, explanation(verdict), extra={"session_id": session_id})

    def _keep_later(self, keep: Callable[[], object]) -> None:
        waiting = self._parts.waiting_pictures
        if waiting.count >= MAX_WAITING_PICTURES or self._picture_count >= MAX_WAITING_PICTURES_OF_ONE:
            _LOGGER.warning("no evidence of a violation was kept: the store is too slow")
            return
        waiting.count += 1
        self._picture_count += 1
        self._later(keep, has_picture=True)

    def _later(self, call: Callable[[], object], *, has_picture: bool = False) -> None:
        if len(self._pending) >= _MAX_PENDING and not has_picture:
            _LOGGER.warning("a violation was not counted: the store is too slow")
            return
        self._pending.append((call, has_picture))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._pending:
            call, has_picture = self._pending.popleft()
            try:
                await self._parts.store_workers.run(call)
            except Exception as error:  # noqa: BLE001 - a loop that must survive: the next one is another matter
                known = known_error(error)
                log_fault(error, known)
                _LOGGER.warning("a violation was not recorded: %s", known.kind)
            finally:
                del call
                if has_picture:
                    self._picture_count -= 1
                    self._parts.waiting_pictures.count -= 1
