"""One click decides; what it teaches goes with it, and comes back when it was wrong."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.events import FakeEventStore
from tests.fakes.shots import InMemoryShotStore
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.events.happened import identified, maybe, seen
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.domain.errors import (
    EventNotFound,
    InvalidInput,
    NoFace,
    PoorQuality,
    StoreFailed,
    SubjectNotFound,
)
from facegate.domain.events.event import Event, EventDoor, EventKind, ReviewState
from facegate.domain.events.review import learned_from
from facegate.use_cases.enrol_photos import EnrolmentRules
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.review_events import SOURCE, ReviewEvents


@dataclass
class Desk:
    """A reviewer's place: ann and bob are enrolled with a photo each."""

    core: Core
    store: FakeEventStore
    shots: InMemoryShotStore
    log: EventLog
    review: ReviewEvents

    def put(self, event: Event, picture: bytes | None = None) -> str:
        self.store.add_events([event])
        if picture is not None:
            self.shots.save(event.event_id, picture)
        return event.event_id

    def learned(self, subject_id: str) -> list[str]:
        """Templates of the person that came from reviews."""
        templates = self.core.gallery.templates_of(subject_id)
        return [stored.template_id for stored in templates if stored.source == SOURCE]


@pytest.fixture
def desk(core: Core) -> Iterator[Desk]:
    for name in ("ann", "bob"):
        enrol(core, name, fake_picture(FakeFace(name)))
    store, shots = FakeEventStore(), InMemoryShotStore()
    log = EventLog(store, LiveEvents(), core.clock, frozenset(EventDoor))
    rules = EnrolmentRules(min_quality=0.3)
    review = ReviewEvents(store, shots, core.gallery, core.enrol_photos, rules, log, core.clock)
    yield Desk(core, store, shots, log, review)
    log.close()


def shot_of(name: str, variant: int = 5) -> bytes:
    return fake_picture(FakeFace(name, variant))


def test_the_first_candidate_is_confirmed_and_the_queue_is_shorter(desk: Desk) -> None:
    event_id = desk.put(maybe(1, "ann", "bob"))
    event = desk.review.confirm(event_id)
    assert (event.subject_id, event.review) == ("ann", ReviewState.CONFIRMED)
    assert event.reviewed_at is not None
    assert desk.store.find_event(event_id) == event
    assert desk.learned("ann") == []


def test_a_confirmed_face_is_learned_once_however_often_it_is_clicked(desk: Desk) -> None:
    event_id = desk.put(maybe(1, "ann", has_shot=True), shot_of("ann"))
    first = desk.review.confirm(event_id, learn=True)
    assert desk.review.confirm(event_id, learn=True) == first
    assert desk.review.confirm(event_id) == first
    assert len(desk.learned("ann")) == 1


def test_a_correction_takes_back_what_was_learned_for_the_wrong_person(desk: Desk) -> None:
    event_id = desk.put(maybe(1, "ann", has_shot=True), shot_of("bob"))
    desk.review.confirm(event_id, learn=True)
    event = desk.review.correct(event_id, "bob", learn=True)
    assert (event.subject_id, event.review) == ("bob", ReviewState.CORRECTED)
    assert desk.learned("ann") == []
    assert len(desk.learned("bob")) == 1
    assert desk.core.gallery.index_agrees_with_store()
    assert desk.review.correct(event_id, "bob", learn=True) == event
    assert desk.review.confirm(event_id) == event


def test_a_correction_without_learning_takes_it_back_too(desk: Desk) -> None:
    event_id = desk.put(seen(1, "ann", has_shot=True), shot_of("bob"))
    desk.review.confirm(event_id, learn=True)
    assert learned_from(desk.review.correct(event_id, "bob")) is None
    assert desk.learned("ann") == desk.learned("bob") == []


def test_a_stranger_is_nobody_and_teaches_nothing(desk: Desk) -> None:
    event_id = desk.put(seen(1, "ann", has_shot=True), shot_of("ann"))
    desk.review.confirm(event_id, learn=True)
    event = desk.review.dismiss(event_id)
    assert (event.subject_id, event.review) == (None, ReviewState.DISMISSED)
    assert desk.learned("ann") == []
    assert desk.review.dismiss(event_id) == event
    assert desk.review.confirm(event_id).subject_id == "ann"


