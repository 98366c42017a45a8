"""What is to be told of cameras, kept until it is stored: an outage of the database loses no visit."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.status import CameraStatus
from facegate.domain.cameras.visits import VisitChange, VisitChangeKind
from facegate.domain.errors import StoreFailed
from facegate.use_cases.cameras.fault_log import FaultLog, words_of
from facegate.use_cases.cameras.reports import VisitReports

logger = logging.getLogger(__name__)

_MAX_WAITING = 5_000
_MAX_WAITING_WITH_SHOTS = 100
"""Each holds a picture of up to some megabytes; during a long outage visits are kept without."""

_MAX_ATTEMPTS_AT_A_BUG = 3
_LAST_WRITE_SHARE = 0.2

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 5.0


@dataclass(frozen=True, slots=True, eq=False)
class _Report:
    """Something to be told; `visits` when it is about these."""

    tell: Callable[["_Report"], None]
    camera: Camera
    visits: tuple[VisitChange, ...] = ()

    @property
    def is_made_up_for(self) -> bool:
        """Whether a later report of the same visits says all that this one does."""
        return bool(self.visits) and all(change.kind is not VisitChangeKind.ENDED for change in self.visits)

    def without_shots(self) -> "_Report":
        bare = tuple(
            replace(change, visit=replace(change.visit, shot=None)) if change.visit.shot else change
            for change in self.visits
        )
        return replace(self, visits=bare)


class ReportQueue:
    """Tells `reports` on a thread of its own, in order, again and again while the store fails.

    Who reports never waits. Safe from several threads.
    """

    def __init__(self, reports: VisitReports, *, first_pause_s: float = _FIRST_PAUSE_S) -> None:
        self._reports = reports
        self._first_pause_s = first_pause_s
        self._changed = threading.Condition()
        self._waiting: deque[_Report] = deque()
        self._lost_count = 0
        self._is_closing = False
        self._has_ended = False
        self._gives_up = threading.Event()
        self._faults = FaultLog(logger, "storing what cameras saw")
        self._thread = threading.Thread(target=self._tell_all, name="camera-reports")

    @property
    def waiting_count(self) -> int:
        """Reports that are not stored yet."""
        return len(self._waiting)

    @property
    def lost_count(self) -> int:
        """Reports since the start that were given up: too many waited, or a bug."""
        return self._lost_count

    def start(self) -> None:
        """Begins to tell."""
        self._thread.start()

    def visits_changed(self, camera: Camera, changes: Sequence[VisitChange]) -> None:
        """Nothing to be told is nothing to be done."""
        if changes:
            self._put(_Report(self._tell_visits, camera, tuple(changes)))

    def camera_down(self, camera: Camera, status: CameraStatus) -> None:
        """As `VisitReports` has it."""
        self._put(_Report(lambda report: self._reports.camera_down(report.camera, status), camera))

    def camera_up(self, camera: Camera, status: CameraStatus, was_down_s: float | None) -> None:
        """As `VisitReports` has it."""
        self._put(_Report(lambda report: self._reports.camera_up(report.camera, status, was_down_s), camera))

    def close(self, timeout_s: float) -> None:
        """Tells what waits, as long as that takes no longer than this; then ends.

        The last part of the time is for a write that is under way.
        """
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join((1.0 - _LAST_WRITE_SHARE) * timeout_s)
            self._gives_up.set()
            self._thread.join(_LAST_WRITE_SHARE * timeout_s)
        with self._changed:
            self._has_ended = True
        if self._waiting:
            logger.error("%d reports of cameras could not be stored and are lost", len(self._waiting))

    def _put(self, report: _Report) -> None:
        with self._changed:
            if self._has_ended:
                self._lost_count += 1
                logger.error("a report of camera %s came after the end and is lost", report.camera.camera_id)
                return
            self._waiting.append(report)
            if len(self._waiting) > _MAX_WAITING_WITH_SHOTS:
                place = len(self._waiting) - _MAX_WAITING_WITH_SHOTS - 1
                self._waiting[place] = self._waiting[place].without_shots()
            if len(self._waiting) > _MAX_WAITING:
                del self._waiting[self._expendable()]
                self._lost_count += 1
            self._changed.notify()

    def _expendable(self) -> int:
        """Which one may go: a beginning is made up for by its end, an end by nothing."""
        # The first one may be under way.
        later = range(1, len(self._waiting))
        return next((place for place in later if self._waiting[place].is_made_up_for), 1)

    def _tell_all(self) -> None:
        attempts = 0
        while (report := self._first()) is not None:
            error = self._told(report)
            attempts = 0 if error is None else attempts + 1
            is_bug = error is not None and not isinstance(error, StoreFailed)
            if error is not None and is_bug and attempts >= _MAX_ATTEMPTS_AT_A_BUG:
                logger.error("a report of camera %s is lost: %s", report.camera.camera_id, words_of(error))
                self._lost_count += 1
                error, attempts = None, 0
            if error is None:
                with self._changed:
                    self._waiting.popleft()
            elif self._gives_up.wait(min(_LONGEST_PAUSE_S, self._first_pause_s * 2 ** min(attempts - 1, 10))):
                return

    def _first(self) -> _Report | None:
        """The next one, which stays in the queue; None at the end."""
        with self._changed:
            while not self._waiting:
                if self._is_closing:
                    self._has_ended = True
                    return None
                self._changed.wait()
            return None if self._gives_up.is_set() else self._waiting[0]

    def _told(self, report: _Report) -> Exception | None:
        try:
            report.tell(report)
        except Exception as error:  # noqa: BLE001 - not swallowed: it is tried again, and logged
            self._faults.failed(error)
            return error
        self._faults.went_well()
        return None

    def _tell_visits(self, report: _Report) -> None:
        self._reports.visits_changed(report.camera, report.visits)
