"""Looking at what terminals reported."""

from datetime import UTC, datetime

from tests.fakes.terminals import FakeActivityStore

from facegate.domain.terminals.activity import (
    ActivityQuery,
    ActivityRecord,
    NewActivity,
    SnapshotCheck,
    SnapshotVerdict,
)
from facegate.use_cases.terminals.browse import BrowseActivity

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_what_was_stored_is_listed_found_counted_and_checked() -> None:
    store = FakeActivityStore()
    browse = BrowseActivity(store)
    store.add_activity(
        [
            NewActivity(f"ZX{number % 2}", ActivityRecord(number, "2026-01-02 00:00:00"), NOW)
            for number in range(1, 6)
        ]
    )
    newest = browse.list(ActivityQuery(serial_number="ZX1"), limit=2)
    assert [one.record.enroll_id for one in newest] == [5, 3]
    oldest = browse.list(ActivityQuery(), limit=1, newest_first=False)
    assert [one.record.enroll_id for one in oldest] == [1]
    assert [one.activity_id for one in browse.iterate(ActivityQuery(after_id=3))] == [4, 5]
    assert (browse.count(), browse.count("ZX0")) == (5, 2)
    check = SnapshotCheck(SnapshotVerdict.CONFIRMED, "ann", 0.9)
    browse.save_check(2, check)
    found = browse.find(2)
    assert found is not None
    assert found.check == check
    assert browse.find(99) is None
