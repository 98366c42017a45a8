"""What follows from a message once it was answered: events for those who watch, and a look at pictures."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from facegate.domain.terminals.activity import SnapshotCheck, TerminalEvent
from facegate.domain.terminals.codes import mode_label
from facegate.domain.terminals.devices import Terminal
from facegate.domain.terminals.enrolments import TerminalEnrolment
from facegate.frontends.terminals.parts import TerminalParts
from facegate.frontends.terminals.request_work import NewScan
from facegate.frontends.wire.answering_route import known_error, log_fault

_LOGGER = logging.getLogger("facegate.terminals")

MAX_WAITING_PICTURES = 64
"""Of all connections: an engine that is slower than the scans must not fill the memory."""

_MAX_PENDING = 2000
"""Of one connection. Events are small; whoever missed some finds them in the history."""


class Aftermath:
    """Of one connection. Nothing here keeps an answer waiting."""

    def __init__(self, parts: TerminalParts) -> None:
        self._parts = parts
        self._pending: deque[Callable[[], Awaitable[object]]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._is_dropping = False

    def scanned(self, new: NewScan, terminal: Terminal | None) -> None:
        """A scan was stored for the first time."""
        self._publish(_activity_event(new, terminal))
        if new.check is not None:
            seen = new.check
            self._later(lambda: self._keep(new, seen))
        elif self._parts.check_snapshot is not None and new.scan.snapshot is not None:
            self._look_later(new)

    def enrolled(self, enrolment: TerminalEnrolment) -> None:
        """An enrolment waits for a review."""
        facts = {
            "enroll_id": enrolment.enroll_id,
            "backup_number": enrolment.backup_number,
            "name": enrolment.name,
        }
        self._publish(TerminalEvent("enrolment", enrolment.serial_number, enrolment.received_at, facts))

    def turned_away(self, terminal: Terminal) -> None:
        """A terminal waits to be allowed."""
        facts = {"model_name": terminal.info.model_name, "firmware": terminal.info.firmware}
        self._publish(TerminalEvent("waiting", terminal.serial_number, self._parts.clock.now_utc(), facts))

    async def finish(self) -> None:
        """Returns when everything is done that was begun."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _publish(self, event: TerminalEvent) -> None:
        self._later(lambda: self._parts.live.publish(event))

    def _look_later(self, new: NewScan) -> None:
        waiting = self._parts.waiting_pictures
        if waiting.count >= MAX_WAITING_PICTURES or len(self._pending) >= _MAX_PENDING:
            if not self._is_dropping:
                _LOGGER.warning("pictures of scans are not looked at: the engine has too much to do")
            self._is_dropping = True
            return
        self._is_dropping = False
        waiting.count += 1
        self._later(lambda: self._look(new))

    async def _look(self, new: NewScan) -> None:
        check = self._parts.check_snapshot
        try:
            if check is not None:
                await self._keep(new, await self._parts.engine_workers.run(lambda: check(new.scan)))
        finally:
            self._parts.waiting_pictures.count -= 1

    async def _keep(self, new: NewScan, check: SnapshotCheck) -> None:
        activity = new.activity
        await self._parts.workers.run(lambda: self._parts.browse.save_check(activity.activity_id, check))
        facts = {
            "activity_id": activity.activity_id,
            "enroll_id": activity.record.enroll_id,
            "verdict": str(check.verdict),
            "subject_id": check.subject_id,
            "similarity": check.similarity,
            "live_probability": check.live_probability,
        }
        now = self._parts.clock.now_utc()
        await self._parts.live.publish(TerminalEvent("check", activity.serial_number, now, facts))

    def _later(self, work: Callable[[], Awaitable[object]]) -> None:
        if len(self._pending) >= _MAX_PENDING:
            return
        self._pending.append(work)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._pending:
            work = self._pending.popleft()
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - a loop that must survive: the next one is another matter
                known = known_error(error)
                log_fault(error, known)
                _LOGGER.warning("what follows a scan was left out: %s", known.kind)


def _activity_event(new: NewScan, terminal: Terminal | None) -> TerminalEvent:
    activity = new.activity
    record = activity.record
    overrides = {} if terminal is None else terminal.mode_labels
    fingerprint_capacity = None if terminal is None else terminal.info.count("fpsize")
    facts = {
        "activity_id": activity.activity_id,
        "enroll_id": record.enroll_id,
        "name": record.name,
        "time": record.time_text,
        "kind": str(record.kind),
        "mode": record.mode,
        "mode_label": mode_label(record.mode, overrides, fingerprint_capacity),
        "in_out": record.in_out,
        "event": record.event,
    }
    return TerminalEvent("activity", activity.serial_number, activity.received_at, facts)
