"""Which rows a query means, and which index finds them. No SQL is run here.

Nobody has told SQLite how the values of a column are spread, and PostgreSQL believes that a page of fifty is
quickly found anywhere. So one condition, the one that leaves least, is left to an index, and the others are
written so that no index has them. All of these indexes hold the ids in order: a page is read, not sorted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, not_

from facegate.adapters.sql_store.rows import is_storable, storable, to_us
from facegate.adapters.sql_store.watching.tables import (
    IS_RARE,
    IS_REVIEWED,
    IS_STRANGER,
    RARE_KINDS,
    events,
)
from facegate.domain.events.event import EventQuery, ReviewState

_columns = events.c

_Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class _Choice:
    """One wish of a query in two spellings. `indexed` is None where no index is of use."""

    unindexed: _Condition
    indexed: _Condition | None = None
    is_narrow: bool = False
    """Whether it leaves little of a million events, unlike a place or a door."""


def can_fit(query: EventQuery) -> bool:
    """False when no row can hold what is asked for."""
    return all(text is None or is_storable(text) for text in (query.subject_id, query.place_id))


@dataclass(frozen=True, slots=True)
class IdRange:
    """Ids from `first` and after `after`, up to `last` and before `before`; None does not restrict.

    One condition for each end: of two, SQLite takes the first to look up by, and reads on where it stands in
    the middle of a table from the beginning.
    """

    first: str | None = None
    last: str | None = None
    after: str | None = None
    before: str | None = None

    def conditions(self) -> list[_Condition]:
        """At most two."""
        wanted: list[_Condition] = []
        if self.after is not None and (self.first is None or self.after >= self.first):
            wanted.append(_columns.event_id > self.after)
        elif self.first is not None:
            wanted.append(_columns.event_id >= self.first)
        if self.before is not None and (self.last is None or self.before <= self.last):
            wanted.append(_columns.event_id < self.before)
        elif self.last is not None:
            wanted.append(_columns.event_id <= self.last)
        return wanted


def storable_before(query: EventQuery) -> str | None:
    """The place of the page; an id never holds what is left out."""
    return None if query.before_id is None else storable(query.before_id.partition("\0")[0])


def conditions(query: EventQuery) -> list[_Condition]:
    """What rows fulfil, but for the time and the place of a page: see `time_conditions` and `IdRange`."""
    wanted: list[_Condition] = []
    is_index_chosen = False
    for choice in _choices(query):
        if choice.indexed is not None and not is_index_chosen:
            wanted.append(choice.indexed)
            is_index_chosen = True
        else:
            wanted.append(choice.unindexed)
    return wanted


def time_conditions(query: EventQuery, *, is_indexed: bool) -> list[_Condition]:
    """From inclusive, until exclusive."""
    moment: Any = _columns.occurred_at_us if is_indexed else _columns.occurred_at_us + 0
    wanted: list[_Condition] = []
    if query.from_at is not None:
        wanted.append(moment >= to_us(query.from_at))
    if query.until_at is not None:
        wanted.append(moment < to_us(query.until_at))
    return wanted


def count_conditions(query: EventQuery) -> list[_Condition]:
    """All of them, for counting: a stretch of time leaves less than a place or a door."""
    moments = time_conditions(query, is_indexed=True)
    choices = list(_choices(query))
    page = IdRange(before=storable_before(query)).conditions()
    if not moments or any(choice.is_narrow for choice in choices):
        return [*conditions(query), *page, *time_conditions(query, is_indexed=False)]
    return [*moments, *page, *(choice.unindexed for choice in choices)]


def _choices(query: EventQuery) -> Iterator[_Choice]:
    """The narrowest first."""
    if query.subject_id is not None:
        yield _is(_columns.subject_id, query.subject_id, is_narrow=True)
    if query.reviews:
        is_narrow = ReviewState.NOT_NEEDED not in query.reviews
        yield _one_of(_columns.review, query.reviews, IS_REVIEWED if is_narrow else None)
    if query.kinds:
        is_narrow = {kind.value for kind in query.kinds} <= set(RARE_KINDS)
        yield _one_of(_columns.kind, query.kinds, IS_RARE if is_narrow else None)
    if query.is_stranger is not None:
        # In the words of the index in both spellings: it is the same to a reader of either.
        wanted = IS_STRANGER if query.is_stranger else not_(IS_STRANGER)
        yield _Choice(wanted, wanted if query.is_stranger else None, is_narrow=query.is_stranger)
    if query.place_id is not None:
        yield _is(_columns.place_id, query.place_id)
    if len(query.doors) == 1:
        (door,) = query.doors
        yield _is(_columns.door, door.value)
    elif query.doors:
        yield _one_of(_columns.door, query.doors, None)
    if query.bands:
        yield _one_of(_columns.band, query.bands, None)


def _is(column: Any, value: str, *, is_narrow: bool = False) -> _Choice:
    return _Choice(column.concat("") == value, column == value, is_narrow)


def _one_of(column: Any, wanted: Any, condition_of_index: _Condition | None) -> _Choice:
    """With the condition of an index that holds only rows of the rarer values, where there is one."""
    values = sorted(value.value for value in wanted)
    unindexed = column.concat("").in_(values)
    if condition_of_index is None:
        return _Choice(unindexed)
    return _Choice(unindexed, and_(condition_of_index, column.in_(values)), is_narrow=True)
