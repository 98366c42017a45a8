"""Telling one terminal which people are to be on it.

Numbers that terminals gave themselves may be ours for somebody else. So nobody is sent under a number that
the terminal lists, nor deleted there, unless it is known to be theirs: `Placement.was_placed`.
"""

import asyncio
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

from facegate.domain.errors import (
    BusFailed,
    CommandTimedOut,
    EngineOverloaded,
    InvalidInput,
    TerminalNotFound,
    TerminalOffline,
    TerminalRefused,
)
from facegate.domain.terminals.enrolments import PHOTO_BACKUP_NUMBER, Placement, PlacementState
from facegate.domain.terminals.user_commands import photo_credential
from facegate.ports.clock import Clock
from facegate.use_cases.terminals.placement_queue import PlacementQueue
from facegate.use_cases.terminals.users import TerminalUsers

MAX_ATTEMPTS = 3
"""A photo that a terminal swallowed so often without a trace needs somebody to look at it."""

PAUSE_S = 0.2
"""Between people, so that the terminal goes on recognising those who stand before it."""

PEOPLE_PER_LIST = 50
"""The terminal's list is read to confirm: not for each, and not so late that a lost link undoes it all."""

_MAX_ERROR_CHARS = 200

_LOST = (TerminalOffline, TerminalNotFound, CommandTimedOut, BusFailed, EngineOverloaded)


