"""What every EvidenceStore promises, run over files and the fake."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes.enrolments import NOON, later
from tests.fakes.evidence import PICTURE, InMemoryEvidenceStore, a_record

from facegate.adapters.evidence_files import FileEvidenceStore
from facegate.domain.presence.evidence import EvidencePlace, EvidenceQuery
from facegate.domain.presence.verdicts import Reason
from facegate.ports.evidence_store import EvidenceStore


@pytest.fixture(params=["fake", "files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> EvidenceStore:
    return InMemoryEvidenceStore() if request.param == "fake" else FileEvidenceStore(tmp_path / "evidence")


def test_an_empty_store(store: EvidenceStore) -> None:
    assert store.list_records(EvidenceQuery()) == []
    assert store.summaries() == []
    assert store.total_bytes() == 0
    assert store.remove_leftovers() == 0
    assert store.delete(["0" * 32]) == 0


def test_a_piece_comes_back_equal(store: EvidenceStore) -> None:
    record = a_record(NOON, "пользователь/🙂")
    store.save(record, PICTURE)
    assert store.find(record.evidence_id) == record
    assert store.open_picture(record.evidence_id) == PICTURE
    assert store.list_records(EvidenceQuery()) == [record]


def test_what_is_not_there(store: EvidenceStore) -> None:
    store.save(a_record(NOON), PICTURE)
    for unknown in ("0" * 32, "", "../../etc/passwd", "nul\0", "a" * 5000):
        assert store.find(unknown) is None
        assert store.open_picture(unknown) is None
        assert store.delete([unknown]) == 0


def test_summaries_are_oldest_first_and_add_up(store: EvidenceStore) -> None:
    records = [a_record(later(seconds)) for seconds in (100_000, 0, -200_000, 50)]
    for record in records:
        store.save(record, PICTURE)
    summaries = store.summaries()
    assert [summary.evidence_id for summary in summaries] == [
        records[index].evidence_id for index in (2, 1, 3, 0)
    ]
    first = summaries[0]
    assert (first.at, first.client_id, first.reason, first.subject_ids, first.is_damaged) == (
        records[2].at,
        "ann",
        Reason.WRONG_USER,
        ("ann", "bob"),
        False,
    )
    assert all(summary.byte_count >= len(PICTURE) for summary in summaries)
    assert store.total_bytes() == sum(summary.byte_count for summary in summaries)


def test_lists_answer_the_query_newest_first(store: EvidenceStore) -> None:
    old, phone, other, new = (
        a_record(later(0)),
        a_record(later(10), reason=Reason.PHONE_DETECTION),
        a_record(later(20), "cat"),
        a_record(later(30)),
    )
    for record in (new, old, other, phone):
        store.save(record, PICTURE)

    def listed(query: EvidenceQuery) -> list[str]:
        return [record.evidence_id for record in store.list_records(query)]

    assert listed(EvidenceQuery()) == [one.evidence_id for one in (new, other, phone, old)]
    assert listed(EvidenceQuery(client_id="ann", reason=Reason.WRONG_USER)) == [
        new.evidence_id,
        old.evidence_id,
    ]
    assert listed(EvidenceQuery(since=later(10), until=later(30))) == [other.evidence_id, phone.evidence_id]
    assert listed(EvidenceQuery(limit=2)) == [new.evidence_id, other.evidence_id]
    assert listed(EvidenceQuery(client_id="nobody")) == []


def test_pages_hold_when_pieces_come_and_go_between(store: EvidenceStore) -> None:
    # Three share a moment: ids settle the order, and no piece is skipped or shown twice.
    records = [a_record(later(second)) for second in (1, 2, 2, 2, 3)]
    for record in records:
        store.save(record, PICTURE)
    seen, after = [], None
    while page := store.list_records(EvidenceQuery(after=after, limit=2)):
        seen += [record.evidence_id for record in page]
        after = EvidencePlace(page[-1].at, page[-1].evidence_id)
        store.delete([page[-1].evidence_id])
        store.save(a_record(later(9)), PICTURE)
    assert sorted(seen) == sorted(record.evidence_id for record in records)


def test_deleting_counts_what_was_there(store: EvidenceStore) -> None:
    records = [a_record(later(second)) for second in range(4)]
    for record in records:
        store.save(record, PICTURE)
    ids = [record.evidence_id for record in records]
    assert store.delete([ids[0], ids[2], ids[2], "0" * 32]) == 2
    assert [summary.evidence_id for summary in store.summaries()] == [ids[1], ids[3]]
    assert store.find(ids[0]) is None
    assert store.open_picture(ids[0]) is None
    assert store.delete(ids) == 2
    assert store.total_bytes() == 0


def test_threads_that_write_sweep_and_delete_leave_whole_pieces(store: EvidenceStore) -> None:
    failures: list[BaseException] = []
    kept: list[str] = []

    def come_and_go(day: int) -> None:
        try:
            for number in range(12):
                record = a_record(NOON + timedelta(days=day % 2, seconds=number), f"client {day}")
                store.save(record, PICTURE)
                store.remove_leftovers()
                if number % 3:
                    store.delete([record.evidence_id])
                else:
                    kept.append(record.evidence_id)
        except BaseException as error:  # noqa: BLE001 - the test's own thread must not swallow it
            failures.append(error)

    threads = [threading.Thread(target=come_and_go, args=(day,)) for day in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {summary.evidence_id for summary in store.summaries()} == set(kept)
    assert all(store.open_picture(evidence_id) == PICTURE for evidence_id in kept)


def test_a_record_without_another_person(store: EvidenceStore) -> None:
    record = replace(a_record(NOON, actual_username="unknown", subject_ids=("ann",)), cues=(), checks={})
    store.save(record, PICTURE)
    assert store.find(record.evidence_id) == record
