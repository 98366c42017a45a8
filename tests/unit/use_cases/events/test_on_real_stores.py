"""The history over SQLite and files: from a visit to the day on which nobody remembers it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes.activities import new_activity
from tests.fakes.engine import FAKE_IDENTITY, FakeFace, fake_picture
from tests.unit.use_cases.conftest import CURVE, Core, SteppingClock, core_on
from tests.unit.use_cases.events.happened import NOON, identified, maybe, seen
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.shot_files import FileShotStore
from facegate.adapters.sql_store import (
    SqlActivityStore,
    SqlEventStore,
    SqlGalleryStore,
    SqlSubjectGroups,
    SqlTerminalPeopleStore,
    SqlTokenStore,
    open_sqlite,
)
from facegate.domain.events.event import EventDoor, EventKind, EventQuery, ReviewState
from facegate.domain.events.review import learned_from
from facegate.domain.gallery import Enrolment
from facegate.domain.matching import MatchPolicy
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos
from facegate.use_cases.events.browse_events import BrowseEvents
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.forget import ForgetEvents, ForgetGone
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.review_events import ReviewEvents
from facegate.use_cases.events.scan_events import FollowScans
from facegate.use_cases.events.sweep_events import EventRetention, EventSweep, SweepEvents
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.merge_subjects import MergeStores, MergeSubjects


@dataclass
class House:
    """Everything on one database: ann and anna are the same person, who has the number 42 as anna."""

    core: Core
    gallery: Gallery
    store: SqlEventStore
    shots: FileShotStore
    log: EventLog
    gone: ForgetGone
    groups: SqlSubjectGroups
    activity: SqlActivityStore
    people: SqlTerminalPeopleStore


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock, database = SteppingClock(), open_sqlite(tmp_path / "gallery.sqlite3")
    clock.now = NOON + timedelta(hours=1)
    gallery_store = SqlGalleryStore(database, clock)
    core = core_on(gallery_store, SqlTokenStore(database), clock, FAKE_IDENTITY)
    store, shots = SqlEventStore(database), FileShotStore(tmp_path / "shots")
    forget = ForgetEvents(store, shots)
    gallery = Gallery(gallery_store, ExactTemplateIndex(FAKE_IDENTITY), MatchPolicy(CURVE), [forget])
    gone = ForgetGone(
        lambda subject_id: gallery.find_subject(subject_id) is not None,
        forget,
        lambda: gallery.removal_count,
    )
    log = EventLog(store, LiveEvents(), clock, frozenset(EventDoor), forget_gone=gone)
    for name, variant in (("ann", 0), ("anna", 7), ("bob", 0)):
        face = FakeFace("bob" if name == "bob" else "ann", variant)
        gallery.enrol(Enrolment(name, (), clock.now_utc(), enrolment_number=42 if name == "anna" else None))
        enrol(core, name, fake_picture(face))
    gallery.load()
    activity, people = SqlActivityStore(database), SqlTerminalPeopleStore(database)
    yield House(core, gallery, store, shots, log, gone, SqlSubjectGroups(database), activity, people)
    log.close()
    gallery_store.close()


def test_a_visit_is_reviewed_learned_from_and_forgotten(house: House) -> None:
    review = ReviewEvents(
        house.store,
        house.shots,
        house.gallery,
        EnrolPhotos(house.core.analysis, house.gallery, house.core.clock),
        EnrolmentRules(),
        house.log,
        house.core.clock,
    )
    event = maybe(1, "bob", "ann", has_shot=True)
    house.shots.save(event.event_id, fake_picture(FakeFace("ann", 3)))
    house.log.record([event])
    review.confirm(event.event_id, learn=True)
    corrected = review.correct(event.event_id, "ann", learn=True)
    learned = learned_from(corrected)
    assert learned is not None
    assert [one.template_id for one in house.gallery.templates_of("ann")][-1] == learned.template_id
    assert house.gallery.get_subject("bob").template_count == 1
    assert house.store.count_events(EventQuery(reviews=frozenset({ReviewState.CORRECTED}))) == 1
    browse = BrowseEvents(house.store, house.shots)
    assert browse.shot(event.event_id)
    house.gallery.remove_subject("ann")
    left = browse.get(event.event_id)
    assert (left.subject_id, left.has_shot) == (None, False)
    assert house.shots.list_ids() == []


def test_scans_and_noted_events_move_with_a_merge_and_go_in_time(house: House) -> None:
    house.activity.add_activity([new_activity(1, enroll_id=42), new_activity(2, enroll_id=0)])
    follow = FollowScans(
        house.activity, house.people, lambda _: None, house.log, house.core.clock, retention_days=10**4
    )
    assert [follow.step(), follow.step()] == [2, 0]
    for number in range(30):
        house.log.note(identified(number, "anna"))
    house.log.close()
    pending = maybe(40, "anna", "bob")
    house.log.record([pending, seen(41, "bob")])
    house.groups.set_groups("anna", ["staff"])
    stores = MergeStores(house.store, house.groups, house.core.store.cutout_of)
    merged = MergeSubjects(house.gallery, stores, house.log, house.core.clock, 5)("anna", "ann")
    assert (merged.event_count, merged.moved_count, merged.subject.template_count) == (31, 1, 2)
    assert house.groups.list_groups() == {"staff": 1}
    assert house.store.count_events(EventQuery(subject_id="ann", kinds=frozenset({EventKind.SCAN}))) == 1
    found = house.store.find_event(pending.event_id)
    assert found is not None
    assert [one.subject_id for one in found.candidates] == ["ann", "bob"]
    house.core.clock.now += timedelta(days=10**3)
    retention = EventRetention()
    sweep = SweepEvents(house.store, house.shots, house.log, retention, house.core.clock, house.gone)
    assert sweep() == EventSweep(event_count=33, shot_count=0, orphan_count=0)
    assert house.store.count_events(EventQuery()) == 0
