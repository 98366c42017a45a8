"""Jobs of the old contract become cameras and channels: all of them or none, and none twice."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.fakes.alert_senders import FakeSender, SettableClock
from tests.fakes.alert_store import FakeAlertStore
from tests.fakes.cameras import FakeCameraStore

from facegate.domain.alerts.channels import AlertChannel, ChannelKind, TelegramChat
from facegate.domain.alerts.rules import AlertWho
from facegate.domain.cameras.camera import Camera
from facegate.domain.errors import InvalidInput, NotPermitted, StoreFailed
from facegate.use_cases.alerts.channels import AlertChannels, ChannelChange
from facegate.use_cases.cameras.register import CameraRegister
from facegate.use_cases.cameras.schedule_cameras import CameraJob, ScheduleCameras

TOKEN = "12345:" + "t" * 35
JOB = CameraJob("rtsp://u:p@10.0.0.1/a", "Gate", TOKEN, "77")


class NoChats:
    def find_chats(self, token: str) -> list[TelegramChat]:
        return []


class PickySender(FakeSender):
    """Takes no chat that is not a number."""

    def check(self, channel: AlertChannel) -> None:
        if not channel.options["chat_id"].lstrip("-").isdigit():
            raise InvalidInput("chat_id must be a number", field="chat_id")


def only_remote(source: str) -> None:
    if "127.0.0.1" in source:
        raise NotPermitted("addresses of the server itself are refused")


class Hall:
    """Everything a job touches, in memory."""

    def __init__(self, max_cameras: int = 4) -> None:
        clock = SettableClock()
        self.cameras = FakeCameraStore()
        self.alerts = FakeAlertStore()
        senders = {ChannelKind.TELEGRAM: PickySender(ChannelKind.TELEGRAM)}
        self.channels = AlertChannels(self.alerts, senders, clock, NoChats())
        self.register = CameraRegister(self.cameras, clock, only_remote, max_cameras)
        self.schedule = ScheduleCameras(self.register, self.channels)

    def state(self) -> tuple[list[Camera], list[AlertChannel]]:
        """But for when a camera was last written."""
        cameras = [replace(camera, updated_at=camera.created_at) for camera in self.cameras.list_cameras()]
        return cameras, self.alerts.list_channels()


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_a_job_becomes_a_camera_and_a_channel(hall: Hall) -> None:
    (camera,) = hall.schedule([replace(JOB, nickname=" Gate ", source=f" {JOB.source}", cooldown_s=60)])
    assert (camera.nickname, camera.source, camera.is_enabled) == ("Gate", JOB.source, True)
    (channel,) = hall.alerts.list_channels()
    assert (channel.name, channel.options, channel.secrets) == ("Gate", {"chat_id": "77"}, {"token": TOKEN})
    assert camera.alerts.channel_ids == (channel.channel_id,)
    assert (camera.alerts.who, camera.alerts.cooldown_s) == (AlertWho.KNOWN, 60)


def test_none(hall: Hall) -> None:
    assert hall.schedule([]) == []


def test_the_same_again_is_the_same_camera(hall: Hall) -> None:
    (first,) = hall.schedule([JOB])
    hall.register.stop(first.camera_id)
    hall.channels.change(first.alerts.channel_ids[0], ChannelChange(is_enabled=False))
    (again,) = hall.schedule([replace(JOB, threshold=0.75)])
    assert (again.camera_id, again.is_enabled, again.watch.threshold) == (first.camera_id, True, 0.75)
    assert hall.alerts.list_channels()[0].is_enabled is True
    assert len(hall.state()[1]) == 1


def test_without_a_chat_the_channels_stay(hall: Hall) -> None:
    (first,) = hall.schedule([JOB])
    (again,) = hall.schedule([replace(JOB, telegram_token="", telegram_chat_id="")])
    assert again.alerts.channel_ids == first.alerts.channel_ids


def test_another_name_or_address_is_another_camera(hall: Hall) -> None:
    cameras = hall.schedule([JOB, replace(JOB, nickname="Yard"), replace(JOB, source="rtsp://10.0.0.2/b")])
    assert len({camera.camera_id for camera in cameras}) == 3
    assert len(hall.alerts.list_channels()) == 1


WRONG: list[tuple[CameraJob, str]] = [
    (replace(JOB, source="nowhere"), "rtsp_link"),
    (replace(JOB, nickname=""), "camera_nickname"),
    (replace(JOB, threshold=1.5), "threshold"),
    (replace(JOB, cooldown_s=-1), "cooldown_seconds"),
    (replace(JOB, telegram_chat_id="me"), "chat_id"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_wrong_job_and_nothing_was_done(hall: Hall, wrong: CameraJob, field: str, place: int) -> None:
    hall.schedule([JOB])
    before = hall.state()
    new = replace(JOB, source="rtsp://10.0.0.9/", telegram_chat_id="88")
    jobs: list[CameraJob] = [new, replace(JOB, threshold=0.9)]
    jobs.insert(place, wrong)
    with pytest.raises(InvalidInput) as refused:
        hall.schedule(jobs)
    assert refused.value.field == f"{place}.{field}"
    assert hall.state() == before


def test_an_address_inside_names_its_job(hall: Hall) -> None:
    inside = replace(JOB, source="rtsp://127.0.0.1/a")
    with pytest.raises(NotPermitted, match=r"^addresses of the server"):
        hall.schedule([inside])
    with pytest.raises(NotPermitted, match=r"^camera 2: addresses"):
        hall.schedule([JOB, inside])
    assert hall.state() == ([], [])


def test_more_than_there_may_be(hall: Hall) -> None:
    jobs = [
        replace(JOB, source=f"rtsp://10.0.0.{number}/", telegram_chat_id=str(number)) for number in range(5)
    ]
    with pytest.raises(InvalidInput, match="no more than 4"):
        hall.schedule(jobs)
    assert hall.state() == ([], [])
    assert len(hall.schedule(jobs[:4])) == 4


@pytest.mark.parametrize("failing_write", [1, 2, 3])
def test_a_store_that_fails_half_way_leaves_all_as_it_was(
    hall: Hall, failing_write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [JOB, replace(JOB, nickname="Yard")]
    cameras = hall.schedule(known)
    hall.register.stop(cameras[0].camera_id)
    before = hall.state()
    writes: list[str] = []
    real_add, real_save = hall.cameras.add_cameras, hall.cameras.save_camera

    def counted(name: str) -> None:
        writes.append(name)
        if len(writes) == failing_write:
            raise StoreFailed("the disk is full")

    def add(added: Sequence[Camera]) -> None:
        counted("add")
        real_add(added)

    def save(camera: Camera) -> bool:
        counted("save")
        return real_save(camera)

    monkeypatch.setattr(hall.cameras, "add_cameras", add)
    monkeypatch.setattr(hall.cameras, "save_camera", save)
    new = replace(JOB, source="rtsp://10.0.0.3/", telegram_chat_id="99")
    with pytest.raises(StoreFailed):
        hall.schedule([new, *(replace(job, threshold=0.9) for job in known)])
    assert hall.state() == before


def test_what_cannot_be_taken_back_is_logged_and_the_first_failure_told(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hall.schedule([JOB])

    def broken(camera: Camera) -> bool:
        raise StoreFailed("the disk is full")

    def gone(camera_id: str) -> bool:
        raise StoreFailed("the disk is gone")

    monkeypatch.setattr(hall.cameras, "save_camera", broken)
    monkeypatch.setattr(hall.cameras, "delete_camera", gone)
    with pytest.raises(StoreFailed, match="full"):
        hall.schedule([replace(JOB, source="rtsp://10.0.0.3/"), replace(JOB, threshold=0.9)])
    assert "were not all taken back: the disk is gone" in caplog.text
    assert TOKEN not in caplog.text
