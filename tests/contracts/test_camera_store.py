"""What every CameraStore promises, run over SQLite, PostgreSQL and the fake."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.contracts.emptied_databases import emptied
from tests.contracts.gallery_stores import sqlite_database
from tests.contracts.watched_events import a_mark, a_message
from tests.fakes.cameras import FakeCameraStore
from tests.fakes.enrolments import later
from tests.fakes.secrets import FakeSecretBox

from facegate.adapters.sql_store import Database, SqlAlertStore, SqlCameraStore, SqlEventStore
from facegate.adapters.sql_store.watching.settings_json import settings_to_json
from facegate.adapters.sql_store.watching.tables import cameras as table
from facegate.domain.alerts.messages import MessageState
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.camera import Camera, HardwareDecode, Transport, WatchSettings
from facegate.domain.cameras.weekly_schedule import DailyHours, WeeklySchedule
from facegate.domain.cameras.zones import Zone
from facegate.domain.errors import StoreFailed
from facegate.ports.cameras.camera_store import CameraStore


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CameraStore]:
    if request.param == "fake":
        yield FakeCameraStore()
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield SqlCameraStore(database, FakeSecretBox())
    else:
        yield SqlCameraStore(emptied(request.getfixturevalue("postgres")), FakeSecretBox())


def a_camera(camera_id: str = "cam1", second: int = 1, **changes: Any) -> Camera:
    given: dict[str, Any] = {
        "nickname": "Gate",
        "source": "rtsp://user:top-secret@192.168.1.10/stream",
        "watch": WatchSettings(),
        "alerts": AlertRule(),
        "is_enabled": True,
        "updated_at": later(second),
    }
    return Camera(camera_id, created_at=later(second), **(given | changes))


NIGHT = DailyHours(time(22, 30), time(6, 0, 0, 250), frozenset({0, 6}))

WHOLE = a_camera(
    nickname="Einfahrt \U0001f6aa",
    watch=WatchSettings(
        frames_per_s=0.25,
        detection_side_px=1280,
        zone=Zone(((0.0, 0.1), (1.0, 0.2), (1 / 3, 1.0))),
        min_face_px=80,
        threshold=0.55,
        votes_needed=5,
        leave_after_s=2.5,
        has_motion_gate=False,
        checks_liveness=True,
        schedule=WeeklySchedule((DailyHours(time(8), time(17)), NIGHT)),
        transport=Transport.UDP,
        hardware_decode=HardwareDecode.VAAPI,
    ),
    alerts=AlertRule(
        who=AlertWho.CHOSEN,
        subject_ids=frozenset({"anna", 'quoted " \\'}),
        groups=frozenset({"familia", "банда"}),
        channel_ids=("b", "a"),
        cooldown_s=60,
        once_per_day=True,
        quiet_hours=WeeklySchedule((NIGHT,)),
        digest_after_quiet=False,
        digest_every_s=600,
        snoozed_until=later(9.5),
        tells_leaving=True,
        tells_health=False,
        sends_picture=False,
    ),
    is_enabled=False,
    updated_at=later(99),
)


def test_cameras_come_back_equal_and_oldest_first(store: CameraStore) -> None:
    older = a_camera("z", 0)
    store.add_cameras([WHOLE, older])
    assert store.list_cameras() == [older, WHOLE]
    assert store.find_camera("cam1") == WHOLE
    assert store.find_camera("z") == older


def test_all_are_added_or_none(store: CameraStore) -> None:
    store.add_cameras([])
    store.add_cameras([a_camera("a")])
    with pytest.raises(StoreFailed):
        store.add_cameras([a_camera("b"), a_camera("a", nickname="again")])
    assert store.list_cameras() == [a_camera("a")]


def test_saving_replaces(store: CameraStore) -> None:
    store.add_cameras([a_camera(), a_camera("other")])
    changed = replace(WHOLE, source="file:///clip.mp4")
    assert store.save_camera(changed)
    assert store.find_camera("cam1") == changed
    assert store.find_camera("other") == a_camera("other")
    assert not store.save_camera(a_camera("nobody"))
    assert len(store.list_cameras()) == 2


@pytest.mark.parametrize("unknown", ["", "nobody", "nul\0", "half\ud800"])
def test_what_is_not_there(store: CameraStore, unknown: str) -> None:
    store.add_cameras([a_camera()])
    assert store.find_camera(unknown) is None
    assert not store.delete_camera(unknown)


def test_a_deleted_camera_is_gone(store: CameraStore) -> None:
    store.add_cameras([a_camera("a"), a_camera("b")])
    assert store.delete_camera("a")
    assert not store.delete_camera("a")
    assert store.list_cameras() == [a_camera("b")]


def test_marks_and_what_waits_go_with_a_camera(database: Database) -> None:
    cameras, alerts = SqlCameraStore(database, FakeSecretBox()), SqlAlertStore(database, FakeSecretBox())
    cameras.add_cameras([a_camera()])
    states = list(MessageState)
    messages = [a_message(number, camera_id="cam1", state=state) for number, state in enumerate(states)]
    SqlEventStore(database).add_events(
        [], [*messages, a_message(50, camera_id="cam2")], [a_mark(1), a_mark(2, camera_id="cam2")]
    )
    assert cameras.delete_camera("cam1")
    left = {one.state for one in alerts.list_messages(limit=99) if one.camera_id == "cam1"}
    assert left == set(states) - {MessageState.HELD, MessageState.WAITING}
    assert [one.camera_id for one in alerts.due_messages(later(99))] == ["cam2"]
    assert alerts.find_mark("cam1", "subject:anna") is None
    assert alerts.find_mark("cam2", "subject:anna") is not None


def test_sources_are_sealed(database: Database) -> None:
    SqlCameraStore(database, FakeSecretBox()).add_cameras([a_camera()])
    with database.reading() as connection:
        assert "secret" not in str(connection.exec_driver_sql("SELECT * FROM cameras").all()).replace(
            "sealed_source", ""
        )


def test_a_source_under_another_key_is_empty_and_troubles_no_other(database: Database) -> None:
    before, after = (SqlCameraStore(database, FakeSecretBox(key)) for key in ("key", "another key"))
    before.add_cameras([a_camera("a"), a_camera("b"), a_camera("c")])
    assert after.find_camera("a") == a_camera("a", source="")
    assert after.save_camera(a_camera("a", source="rtsp://10.0.0.1/new"))
    assert after.list_cameras() == [
        a_camera("a", source="rtsp://10.0.0.1/new"),
        a_camera("b", source=""),
        a_camera("c", source=""),
    ]
    assert after.delete_camera("b")
    # Its key may come back: what was sealed stays where only something else changes.
    assert after.save_camera(a_camera("c", source="", nickname="Yard"))
    assert before.list_cameras() == [a_camera("a", source=""), a_camera("c", nickname="Yard")]


def with_document(database: Database, document: object) -> SqlCameraStore:
    store = SqlCameraStore(database, FakeSecretBox())
    store.add_cameras([WHOLE])
    text = document if isinstance(document, str) else json.dumps(document)
    with database.writing() as connection:
        connection.execute(update(table).values(settings_json=text))
    return store


def test_settings_of_earlier_and_later_versions(database: Database) -> None:
    document = {"watch": {"threshold": 0.75, "from_tomorrow": {"a": 1}}, "also": "from tomorrow"}
    (camera,) = with_document(database, document).list_cameras()
    assert camera.watch == WatchSettings(threshold=0.75)
    assert camera.alerts == AlertRule()


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "[]",
        {"watch": None},
        {"watch": {"threshold": "0.5"}},
        {"watch": {"threshold": True}},
        {"watch": {"threshold": 7}},
        {"watch": {"votes_needed": 2.5}},
        {"watch": {"has_motion_gate": 1}},
        {"watch": {"transport": "pigeon"}},
        {"watch": {"zone": {"corners": [[0, 0], [1, "a"], [1, 1]]}}},
        {"watch": {"zone": {"corners": [[0, 0, 0], [1, 0, 0], [1, 1, 1]]}}},
        {"watch": {"zone": {"corners": 5}}},
        {"watch": {"schedule": {"hours": [{"begins": "25:00", "ends": "26:00"}]}}},
        {"watch": {"schedule": {"hours": [{"begins": "05:00"}]}}},
        {"watch": {"schedule": {"hours": [{"begins": "05:00", "ends": "06:00", "days": [9]}]}}},
        {"watch": {"schedule": {"hours": []}}},
        {"alerts": {"who": "the king"}},
        {"alerts": {"subject_ids": [1]}},
        {"alerts": {"snoozed_until_us": "soon"}},
        {"alerts": {"snoozed_until_us": 10**30}},
    ],
    ids=str,
)
def test_damaged_settings_are_those_of_a_camera_that_does_nothing(
    database: Database, document: object
) -> None:
    store = with_document(database, document)
    store.add_cameras([a_camera("other", 200)])
    idle = replace(WHOLE, source="", watch=WatchSettings(), alerts=AlertRule(AlertWho.NOBODY))
    assert store.list_cameras() == [idle, a_camera("other", 200)]
    assert store.find_camera("cam1") == idle


def test_every_field_of_the_settings_is_kept() -> None:
    """Guards the comparisons above against a field that is new and was forgotten."""
    document = json.loads(settings_to_json(WHOLE.watch, WHOLE.alerts))
    assert {field.name for field in fields(WatchSettings)} == set(document["watch"])
    kept = {name.removesuffix("_us") for name in document["alerts"]}
    assert {field.name for field in fields(AlertRule)} == kept
    for whole, default in ((WHOLE.watch, WatchSettings()), (WHOLE.alerts, AlertRule())):
        assert [
            one.name for one in fields(whole) if getattr(whole, one.name) == getattr(default, one.name)
        ] == []
