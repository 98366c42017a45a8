"""Keeping, sweeping and forgetting evidence, over the real gallery where persons go."""

import threading
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.engine import FAKE_IDENTITY
from tests.fakes.enrolments import NOON, enrolment
from tests.fakes.evidence import PICTURE, InMemoryEvidenceStore, a_frame, a_record
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.unit.use_cases.conftest import CURVE

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.pillow_images.jpeg_encoder import PillowJpegEncoder
from facegate.domain.errors import StoreFailed, SubjectNotFound
from facegate.domain.matching import MatchPolicy
from facegate.domain.presence.evidence import EvidencePolicy, EvidenceRecord, EvidenceSummary
from facegate.domain.presence.verdicts import Action, Check, CheckState, Cue, Finding, Reason, Verdict
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.keep_evidence import EvidenceCounts, KeepEvidence
from facegate.use_cases.presence.sweep_evidence import ForgetEvidence, SweepEvidence

LOCKED = Verdict(
    Action.LOCK_SCREEN,
    Reason.WRONG_USER,
    "bob",
    (Cue(Finding.OTHER_PERSON, 0.7, 0.4),),
    {Check.IDENTITY: CheckState.RAN},
)
SIGNED_OUT = Verdict(Action.SIGN_OUT, Reason.PHONE_DETECTION, "ann")


class BrittleStore(InMemoryEvidenceStore):
    """A store whose disk fails for as long as the test says; `before_save` runs when a write begins."""

    def __init__(self) -> None:
        super().__init__()
        self.is_broken = False
        self.before_save: Callable[[], None] = lambda: None

    def save(self, record: EvidenceRecord, picture: bytes) -> None:
        self._touch()
        self.before_save()
        super().save(record, picture)

    def summaries(self) -> list[EvidenceSummary]:
        self._touch()
        return super().summaries()

    def delete(self, evidence_ids: Iterable[str]) -> int:
        self._touch()
        return super().delete(evidence_ids)

    def _touch(self) -> None:
        if self.is_broken:
            raise StoreFailed("the disk does not answer")


class World:
    """A gallery with ann, bob and cat, and everything about evidence around it."""

    def __init__(self, policy: EvidencePolicy | None = None) -> None:
        self.clock = FakeClock(NOON)
        self.store = BrittleStore()
        self.gallery_store = InMemoryGalleryStore(self.clock)
        forget = ForgetEvidence(self.store)
        self.gallery = Gallery(
            self.gallery_store, ExactTemplateIndex(FAKE_IDENTITY), MatchPolicy(CURVE), [forget]
        )
        for name in ("ann", "bob", "cat"):
            self.gallery.enrol(enrolment(name))
        policy = policy or EvidencePolicy()
        self.sweep = SweepEvidence(
            self.store, policy, self.clock, lambda one: self.gallery.find_subject(one) is not None
        )
        self.keep = KeepEvidence(self.store, PillowJpegEncoder(), policy, self.clock, self.sweep)

    def kept_clients(self) -> list[str | None]:
        return [summary.client_id for summary in self.store.summaries()]


def test_a_violation_is_kept_with_what_explains_it() -> None:
    world = World()
    evidence_id = world.keep("ann", a_frame(), LOCKED)
    assert evidence_id is not None
    record, picture = world.store.find(evidence_id), world.store.open_picture(evidence_id)
    assert record is not None
    assert picture is not None
    assert picture.startswith(b"\xff\xd8")
    assert record == EvidenceRecord(
        evidence_id,
        "ann",
        NOON,
        LOCKED.action,
        LOCKED.reason,
        "bob",
        LOCKED.cues,
        {Check.IDENTITY: CheckState.RAN},
        ("ann", "bob"),
        len(picture),
    )


@pytest.mark.parametrize("action", [Action.NONE, Action.WARNING, Action.ERROR])
def test_what_is_no_violation_is_not_kept(action: Action) -> None:
    world = World()
    assert world.keep("ann", a_frame(), Verdict(action, Reason.PAUSED_CLIENT, "ann")) is None
    assert world.store.summaries() == []


def test_off_touches_neither_encoder_nor_store() -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"{name} was asked for")

    untouchable, policy = Untouchable(), EvidencePolicy(is_kept=False)
    sweep = SweepEvidence(untouchable, policy, FakeClock(), lambda _: True)  # type: ignore[arg-type]
    keep = KeepEvidence(untouchable, untouchable, policy, FakeClock(), sweep)  # type: ignore[arg-type]
    assert keep("ann", a_frame(), LOCKED) is None
    assert keep.counts() == EvidenceCounts(0, 0, 0)


