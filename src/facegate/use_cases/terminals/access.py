"""The server's word on who gets in, for terminals that ask."""

from facegate.domain.terminals.access_policy import AccessDecision, AccessPolicy, AccessRule, decide_access
from facegate.domain.terminals.activity import ActivityKind, Scan, SnapshotCheck
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.use_cases.terminals.snapshots import CheckSnapshot


class DecideAccess:
    """Decides on one fresh scan. Waiting no longer than the policy allows is the caller's part.

    Without `check` the rule `confirmed` lets nobody in.
    """

    def __init__(
        self, policy: AccessPolicy, people: TerminalPeopleStore, check: CheckSnapshot | None
    ) -> None:
        self._policy = policy
        self._people = people
        self._check = check

    @property
    def policy(self) -> AccessPolicy:
        """The rule, its time limit, and what holds when there was no decision in time."""
        return self._policy

    def __call__(self, scan: Scan) -> tuple[AccessDecision, SnapshotCheck | None]:
        """The decision, and what was seen on the snapshot if the decision needed a look.

        With the rule `everybody` nothing is asked. Else call it on a worker thread.

        Raises:
            StoreFailed, EngineFailed, CapabilityMissing: there is no decision; what holds then is
                the policy's `opens_when_late`.
        """
        rule = self._policy.rule
        if rule is AccessRule.EVERYBODY or scan.record.kind is not ActivityKind.ATTENDANCE:
            return decide_access(rule, scan.record, None, None), None
        subject_id = self._people.subject_of_number(scan.record.enroll_id)
        seen = None
        if rule is AccessRule.CONFIRMED and subject_id is not None and scan.snapshot is not None:
            seen = None if self._check is None else self._check(scan)
        return decide_access(rule, scan.record, subject_id, seen), seen