def test_a_learned_template_that_was_removed_by_hand_is_no_trouble(desk: Desk) -> None:
    event_id = desk.put(seen(1, "ann", has_shot=True), shot_of("ann"))
    desk.review.confirm(event_id, learn=True)
    desk.core.gallery.remove_template(desk.learned("ann")[0])
    assert desk.review.dismiss(event_id).review is ReviewState.DISMISSED


@pytest.mark.parametrize(
    ("picture", "error"),
    [
        (fake_picture(), NoFace),
        (fake_picture(FakeFace("ann", is_sharp=False)), PoorQuality),
        (b"nonsense", InvalidInput),
        (None, InvalidInput),
    ],
)
def test_a_picture_that_teaches_nothing_decides_nothing(
    desk: Desk, picture: bytes | None, error: type[Exception]
) -> None:
    event = maybe(1, "ann", has_shot=picture is not None)
    event_id = desk.put(event, picture)
    with pytest.raises(error):
        desk.review.confirm(event_id, learn=True)
    with pytest.raises(error):
        desk.review.correct(event_id, "bob", learn=True)
    assert desk.store.find_event(event_id) == event
    assert desk.learned("ann") == desk.learned("bob") == []


def test_a_photo_that_they_were_enrolled_with_anyway_is_not_taken_from_them_later(desk: Desk) -> None:
    event_id = desk.put(seen(1, "ann", has_shot=True), fake_picture(FakeFace("ann")))
    assert learned_from(desk.review.confirm(event_id, learn=True)) is None
    desk.review.dismiss(event_id)
    assert desk.core.gallery.get_subject("ann").template_count == 1


def test_a_click_that_was_cut_short_goes_on_at_the_next_one(desk: Desk) -> None:
    event_id = desk.put(maybe(1, "ann", has_shot=True), shot_of("ann"))
    desk.review.confirm(event_id, learn=True)
    # As if the process had died between the enrolment and the decision.
    desk.store.save_event(maybe(1, "ann", has_shot=True))
    assert learned_from(desk.review.confirm(event_id, learn=True)) is not None
    assert len(desk.learned("ann")) == 1
    desk.review.dismiss(event_id)
    assert desk.learned("ann") == []


def test_a_decision_that_cannot_be_stored_teaches_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = desk.put(maybe(1, "ann", has_shot=True), shot_of("ann"))

    def broken(_: Event) -> bool:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr(desk.store, "save_event", broken)
    with pytest.raises(StoreFailed):
        desk.review.confirm(event_id, learn=True)
    assert desk.learned("ann") == []


def test_an_event_that_goes_during_the_click_teaches_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = desk.put(maybe(1, "ann", has_shot=True), shot_of("ann"))
    monkeypatch.setattr(desk.store, "save_event", lambda _: False)
    with pytest.raises(EventNotFound):
        desk.review.confirm(event_id, learn=True)
    assert desk.learned("ann") == []


def test_door_events_are_decided_as_well(desk: Desk) -> None:
    event_id = desk.put(identified(1, "ann"))
    assert desk.review.correct(event_id, "bob").subject_id == "bob"


def test_what_is_not_there_or_cannot_be_decided_is_said(desk: Desk) -> None:
    with pytest.raises(EventNotFound):
        desk.review.confirm(seen(9).event_id)
    event_id = desk.put(seen(1, None))
    with pytest.raises(InvalidInput, match="say who it was"):
        desk.review.confirm(event_id)
    with pytest.raises(SubjectNotFound):
        desk.review.correct(event_id, "nobody")
    with pytest.raises(InvalidInput, match="strangers"):
        desk.review.correct(event_id, "unknown")
    down = desk.put(seen(2, None, kind=EventKind.CAMERA_DOWN))
    with pytest.raises(InvalidInput, match="nothing to review"):
        desk.review.dismiss(down)
    gone = desk.put(maybe(3, "cat"))
    with pytest.raises(SubjectNotFound):
        desk.review.confirm(gone)


def test_clicks_at_once_are_one_after_the_other(desk: Desk) -> None:
    event_id = desk.put(maybe(1, "ann", "bob", has_shot=True), shot_of("ann"))
    with ThreadPoolExecutor(8) as pool:
        clicks = [pool.submit(desk.review.correct, event_id, name, learn=True) for name in ("ann", "bob") * 4]
        events = [click.result() for click in clicks]
    last = desk.store.find_event(event_id)
    assert last in events
    assert last is not None
    assert last.subject_id is not None
    other = {"ann": "bob", "bob": "ann"}[last.subject_id]
    assert len(desk.learned(last.subject_id)) == 1
    assert desk.learned(other) == []