def test_one_piece_per_client_reason_and_interval() -> None:
    world = World(EvidencePolicy(min_interval_s=10.0))
    times_s = {"ann": [0, 4, 9, 10, 19, 21], "bob": [4]}
    for second in range(25):
        for client_id, frames_at_s in times_s.items():
            if second in frames_at_s:
                world.keep(client_id, a_frame(), LOCKED)
        if second == 9:
            world.keep("ann", a_frame(), SIGNED_OUT)
        world.clock.advance(1.0)
    kept = [(one.client_id, one.reason, (one.at - NOON).seconds) for one in world.store.summaries()]
    assert kept == [
        ("ann", Reason.WRONG_USER, 0),
        ("bob", Reason.WRONG_USER, 4),
        ("ann", Reason.PHONE_DETECTION, 9),
        ("ann", Reason.WRONG_USER, 10),
        ("ann", Reason.WRONG_USER, 21),
    ]
    assert world.keep.counts() == EvidenceCounts(kept_count=5, skipped_count=3, failed_count=0)


def test_many_threads_keep_one_piece() -> None:
    world = World()
    threads = [threading.Thread(target=world.keep, args=("ann", a_frame(), LOCKED)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.kept_clients() == ["ann"]
    assert world.keep.counts() == EvidenceCounts(kept_count=1, skipped_count=7, failed_count=0)


def test_a_failing_store_is_counted_and_left_in_peace_for_the_interval() -> None:
    world = World(EvidencePolicy(min_interval_s=10.0))
    world.store.is_broken = True
    assert world.keep("ann", a_frame(), LOCKED) is None
    assert world.keep("ann", a_frame(), LOCKED) is None
    assert world.keep.counts() == EvidenceCounts(kept_count=0, skipped_count=1, failed_count=1)
    world.store.is_broken = False
    world.clock.advance(10.0)
    assert world.keep("ann", a_frame(), LOCKED) is not None


def test_a_write_beyond_the_limit_makes_room_at_once() -> None:
    size_bytes = len(PillowJpegEncoder().encode(a_frame()))
    world = World(EvidencePolicy(max_bytes=3 * size_bytes, min_interval_s=0.0))
    for _ in range(10):
        world.keep("ann", a_frame(), LOCKED)
        world.clock.advance(1.0)
        assert world.store.total_bytes() <= 3 * size_bytes
    newest = [(summary.at - NOON).seconds for summary in world.store.summaries()]
    assert newest == [8, 9]


def test_room_that_cannot_be_made_does_not_lose_the_piece() -> None:
    world = World(EvidencePolicy(min_interval_s=0.0))
    world.gallery_store.close()  # whether ann is still enrolled cannot be told
    assert world.keep("ann", a_frame(), LOCKED) is not None
    assert world.keep.counts().failed_count == 0


ages = st.timedeltas(timedelta(days=-1), timedelta(days=60))


@given(
    st.lists(st.tuples(ages, st.integers(1, 500), st.sampled_from(["ann", "bob", "gone"])), max_size=30),
    st.floats(0.5, 50.0),
    st.integers(0, 6000),
)
def test_after_a_sweep_all_limits_hold_and_nothing_else_is_missing(
    pieces: list[tuple[timedelta, int, str]], retention_days: float, max_bytes: int
) -> None:
    world = World(EvidencePolicy(retention_days=retention_days, max_bytes=max_bytes))
    records = [
        a_record(NOON - age, client_id, actual_username="unknown", subject_ids=(client_id,))
        for age, _, client_id in pieces
    ]
    for record, (_, size_bytes, _) in zip(records, pieces, strict=True):
        world.store.save(record, bytes(size_bytes))
    before_bytes = world.store.total_bytes()
    report = world.sweep()
    kept = world.store.summaries()
    kept_ids = {summary.evidence_id for summary in kept}
    oldest_allowed = NOON - timedelta(days=retention_days)
    assert world.store.total_bytes() <= max_bytes
    assert all(summary.at >= oldest_allowed and summary.client_id != "gone" for summary in kept)
    missing = [
        record
        for record in records
        if record.evidence_id not in kept_ids and record.at >= oldest_allowed and record.client_id != "gone"
    ]
    if missing:  # then it was for size: the total was beyond it, and nothing older was spared
        assert before_bytes > max_bytes
        newest_missing = max((record.at, record.evidence_id) for record in missing)
        assert all((summary.at, summary.evidence_id) > newest_missing for summary in kept)
    deleted_count = report.orphan_count + report.expired_count + report.surplus_count
    assert report.surplus_count == len(missing)
    assert (report.kept_count, report.kept_bytes) == (len(kept), world.store.total_bytes())
    assert deleted_count == len(pieces) - len(kept)
    assert world.sweep() == type(report)(0, 0, 0, 0, len(kept), report.kept_bytes, 0)


def test_a_removed_person_takes_along_every_piece_that_concerns_them() -> None:
    world = World()
    world.store.save(a_record(NOON, "ann", actual_username="bob"), PICTURE)
    world.store.save(a_record(NOON, "bob", actual_username="unknown", subject_ids=("bob",)), PICTURE)
    world.store.save(a_record(NOON, "ann", actual_username="cat"), PICTURE)
    world.gallery.remove_subject("bob")
    assert [one.subject_ids for one in world.store.summaries()] == [("ann", "cat")]


def test_a_person_whose_evidence_cannot_be_deleted_is_still_there() -> None:
    world = World()
    world.store.save(a_record(NOON, "ann"), PICTURE)
    world.store.is_broken = True
    with pytest.raises(StoreFailed):
        world.gallery.remove_subject("ann")
    assert world.gallery.find_subject("ann") is not None
    world.store.is_broken = False
    world.gallery.remove_subject("ann")
    assert world.store.summaries() == []
    with pytest.raises(SubjectNotFound):
        world.gallery.remove_subject("ann")


def test_what_is_written_while_its_person_goes_goes_too() -> None:
    after, between = World(), World()
    # The person goes wholly before the write is done: the write itself notices.
    after.store.before_save = lambda: after.gallery.remove_subject("ann")
    assert after.keep("ann", a_frame(), LOCKED) is None
    assert after.store.summaries() == []

    # The write is done after the first look at evidence, while the person is still in the gallery.
    class WritesMeanwhile(InMemoryGalleryStore):
        def remove_subject(self, subject_id: str) -> tuple[str, ...] | None:
            assert between.keep("ann", a_frame(), LOCKED) is not None
            return super().remove_subject(subject_id)

    gallery_store = WritesMeanwhile(between.clock)
    between.gallery = Gallery(
        gallery_store,
        ExactTemplateIndex(FAKE_IDENTITY),
        MatchPolicy(CURVE),
        [ForgetEvidence(between.store)],
    )
    for name in ("ann", "bob"):
        between.gallery.enrol(enrolment(name))
    between.gallery.remove_subject("ann")
    assert between.store.summaries() == []


def test_a_removal_that_broke_off_is_healed_by_the_sweep() -> None:
    world = World()
    world.store.save(a_record(NOON, "ann", actual_username="bob"), PICTURE)
    world.store.save(a_record(NOON, "cat", actual_username="unknown", subject_ids=("cat",)), PICTURE)
    world.gallery_store.remove_subject("bob")  # the store's part alone, as after a crash
    assert world.sweep().orphan_count == 1
    assert world.kept_clients() == ["cat"]


def test_a_gallery_that_cannot_be_read_makes_no_orphans() -> None:
    world = World()
    world.store.save(a_record(NOON, "ann"), PICTURE)
    world.gallery_store.close()
    with pytest.raises(StoreFailed):
        world.sweep()
    assert world.kept_clients() == ["ann"]


def test_restoring_another_gallery_takes_evidence_of_those_who_are_gone() -> None:
    world = World()
    for name in ("ann", "bob", "cat"):
        world.store.save(a_record(NOON, name, actual_username=name, subject_ids=(name,)), PICTURE)
    world.gallery.restore([enrolment("dan")], replace=False)
    assert set(world.kept_clients()) == {"ann", "bob", "cat"}
    world.gallery.restore([enrolment("bob"), enrolment("eve")], replace=True)
    assert world.kept_clients() == ["bob"]


def test_a_restore_that_fails_takes_no_evidence() -> None:
    world = World()
    world.store.save(a_record(NOON, "ann"), PICTURE)
    world.gallery_store.close()
    with pytest.raises(StoreFailed):
        world.gallery.restore([enrolment("eve")], replace=True)
    assert world.kept_clients() == ["ann"]


def test_damaged_records_go_with_whoever_goes() -> None:
    class WithDamage(InMemoryEvidenceStore):
        deleted: tuple[str, ...] = ()

        def summaries(self) -> list[EvidenceSummary]:
            return [EvidenceSummary("d" * 32, NOON, 10, client_id=None, reason=None)]

        def delete(self, evidence_ids: Iterable[str]) -> int:
            self.deleted = tuple(evidence_ids)
            return len(self.deleted)

    store = WithDamage()
    ForgetEvidence(store)(["ann"])
    assert store.deleted == ("d" * 32,)


def test_removing_nobody_deletes_nothing() -> None:
    world = World()
    world.store.save(a_record(NOON, "ann"), PICTURE)
    asked_for: list[Collection[str]] = []
    gallery = Gallery(
        world.gallery_store, ExactTemplateIndex(FAKE_IDENTITY), MatchPolicy(CURVE), [asked_for.append]
    )
    with pytest.raises(SubjectNotFound):
        gallery.remove_subject("nobody")
    assert asked_for == []


def test_many_persons_are_forgotten_in_one_look() -> None:
    class Counting(InMemoryEvidenceStore):
        look_count = 0

        def summaries(self) -> list[EvidenceSummary]:
            self.look_count += 1
            return super().summaries()

    store = Counting()
    forget: Callable[[Collection[str]], None] = ForgetEvidence(store)
    forget({f"person {number}" for number in range(1000)})
    assert store.look_count == 1
