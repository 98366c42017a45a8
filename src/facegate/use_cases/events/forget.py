"""Taking persons out of the history: the events stay, of somebody who was deleted.

How nothing outlives its person: the gallery calls `ForgetEvents` before and after it removes somebody; what
is written meanwhile is held against the gallery after the write, by `ForgetGone`; and the sweep looks at the
last days once more, so that whatever broke off heals.
"""

import threading
from collections.abc import Callable, Collection

from facegate.ports.events.event_store import EventStore
from facegate.ports.events.shot_store import ShotStore

_MAX_REMEMBERED = 10_000


class ForgetEvents:
    """Takes persons out of events, and deletes the pictures of these; the gallery calls it."""

    def __init__(self, store: EventStore, shots: ShotStore) -> None:
        self._store = store
        self._shots = shots
        self._lock = threading.Lock()
        self._left: set[str] = set()

    def __call__(self, subject_ids: Collection[str]) -> None:
        """Also out of candidates, facts, marks and messages that wait.

        Raises:
            StoreFailed: something is still there; calling again goes on.
        """
        found = self._store.forget_subjects(subject_ids)
        # Once the events name nobody they do not tell whose pictures these were: known here until they go.
        with self._lock:
            self._left.update(found)
            to_go = sorted(self._left)
        if to_go:
            self._shots.delete(to_go)
            with self._lock:
                self._left.difference_update(to_go)


class ForgetGone:
    """Forgets those who are no longer enrolled, and nobody else. Safe from several threads."""

    def __init__(
        self,
        is_enrolled: Callable[[str], bool],
        forget: Callable[[Collection[str]], None],
        removal_count: Callable[[], int] | None = None,
    ) -> None:
        """`is_enrolled` tells whether a subject id is in the gallery; may raise StoreFailed.

        With `removal_count`, the gallery's, nobody is asked for twice while nobody is removed: a question is
        a quarter of a millisecond, and a busy door notes the same persons again and again.
        """
        self._is_enrolled = is_enrolled
        self._forget = forget
        self._removal_count = removal_count
        self._known: tuple[int | None, frozenset[str]] = (None, frozenset())

    def __call__(self, subject_ids: Collection[str]) -> None:
        """Does nothing when all are enrolled.

        Raises:
            StoreFailed: the gallery cannot be asked, or something is still there.
        """
        # Before anybody is asked for: whoever goes meanwhile makes the number a different one.
        count = None if self._removal_count is None else self._removal_count()
        counted, enrolled = self._known
        known = enrolled if count is not None and count == counted else frozenset[str]()
        asked = [subject_id for subject_id in subject_ids if subject_id not in known]
        gone = [subject_id for subject_id in asked if not self._is_enrolled(subject_id)]
        if count is not None and asked:
            newly_known = known.union(asked).difference(gone)
            # One assignment: another thread must not see these beside the number of others.
            self._known = (count, newly_known if len(newly_known) <= _MAX_REMEMBERED else frozenset())
        if gone:
            self._forget(gone)
