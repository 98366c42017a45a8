"""What stands behind cameras, alerts and events: where it is kept, and what settings make of it."""

import threading
from pathlib import Path

import pytest
from tests.fakes.video import FakeVideoSource
from tests.unit.composition.watching.serving import AT_ONCE, PASSWORD, SOURCE, add_camera, build, serving

from facegate.adapters.av_video import AvVideoSource
from facegate.adapters.fernet_secrets import KEY_FILE_NAME, new_key
from facegate.adapters.sql_store import SqlCameraStore
from facegate.composition.watching import parts
from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.rules import AlertRule
from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.cameras.status import CameraState
from facegate.domain.errors import InvalidInput, NotPermitted, StoreFailed
from facegate.domain.events.event import EventDoor
from facegate.use_cases.alerts.channels import NewChannel
from facegate.use_cases.cameras.register import NewCamera

TOKEN = "12345:" + "t" * 35
TELEGRAM = NewChannel(ChannelKind.TELEGRAM, "Chat", {"chat_id": "77"}, {"token": TOKEN})


def test_commands_that_serve_nothing_have_none_of_it(tmp_path: Path) -> None:
    application = build(tmp_path, is_serving=False)
    assert application.watching is None
    application.close()


def test_cameras_and_channels_are_there_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path, FakeVideoSource()) as (_, watching):
        camera = add_camera(watching)
        channel = watching.channels.add(TELEGRAM)
        assert watching.runner is not None
        assert watching.runner.status(camera.camera_id).state is CameraState.STOPPED
    with serving(tmp_path, FakeVideoSource()) as (_, watching):
        assert watching.register.list_cameras() == [camera]
        assert watching.channels.list_channels() == [channel]


def test_no_secret_stands_in_the_data_folder_in_clear(tmp_path: Path) -> None:
    with serving(tmp_path, FakeVideoSource()) as (_, watching):
        add_camera(watching)
        watching.channels.add(TELEGRAM)
    for path in tmp_path.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert PASSWORD.encode() not in content
        assert TOKEN.encode() not in content


def test_where_cameras_are_switched_off_they_are_kept_and_not_run(tmp_path: Path) -> None:
    off = {"FACEGATE_CAMERAS__ENABLED": "false"}
    with serving(tmp_path, FakeVideoSource(), **off) as (_, watching):
        assert watching.runner is None
        add_camera(watching)
    with serving(tmp_path, FakeVideoSource()) as (_, watching):
        assert len(watching.register.list_cameras()) == 1


def test_without_another_source_it_is_ffmpeg_with_the_allowed_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[frozenset[InsidePlace]] = []

    def remembered(allowed: frozenset[InsidePlace], *, verifies_certificates: bool) -> AvVideoSource:
        assert verifies_certificates
        made.append(allowed)
        return AvVideoSource(frozenset())

    monkeypatch.setattr(parts, "AvVideoSource", remembered)
    with serving(tmp_path, FACEGATE_CAMERAS__ALLOWED_PLACES="files,loopback") as (_, watching):
        watching.register.add([NewCamera("Clip", "file:///clips/a.mp4", AT_ONCE, AlertRule())])
        with pytest.raises(NotPermitted, match="FACEGATE_CAMERAS__ALLOWED_PLACES=webcams"):
            watching.register.add([NewCamera("Cam", "webcam:0", AT_ONCE, AlertRule())])
    assert made == [{InsidePlace.FILES, InsidePlace.LOOPBACK}]


def test_events_of_cameras_are_kept_whatever_other_doors_are_named(tmp_path: Path) -> None:
    with serving(tmp_path, FACEGATE_EVENTS__DOORS="presence") as (_, watching):
        kept = {door for door in EventDoor if watching.events.log.keeps(door)}
    assert kept == {EventDoor.PRESENCE, EventDoor.CAMERAS}


def test_a_key_that_is_none_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        build(tmp_path, FACEGATE_ALERTS__SECRET_KEY="not-a-key")
    assert "not-a-key" not in refused.value.message
    with serving(tmp_path):
        pass


def test_the_operators_key_and_the_way_to_another_one(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    with serving(tmp_path, FakeVideoSource(), FACEGATE_ALERTS__SECRET_KEY=old) as (_, watching):
        camera = add_camera(watching)
    assert not (tmp_path / KEY_FILE_NAME).exists()
    with serving(tmp_path, FakeVideoSource(), FACEGATE_ALERTS__SECRET_KEY=new) as (_, watching):
        assert watching.register.get(camera.camera_id).source == ""
    with serving(tmp_path, FakeVideoSource(), FACEGATE_ALERTS__SECRET_KEY=f"{new},{old}") as (_, watching):
        assert watching.register.get(camera.camera_id).source == SOURCE
        watching.register.start(camera.camera_id)
    # What was written since is under the new key.
    with serving(tmp_path, FakeVideoSource(), FACEGATE_ALERTS__SECRET_KEY=new) as (_, watching):
        assert watching.register.get(camera.camera_id).source == SOURCE


def test_nothing_is_left_running(tmp_path: Path) -> None:
    before = {thread.name for thread in threading.enumerate()}
    with serving(tmp_path, FakeVideoSource()):
        assert "event-writer" in {thread.name for thread in threading.enumerate()}
    assert {thread.name for thread in threading.enumerate()} <= before


def test_a_store_that_cannot_be_read_lets_go_of_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(store: SqlCameraStore) -> list[Camera]:
        raise StoreFailed("the disk cannot be read")

    monkeypatch.setattr(SqlCameraStore, "list_cameras", broken)
    for _ in range(2):
        with pytest.raises(StoreFailed):
            build(tmp_path)
    assert "event-writer" not in {thread.name for thread in threading.enumerate()}