@dataclass(slots=True)
class PlacementReport:
    """What became of the people who waited for a terminal; `interruption` says why the rest still waits.

    `is_silent` when that is because the terminal did not answer.
    """

    serial_number: str
    placed_count: int = 0
    removed_count: int = 0
    refused_count: int = 0
    again_count: int = 0
    interruption: str = ""
    is_silent: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether nothing that waited at the beginning has to be tried again."""
        return not self.interruption and self.again_count == 0


class DeliverPlacements:
    """One delivery per terminal at a time, one person after the other. On the event loop."""

    def __init__(self, queue: PlacementQueue, users: TerminalUsers, clock: Clock) -> None:
        self._queue = queue
        self._users = users
        self._clock = clock
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def __call__(self, serial_number: str) -> PlacementReport:
        """Sends and confirms what waits; a terminal that is lost meanwhile is no error.

        Raises:
            StoreFailed: what waits cannot be read or kept.
        """
        lock = self._locks.setdefault(serial_number, asyncio.Lock())
        report = PlacementReport(serial_number)
        async with lock:
            waiting = await asyncio.to_thread(self._queue.waiting, serial_number)
            try:
                for start in range(0, len(waiting), PEOPLE_PER_LIST):
                    await self._some(serial_number, waiting[start : start + PEOPLE_PER_LIST], report)
            except _LOST as error:
                report.interruption = error.message
                report.is_silent = isinstance(error, CommandTimedOut)
        return report

    async def _some(self, serial_number: str, waiting: Sequence[Placement], report: PlacementReport) -> None:
        wanted = [one for one in waiting if one.state is PlacementState.WANTED]
        unwanted = []
        for placement in waiting:
            if placement.state is not PlacementState.UNWANTED:
                continue
            if placement.was_placed:
                unwanted.append(placement)
            else:  # never sent: whoever has the number there is somebody else
                report.removed_count += await self._settle(placement, None)
        if unwanted:
            await self._remove(serial_number, unwanted, report)
        if wanted:
            await self._place(serial_number, wanted, report)

    async def _remove(
        self, serial_number: str, unwanted: Sequence[Placement], report: PlacementReport
    ) -> None:
        try:
            await self._users.delete_users(serial_number, [one.enroll_id for one in unwanted])
        except TerminalRefused as error:
            if len(unwanted) == 1:
                await self._try_again(unwanted[0], error.message, report)
                return
            # Somebody is left, but who?
            for placement in unwanted:
                await self._remove(serial_number, [placement], report)
            return
        except CommandTimedOut as error:
            for placement in unwanted:
                await self._try_again(placement, error.message, report)
            raise
        for placement in unwanted:
            report.removed_count += await self._settle(placement, None)

    async def _place(self, serial_number: str, wanted: Sequence[Placement], report: PlacementReport) -> None:
        roles = await self._roles(serial_number)
        sent = []
        silence: CommandTimedOut | None = None
        for placement in wanted:
            begun: Placement | None = None
            try:
                begun = await self._begin(placement, roles, report)
                if begun is not None and await self._send(begun, roles, report):
                    sent.append(begun)
            except CommandTimedOut as error:
                await self._try_again(begun or placement, error.message, report)
                # It is busy or deaf: everybody else would cost a time-out, too.
                silence = error
                break
            await asyncio.sleep(PAUSE_S)
        if sent:
            await self._confirm(serial_number, sent, report)
        if silence is not None:
            raise silence

    async def _roles(self, serial_number: str) -> dict[int, int] | None:
        """Who is on the terminal, and as what; None when it gives no list."""
        try:
            listed = await self._users.list_users(serial_number)
        except TerminalRefused:
            return None
        return {user.enroll_id: user.role for user in listed}

    async def _begin(
        self, placement: Placement, roles: dict[int, int] | None, report: PlacementReport
    ) -> Placement | None:
        """The placement, marked as theirs before anything is sent; None where it must not or need not be."""
        if placement.was_placed:
            return placement
        number = placement.enroll_id
        if roles is None:
            is_known = await self._users.has_photo(placement.serial_number, number)
        else:
            is_known = number in roles
        if is_known:
            error = (
                f"the terminal knows somebody by number {number}: accept their enrolment or delete them there"
            )
            await self._refuse(placement, error, report)
            return None
        marked = replace(placement, was_placed=True)
        return marked if await self._settle(placement, marked) else None

    async def _send(
        self, placement: Placement, roles: dict[int, int] | None, report: PlacementReport
    ) -> bool:
        """Whether the terminal says that it took the photo."""
        photo = await asyncio.to_thread(self._queue.photo, placement)
        if photo is None:
            await self._refuse(placement, "the photo is missing: place the person again", report)
            return False
        # A photo must not make a user of the terminal's administrator.
        role = (roles or {}).get(placement.enroll_id, 0)
        try:
            credential = photo_credential(
                placement.enroll_id, placement.name, photo, role=role if role in (1, 2) else 0
            )
            await self._users.set_user(placement.serial_number, credential)
        except (TerminalRefused, InvalidInput) as error:
            # Then nobody is there under this number who was not before.
            was_there = roles is None or placement.enroll_id in roles
            await self._refuse(replace(placement, was_placed=was_there), error.message, report, placement)
            return False
        return True

    async def _confirm(self, serial_number: str, sent: Sequence[Placement], report: PlacementReport) -> None:
        """A terminal can say yes without having made a face of the photo; its list tells the truth."""
        with_photo, is_complete = await self._with_photo(serial_number)
        for placement in sent:
            is_there = placement.enroll_id in with_photo
            if not is_there and not is_complete:
                is_there = await self._users.has_photo(serial_number, placement.enroll_id)
            if is_there:
                done = replace(
                    placement,
                    state=PlacementState.PLACED,
                    photo=None,
                    changed_at=self._clock.now_utc(),
                    attempt_count=placement.attempt_count + 1,
                    last_error="",
                )
                report.placed_count += await self._settle(placement, done)
            else:
                await self._try_again(placement, "the terminal took the photo but does not list it", report)

    async def _with_photo(self, serial_number: str) -> tuple[set[int], bool]:
        """The numbers that are listed with a photo, and whether the list was read to its end."""
        try:
            read = await self._users.read_users(serial_number)
        except TerminalRefused:
            return set(), False
        found = {user.enroll_id for user in read.users if PHOTO_BACKUP_NUMBER in user.backup_numbers}
        return found, read.is_complete

    async def _try_again(self, placement: Placement, error: str, report: PlacementReport) -> None:
        """Later, unless it was tried too often. A removal is tried for ever."""
        attempt_count = placement.attempt_count + 1
        if placement.state is PlacementState.WANTED and attempt_count >= MAX_ATTEMPTS:
            await self._refuse(placement, error, report)
            return
        again = replace(placement, attempt_count=attempt_count, last_error=error[:_MAX_ERROR_CHARS])
        report.again_count += await self._settle(placement, again)

    async def _refuse(
        self, placement: Placement, error: str, report: PlacementReport, before: Placement | None = None
    ) -> None:
        """The photo goes: it waits for nothing any more. `before` is what is stored, where that differs."""
        refused = replace(
            placement,
            state=PlacementState.REFUSED,
            photo=None,
            changed_at=self._clock.now_utc(),
            attempt_count=placement.attempt_count + 1,
            last_error=error[:_MAX_ERROR_CHARS],
        )
        report.refused_count += await self._settle(before or placement, refused)

    async def _settle(self, before: Placement, after: Placement | None) -> bool:
        return await asyncio.to_thread(self._queue.settle, before, after)
