"""Who is removed is gone everywhere: from evidence, from terminals, from the history, from open sessions."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.cameras import FakeCameraStore
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.events import FakeEventStore
from tests.fakes.gallery import FakeClock
from tests.fakes.shots import InMemoryShotStore
from tests.unit.composition.fake_application import fake_application

from facegate.adapters.shot_files import FileShotStore
from facegate.adapters.sql_store import SqlEventStore, open_sqlite
from facegate.composition.application import Application
from facegate.composition.forgetting import Forgetting
from facegate.composition.storage import DATABASE_FILE_NAME
from facegate.composition.watching.stores import SHOTS_FOLDER_NAME
from facegate.domain.access import Door
from facegate.domain.alerts.messages import AlertMark
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.errors import StoreFailed
from facegate.domain.events.event import Event, EventDoor, EventKind, EventQuery, new_event_id
from facegate.domain.matching import Band
from facegate.use_cases.cameras.register import CameraRegister
from facegate.use_cases.enrol_photos import EnrolPhotosRequest, Photo

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def a_visit(subject_id: str) -> Event:
    return Event(
        new_event_id(),
        EventKind.SEEN,
        EventDoor.CAMERAS,
        NOW,
        "cam1",
        "Gate",
        subject_id=subject_id,
        band=Band.MATCH,
        has_shot=True,
    )


class Places:
    """Everything that is asked to forget; each may be broken."""

    def __init__(self, folder: Path) -> None:
        self.told: dict[str, list[set[str]]] = {"people": [], "clients": [], "judge": [], "senders": []}
        self.broken: set[str] = set()
        self.events, self.shots = FakeEventStore(), InMemoryShotStore()
        stores: Any = _Stores(self.events, self.shots)
        self.cameras = stores.cameras
        people: Any = _Told(self, "people", "forget_subjects")
        clients: Any = _Told(self, "clients", "reread")
        judge: Any = _Told(self, "judge", "forget")
        self.forgetting = Forgetting(folder, people, stores)
        sender: Any = _Told(self, "senders", "forget_subjects")
        self.forgetting.clients, self.forgetting.judge_frame = clients, judge
        self.forgetting.alert_senders = [sender]

    def tell(self, name: str, subject_ids: Collection[str]) -> None:
        self.told[name].append({subject_ids} if isinstance(subject_ids, str) else set(subject_ids))
        if name in self.broken:
            raise StoreFailed(f"{name} are away")


class _Stores:
    def __init__(self, events: FakeEventStore, shots: InMemoryShotStore) -> None:
        self.events = events
        self.shots = shots
        self.cameras = FakeCameraStore()


class _Told:
    """Takes the one call that is meant for it."""

    def __init__(self, places: Places, name: str, method: str) -> None:
        setattr(self, method, lambda subject_ids: places.tell(name, subject_ids))

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was called")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


def test_everybody_is_told(places: Places) -> None:
    visit, others = a_visit("ann"), a_visit("bob")
    places.events.add_events([visit, others], marks=[AlertMark("cam1", "subject:ann", NOW)])
    for event in (visit, others):
        places.shots.save(event.event_id, b"jpeg")
    places.forgetting(["ann", "eve"])
    assert places.told == {
        "people": [{"ann", "eve"}],
        "clients": [{"ann", "eve"}],
        "judge": [{"ann"}, {"eve"}],
        "senders": [{"ann", "eve"}],
    }
    assert places.events.find_event(visit.event_id) == replace(visit, subject_id=None, has_shot=False)
    assert places.events.find_event(others.event_id) == others
    assert places.shots.list_ids() == [others.event_id]
    assert places.events.find_mark("cam1", "subject:ann") is None


@pytest.mark.parametrize("broken", ["people", "clients", "judge"])
def test_one_that_fails_does_not_keep_the_others_from_forgetting(places: Places, broken: str) -> None:
    visit = a_visit("ann")
    places.events.add_events([visit])
    places.broken = {broken}
    with pytest.raises(StoreFailed, match=broken):
        places.forgetting(["ann"])
    assert places.told["people"] == [{"ann"}]
    assert places.told["clients"] == [{"ann"}]
    stored = places.events.find_event(visit.event_id)
    assert stored is not None
    assert stored.subject_id is None


def test_a_history_that_is_away_is_told_and_healed_by_the_next_call(places: Places) -> None:
    visit = a_visit("ann")
    places.events.add_events([visit])
    places.shots.save(visit.event_id, b"jpeg")
    places.events.is_broken = True
    with pytest.raises(StoreFailed):
        places.forgetting(["ann"])
    assert places.told["clients"] == [{"ann"}]
    places.events.is_broken = False
    places.forgetting(["ann"])
    assert places.shots.list_ids() == []


def test_terminals_are_told_by_placing_where_they_are_served(places: Places) -> None:
    told: list[Collection[str]] = []

    class Placing:
        def forget(self, subject_ids: Collection[str]) -> None:
            told.append(subject_ids)

    placing: Any = Placing()
    places.forgetting.placing = placing
    places.forgetting(["ann"])
    assert told == [["ann"]]
    assert places.told["people"] == []


def enrol(application: Application, subject_id: str) -> None:
    rules = application.enrolment_rules(Door.REST_V1)
    photo = Photo("a.jpg", fake_picture(FakeFace(subject_id)))
    assert application.enrol_photos(EnrolPhotosRequest(subject_id, [photo], "test", rules)).accepted


def a_camera(*chosen: str) -> Camera:
    rule = AlertRule(AlertWho.CHOSEN, frozenset(chosen))
    return Camera("gate", "Gate", "rtsp://10.0.0.7/gate", WatchSettings(), rule, True, NOW, NOW)


def test_rules_of_cameras_name_nobody_who_is_gone(places: Places) -> None:
    places.cameras.add_cameras([a_camera("ann", "bob")])
    places.forgetting(["ann", "eve"])
    assert places.cameras.list_cameras() == [a_camera("bob")]
    register = CameraRegister(places.cameras, FakeClock(NOW), lambda _: None, 5)
    register.load()
    places.forgetting.cameras = register
    places.forgetting(["bob"])
    for camera in (*register.list_cameras(), *places.cameras.list_cameras()):
        assert camera.alerts.subject_ids == frozenset()
        assert camera.alerts.who is AlertWho.CHOSEN


def test_a_command_that_serves_no_door_forgets_too(tmp_path: Path) -> None:
    """Removing somebody on the command line, while no server runs."""
    application = fake_application(tmp_path)
    assert application.watching is None
    enrol(application, "ann")
    visit = a_visit("ann")
    database = open_sqlite(tmp_path / DATABASE_FILE_NAME)
    events, shots = SqlEventStore(database), FileShotStore(tmp_path / SHOTS_FOLDER_NAME)
    events.add_events([visit])
    shots.save(visit.event_id, b"\xff\xd8 jpeg")
    application.gallery.remove_subject("ann")
    (left,) = events.list_events(EventQuery(), limit=5)
    assert (left.subject_id, left.has_shot) == (None, False)
    assert list((tmp_path / SHOTS_FOLDER_NAME).rglob("*.jpg")) == []
    database.close()
    application.close()
