"""The register: what is let in, that all or nothing is written, and who hears of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.fakes.cameras import FakeCameraStore
from tests.fakes.gallery import FakeClock

from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.camera import WatchSettings
from facegate.domain.errors import CameraNotFound, InvalidInput, NotPermitted, StoreFailed
from facegate.use_cases.cameras.register import CameraChange, CameraRegister, NewCamera

SOURCE = "rtsp://admin:geheim7@10.0.0.7/gate"


def new(nickname: str = "Gate", source: str = SOURCE, **facts: bool) -> NewCamera:
    return NewCamera(nickname, source, WatchSettings(), AlertRule(), **facts)


def only_remote(source: str) -> None:
    if "127.0.0.1" in source:
        raise NotPermitted("addresses of the server itself are refused")


class Register:
    """A register over a store that can be looked into, and what it told."""

    def __init__(self, max_cameras: int = 4) -> None:
        self.store = FakeCameraStore()
        self.clock = FakeClock()
        self.told: list[list[str]] = []
        self.register = self.reopened(max_cameras)

    def reopened(self, max_cameras: int = 4) -> CameraRegister:
        """As after a restart."""
        register = CameraRegister(self.store, self.clock, only_remote, max_cameras)
        register.load()
        register.on_changed = lambda camera_ids: self.told.append(list(camera_ids))
        return register


def test_cameras_come_back_in_the_order_given_and_after_a_restart() -> None:
    parts = Register()
    added = parts.register.add([new("  Tür 3 "), new("B", is_enabled=False), new("A")])
    assert [camera.nickname for camera in added] == ["Tür 3", "B", "A"]
    assert [camera.is_enabled for camera in added] == [True, False, True]
    assert len({camera.camera_id for camera in added}) == 3
    assert parts.register.list_cameras() == added
    assert parts.reopened().list_cameras() == added
    assert parts.told == [[camera.camera_id for camera in added]]


def test_rules_follow_persons_who_are_merged_or_gone() -> None:
    parts = Register()
    chosen = AlertRule(AlertWho.CHOSEN, frozenset({"anna", "bob"}))
    named, other = parts.register.add([replace(new(), alerts=chosen), new()])
    parts.told.clear()
    parts.register.replace_subject("anna", "ann")
    parts.register.forget_subjects(["anna", "bob", "eve"])
    assert parts.told == [[named.camera_id]] * 2
    for register in (parts.register, parts.reopened()):
        assert [one.alerts.subject_ids for one in register.list_cameras()] == [{"ann"}, frozenset()]
    assert parts.register.get(other.camera_id) == other


def test_two_may_have_the_same_name_and_the_same_source() -> None:
    one, other = Register().register.add([new(), new()])
    assert one.camera_id != other.camera_id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (new(""), "camera_nickname"),
        (new("x" * 101), "camera_nickname"),
        (new("two\nlines"), "camera_nickname"),
        (new(source=""), "rtsp_link"),
        (new(source="gopher://10.0.0.1/"), "rtsp_link"),
        (new(source="-i /etc/passwd"), "rtsp_link"),
        (new(source="rtsp://10.0.0.1/" + "x" * 2048), "rtsp_link"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(wrong: NewCamera, field: str) -> None:
    parts = Register()
    with pytest.raises(InvalidInput) as refused:
        parts.register.add([new(), wrong])
    assert refused.value.field == field
    assert refused.value.message.startswith("camera 2: ")
    assert parts.reopened().list_cameras() == []
    assert parts.told == []


def test_alone_it_needs_no_number() -> None:
    with pytest.raises(InvalidInput, match=r"^camera_nickname"):
        Register().register.add([new("")])


def test_a_place_inside_is_refused() -> None:
    parts = Register()
    with pytest.raises(NotPermitted, match=r"^camera 1: addresses of the server"):
        parts.register.add([new(source="rtsp://127.0.0.1/"), new()])
    with pytest.raises(NotPermitted, match=r"^addresses of the server"):
        parts.register.add([new(source="rtsp://127.0.0.1/")])
    with pytest.raises(NotPermitted):
        parts.register.checked_source("rtsp://127.0.0.1/")
    assert parts.register.checked_source(f" {SOURCE} ") == SOURCE


def test_none_and_too_many_are_refused() -> None:
    parts = Register(max_cameras=2)
    with pytest.raises(InvalidInput, match="no camera was given"):
        parts.register.add([])
    parts.register.add([new()])
    with pytest.raises(InvalidInput, match="no more than 2 cameras"):
        parts.register.add([new(), new()])
    parts.register.add([new()])
    assert len(parts.register.list_cameras()) == 2


def test_when_the_store_fails_nothing_is_different() -> None:
    parts = Register()
    (camera,) = parts.register.add([new()])
    parts.store.is_broken = True
    for act in (
        lambda: parts.register.add([new()]),
        lambda: parts.register.stop(camera.camera_id),
        lambda: parts.register.change(camera.camera_id, CameraChange(nickname="other")),
        lambda: parts.register.delete(camera.camera_id),
    ):
        with pytest.raises(StoreFailed):
            act()
    assert parts.register.list_cameras() == [camera]
    assert len(parts.told) == 1


def test_only_what_is_given_changes() -> None:
    parts = Register()
    (camera,) = parts.register.add([new()])
    parts.clock.advance(5)
    changed = parts.register.change(camera.camera_id, CameraChange(nickname=" Yard "))
    assert changed == replace(camera, nickname="Yard", updated_at=parts.clock.now_utc())
    watch, alerts = WatchSettings(threshold=0.7), AlertRule(AlertWho.EVERYBODY)
    changed = parts.register.change(camera.camera_id, CameraChange(watch=watch, alerts=alerts))
    assert (changed.watch, changed.alerts, changed.source) == (watch, alerts, SOURCE)
    changed = parts.register.change(camera.camera_id, CameraChange(source=" rtsp://10.0.0.9/x "))
    assert changed.source == "rtsp://10.0.0.9/x"
    assert parts.reopened().get(camera.camera_id) == changed
    assert parts.told[1:] == [[camera.camera_id]] * 3


@pytest.mark.parametrize(
    "change",
    [CameraChange(nickname=""), CameraChange(source="nowhere"), CameraChange(source="rtsp://127.0.0.1/")],
)
def test_a_wrong_change_changes_nothing(change: CameraChange) -> None:
    parts = Register()
    (camera,) = parts.register.add([new()])
    with pytest.raises((InvalidInput, NotPermitted)):
        parts.register.change(camera.camera_id, change)
    assert parts.reopened().list_cameras() == [camera]


def test_stop_start_snooze_and_delete_last() -> None:
    parts = Register()
    (camera,) = parts.register.add([new()])
    assert not parts.register.stop(camera.camera_id).is_enabled
    assert not parts.reopened().get(camera.camera_id).is_enabled
    assert parts.register.start(camera.camera_id).is_enabled
    until = datetime(2026, 5, 1, tzinfo=UTC)
    assert parts.register.snooze(camera.camera_id, until).alerts.snoozed_until == until
    assert parts.reopened().get(camera.camera_id).alerts.snoozed_until == until
    assert parts.register.snooze(camera.camera_id, None).alerts.snoozed_until is None
    with pytest.raises(InvalidInput):
        parts.register.snooze(camera.camera_id, datetime(2026, 5, 1))  # noqa: DTZ001 - that is what is wrong
    parts.register.delete(camera.camera_id)
    assert parts.register.find(camera.camera_id) is None
    assert parts.reopened().list_cameras() == []
    assert parts.told == [[camera.camera_id]] * 6


ACTS: list[Callable[[CameraRegister], object]] = [
    lambda register: register.get("nobody"),
    lambda register: register.change("nobody", CameraChange(nickname="x")),
    lambda register: register.start("nobody"),
    lambda register: register.stop("nobody"),
    lambda register: register.snooze("nobody", None),
    lambda register: register.delete("nobody"),
]


@pytest.mark.parametrize("act", ACTS)
def test_one_that_is_not_there_is_not_found(act: Callable[[CameraRegister], object]) -> None:
    with pytest.raises(CameraNotFound):
        act(Register().register)


@pytest.mark.parametrize("act", ["stop", "delete"])
def test_one_that_went_from_the_store_is_forgotten(act: str) -> None:
    parts = Register()
    (camera,) = parts.register.add([new()])
    parts.store.delete_camera(camera.camera_id)
    if act == "stop":
        with pytest.raises(CameraNotFound):
            parts.register.stop(camera.camera_id)
    else:
        parts.register.delete(camera.camera_id)
    assert parts.register.list_cameras() == []
    assert len(parts.told) == 2


def test_nothing_shows_a_source() -> None:
    parts = Register()
    shown = [repr(new()), repr(CameraChange(source=SOURCE)), repr(parts.register.add([new()]))]
    with pytest.raises(InvalidInput) as refused:
        parts.register.add([new(source="rtspx://admin:geheim7@10.0.0.7/")])
    shown.append(refused.value.message)
    assert not any("geheim7" in text or "10.0.0.7" in text for text in shown)
