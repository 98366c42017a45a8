"""Storing activity: one writer, and everything that arrived meanwhile in its next transaction."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from facegate.domain.errors import EngineOverloaded, StoreFailed
from facegate.domain.terminals.activity import AddedActivity, NewActivity
from facegate.ports.activity_store import ActivityStore

MAX_RECORDS_PER_TRANSACTION = 2000

_FAILURES_OF_AN_OUTAGE = 3
"""So many submissions failing one after the other are the store's fault, not theirs."""


@dataclass(frozen=True, slots=True, eq=False)
class _Submission:
    """The records of one message, and who waits for them."""

    records: tuple[NewActivity, ...]
    future: "Future[list[AddedActivity]]"


class ActivityRecorder:
    """Group commit: a thousand terminals cost a few transactions a second. Safe from several threads.

    Submissions are stored in the order in which they came. A caller who cancels its future before its turn
    is dropped; afterwards it is stored all the same.
    """

    def __init__(self, store: ActivityStore, *, max_waiting_records: int = 20_000) -> None:
        self._store = store
        self._max_waiting_records = max_waiting_records
        self._waiting: deque[_Submission] = deque()
        self._waiting_count = 0
        self._stored_count = 0
        self._repeated_count = 0
        self._is_closed = False
        self._changed = threading.Condition()
        # A daemon, so that somebody who forgets to close it gets an end of the program and not a hang;
        # what then waits was never acknowledged and comes again.
        self._thread = threading.Thread(target=self._write_all, name="activity-writer", daemon=True)
        self._thread.start()

    @property
    def waiting_count(self) -> int:
        """Records that wait for their transaction or are in it."""
        return self._waiting_count

    @property
    def stored_count(self) -> int:
        """New records since the start."""
        return self._stored_count

    @property
    def repeated_count(self) -> int:
        """Records since the start that were stored before."""
        return self._repeated_count

    def record(self, records: Sequence[NewActivity]) -> "Future[list[AddedActivity]]":
        """A future that is done when the records are durable: one answer each, in order.

        It holds StoreFailed when they were not stored; the terminal sends them again. It holds InvalidInput
        when the store can take none of them, ever; other submissions do not suffer from these.

        Raises:
            EngineOverloaded: too many records wait already; nothing was done.
        """
        future: Future[list[AddedActivity]] = Future()
        if not records:
            future.set_result([])
            return future
        with self._changed:
            if self._is_closed:
                future.set_exception(StoreFailed("the server is stopping: nothing was stored"))
                return future
            # A single message beyond the bound is taken when nothing else waits, or it could never be.
            if self._waiting_count and self._waiting_count + len(records) > self._max_waiting_records:
                raise EngineOverloaded("too many records wait to be stored: send them again in a moment")
            self._waiting.append(_Submission(tuple(records), future))
            self._waiting_count += len(records)
            self._changed.notify()
        return future

    def close(self) -> None:
        """Writes what waits, then stops. Records that come later fail."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _write_all(self) -> None:
        while group := self._next_group():
            try:
                self._write(group)
            finally:
                with self._changed:
                    self._waiting_count -= sum(len(submission.records) for submission in group)

    def _next_group(self) -> list[_Submission]:
        """What has arrived, at least one submission; empty at the end."""
        group: list[_Submission] = []
        size = 0
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            while self._waiting:
                size += len(self._waiting[0].records)
                if group and size > MAX_RECORDS_PER_TRANSACTION:
                    break
                group.append(self._waiting.popleft())
        return group

    def _write(self, group: Sequence[_Submission]) -> None:
        wanted = [submission for submission in group if submission.future.set_running_or_notify_cancel()]
        if not wanted:
            return
        error = self._stored(wanted)
        if error is None:
            return
        if len(wanted) == 1:
            _fail(wanted, error)
        else:
            self._write_each(wanted)

    def _write_each(self, wanted: Sequence[_Submission]) -> None:
        """One by one: records that the store cannot take must not keep everybody else's out for ever."""
        failures = 0
        for position, submission in enumerate(wanted):
            error = self._stored([submission])
            if error is None:
                failures = 0
                continue
            _fail([submission], error)
            failures += 1
            if failures == _FAILURES_OF_AN_OUTAGE:
                _fail(wanted[position + 1 :], error)
                return

    def _stored(self, submissions: Sequence[_Submission]) -> Exception | None:
        """Stores them in one transaction and answers; what went wrong, if anything did."""
        records = [record for submission in submissions for record in submission.records]
        try:
            added = self._store.add_activity(records)
        except Exception as error:  # noqa: BLE001 - not swallowed: as from an executor, those who wait get it
            return error
        new_count = sum(one.is_new for one in added)
        self._stored_count += new_count
        self._repeated_count += len(added) - new_count
        start = 0
        for submission in submissions:
            end = start + len(submission.records)
            submission.future.set_result(added[start:end])
            start = end
        return None


def _fail(submissions: Sequence[_Submission], error: Exception) -> None:
    for submission in submissions:
        submission.future.set_exception(error)
