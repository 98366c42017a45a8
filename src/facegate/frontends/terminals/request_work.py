"""The steps of a terminal's request that take time: the store, the gallery, the engine."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from facegate.domain.errors import FacegateError
from facegate.domain.terminals.access_policy import AccessDecision, AccessRule, decide_code
from facegate.domain.terminals.activity import (
    Activity,
    AddedActivity,
    NewActivity,
    Scan,
    SnapshotCheck,
)
from facegate.domain.terminals.device_clock import parse_device_time
from facegate.domain.terminals.enrolments import TerminalEnrolment
from facegate.frontends.terminals.effects import Enrol, Store
from facegate.frontends.terminals.incoming import on_a_worker
from facegate.frontends.terminals.parts import TerminalParts
from facegate.frontends.terminals.states import Moment, TerminalFacts
from facegate.frontends.wire.answering_route import log_fault

MAX_RECORDS_IN_ONE_PIECE = 1000
RECORDS_PER_PIECE = 500
"""Of larger messages. They wait for each piece, so that no message fills the queue of all others' scans."""

_FEW_RECORDS = 10
"""So many cost less than the way to a worker thread."""

_LOGGER = logging.getLogger("facegate.terminals")


@dataclass(frozen=True, slots=True)
class NewScan:
    """A scan that was stored just now, for the first time; `check` is what was seen if it was looked at."""

    activity: Activity
    scan: Scan
    check: SnapshotCheck | None = None


class RequestWork:
    """The work of one connection."""

    def __init__(self, parts: TerminalParts) -> None:
        self._parts = parts

    async def store(
        self, effect: Store, facts: TerminalFacts, now: Moment, tell: Callable[[NewScan], None]
    ) -> AccessDecision | None:
        """Stores the records and tells those that are new; meanwhile the decision is found, if wanted.

        Raises:
            StoreFailed: not all are stored; of a large batch some may be, and were told.
            EngineOverloaded: too much waits to be stored; the same holds.
        """
        deciding = None if effect.decide is None else asyncio.create_task(self._decide(effect.decide))
        try:
            for scans in _pieces(effect.scans):
                records = await self._records(scans, facts, now)
                added = await asyncio.wrap_future(self._parts.recorder.record(records))
                access, check = (None, None) if deciding is None else await deciding
                for new in _new_scans(scans, records, added, check):
                    tell(new)
        finally:
            if deciding is not None:
                deciding.cancel()
        return access

    async def enrol(self, effect: Enrol, facts: TerminalFacts, now: Moment) -> TerminalEnrolment:
        """Keeps the enrolment for a review.

        Raises:
            StoreFailed: it is not kept.
            EngineOverloaded: the queue is full.
        """
        push = effect.push
        enrolment = TerminalEnrolment(
            serial_number=facts.serial_number,
            enroll_id=push.enroll_id,
            backup_number=push.backup_number,
            name=push.name,
            received_at=now.utc,
            photo=push.photo,
            is_administrator=push.is_administrator,
        )
        await self._parts.workers.run(lambda: self._parts.receive_enrolment(enrolment))
        return enrolment

    def judge(self, facts: TerminalFacts) -> AccessDecision:
        """The decision on a code, of which nothing is kept."""
        decision = decide_code(self._parts.decide_access.policy)
        if decision.is_granted:
            _LOGGER.warning(
                "terminal %s: a code opens, since FACEGATE_TERMINALS__ACCEPT_CODES is set",
                facts.serial_number,
            )
        return decision

    async def _records(self, scans: Sequence[Scan], facts: TerminalFacts, now: Moment) -> list[NewActivity]:
        def read() -> list[NewActivity]:
            return [_new_activity(scan, facts, now) for scan in scans]

        return read() if len(scans) <= _FEW_RECORDS else await on_a_worker(self._parts.workers, read)

    async def _decide(self, scan: Scan) -> tuple[AccessDecision, SnapshotCheck | None]:
        """Within the policy's time. Whoever stands there gets an answer whatever happens here."""
        decide = self._parts.decide_access
        policy = decide.policy
        if policy.rule is AccessRule.EVERYBODY:
            return decide(scan)
        needs_engine = policy.rule is AccessRule.CONFIRMED
        workers = self._parts.engine_workers if needs_engine else self._parts.workers
        try:
            async with asyncio.timeout(policy.time_limit_s):
                return await workers.run(lambda: decide(scan))
        except TimeoutError:
            why = "it took too long"
        except FacegateError as error:
            log_fault(error, error)
            why = str(error.kind)
        outcome = "opens" if policy.opens_when_late else "stays closed"
        _LOGGER.warning("no decision on a scan (%s): the door %s", why, outcome)
        return AccessDecision(policy.opens_when_late), None


def _pieces(scans: Sequence[Scan]) -> list[Sequence[Scan]]:
    if len(scans) <= MAX_RECORDS_IN_ONE_PIECE:
        return [scans]
    return [scans[start : start + RECORDS_PER_PIECE] for start in range(0, len(scans), RECORDS_PER_PIECE)]


def _new_activity(scan: Scan, facts: TerminalFacts, now: Moment) -> NewActivity:
    return NewActivity(
        serial_number=facts.serial_number,
        record=scan.record,
        received_at=now.utc,
        occurred_at=parse_device_time(scan.record.time_text, facts.zone, near=now.utc),
        has_snapshot=scan.snapshot is not None,
    )


def _new_scans(
    scans: Sequence[Scan],
    records: Sequence[NewActivity],
    added: Sequence[AddedActivity],
    check: SnapshotCheck | None,
) -> list[NewScan]:
    """`check` is only there for a batch of one."""
    return [
        NewScan(
            Activity(
                answer.activity_id,
                new.serial_number,
                new.record,
                new.received_at,
                new.occurred_at,
                new.has_snapshot,
            ),
            scan,
            check,
        )
        for scan, new, answer in zip(scans, records, added, strict=True)
        if answer.is_new
    ]
