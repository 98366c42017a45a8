"""What follows from a message once it was answered: events for those who watch, and a look at pictures."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from facegate.domain.terminals.activity import SnapshotCheck, TerminalEvent
from facegate.domain.terminals.codes import mode_label
from facegate.domain.terminals.devices import Terminal
from facegate.domain.terminals.enrolments import TerminalEnrolment
from facegate.domain.terminals.event_backlog import MISSED_EVENT
from facegate.frontends.terminals.parts import TerminalParts
from facegate.frontends.terminals.request_work import NewScan
from facegate.frontends.wire.answering_route import known_error, log_fault

_LOGGER = logging.getLogger("facegate.terminals")

MAX_WAITING_PICTURES = 64
"""Of all connections: an engine that is slower than the scans must not fill the memory."""

_MAX_PENDING = 2000
"""Of one connection. Events are small; whoever missed some is told how many and finds them in the history."""

_WITHOUT_A_PAUSE = 20
"""So many are done before others have their turn: most of them never have to wait for anything."""


@dataclass(slots=True)
class _Gap:
    """What found no room, counted in its place."""

    serial_number: str
    count: int = 0


class Aftermath:
    """Of one connection. Nothing here keeps an answer waiting."""

    def __init__(self, parts: TerminalParts) -> None:
        self._parts = parts
        self._pending: deque[Callable[[], Awaitable[object]]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._is_dropping = False
        self._gap: _Gap | None = None

    def scanned(self, new: NewScan, terminal: Terminal | None) -> None:
        """A scan was stored for the first time."""
        self._later(new.activity.serial_number, lambda: self._publish(_activity_event(new, terminal)))
        if new.check is not None:
            seen = new.check
            self._later(new.activity.serial_number, lambda: self._keep(new, seen))
        elif self._parts.check_snapshot is not None and new.scan.snapshot is not None:
            self._look_later(new)

    def enrolled(self, enrolment: TerminalEnrolment) -> None:
        """An enrolment waits for a review."""
        facts = {
            "enroll_id": enrolment.enroll_id,
            "backup_number": enrolment.backup_number,
            "name": enrolment.name,
        }
        event = TerminalEvent("enrolment", enrolment.serial_number, enrolment.received_at, facts)
        self._later(event.serial_number, lambda: self._publish(event))

    def turned_away(self, terminal: Terminal) -> None:
        """A terminal waits to be allowed."""
        facts = {"model_name": terminal.info.model_name, "firmware": terminal.info.firmware}
        event = TerminalEvent("waiting", terminal.serial_number, self._parts.clock.now_utc(), facts)
        self._later(event.serial_number, lambda: self._publish(event))

    async def finish(self) -> None:
        """Returns when everything is done that was begun."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _publish(self, event: TerminalEvent) -> None:
        await self._parts.live.publish(event)

    def _look_later(self, new: NewScan) -> None:
        waiting = self._parts.waiting_pictures
        if waiting.count >= MAX_WAITING_PICTURES or len(self._pending) >= _MAX_PENDING:
            if not self._is_dropping:
                _LOGGER.warning("pictures of scans are not looked at: the engine has too much to do")
            self._is_dropping = True
            return
        self._is_dropping = False
        waiting.count += 1
        self._later(new.activity.serial_number, lambda: self._look(new))

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
        await self._publish(TerminalEvent("check", activity.serial_number, now, facts))

    def _later(self, serial_number: str, work: Callable[[], Awaitable[object]]) -> None:
        if len(self._pending) >= _MAX_PENDING:
            # One word in the place of this and of all that follow as long as there is no room.
            if self._gap is None:
                self._gap = _Gap(serial_number)
                self._pending.append(partial(self._tell_missed, self._gap))
            self._gap.count += 1
            return
        self._gap = None
        self._pending.append(work)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def _tell_missed(self, gap: "_Gap") -> None:
        now = self._parts.clock.now_utc()
        await self._publish(TerminalEvent(MISSED_EVENT, gap.serial_number, now, {"count": gap.count}))

    async def _work(self) -> None:
        done_count = 0
        while self._pending:
            done_count += 1
            if done_count % _WITHOUT_A_PAUSE == 0:
                await asyncio.sleep(0)
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
