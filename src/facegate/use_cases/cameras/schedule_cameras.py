"""Cameras as the old persons server scheduled them: an address, a name, a Telegram chat."""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.camera import Camera, WatchSettings, parse_nickname
from facegate.domain.errors import FacegateError, InvalidInput, NotPermitted
from facegate.use_cases.alerts.channels import AlertChannels
from facegate.use_cases.cameras.register import CameraChange, CameraRegister, NewCamera

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CameraJob:
    """One job of the old contract. Without token and chat nobody is told; events are kept all the same."""

    source: str = field(repr=False)
    nickname: str
    telegram_token: str = field(repr=False)
    telegram_chat_id: str
    threshold: float = 0.5
    cooldown_s: int = 3600


class ScheduleCameras:
    """All jobs or none. A job with address and name of a camera that exists changes that one and starts it.

    Scripts send the same jobs at every start: a second camera on the same stream would do and tell
    everything twice.
    """

    def __init__(self, register: CameraRegister, channels: AlertChannels) -> None:
        self._register = register
        self._channels = channels
        # Two scripts that send the same job at once must not make two cameras of it.
        self._scheduling = threading.Lock()

    def __call__(self, jobs: Sequence[CameraJob]) -> list[Camera]:
        """The cameras in the order of the jobs.

        Raises:
            InvalidInput: one of the jobs is wrong; `field` is its place and its field, such as `1.token`.
            NotPermitted: an address may not be used; of several jobs the sentence says which.
            StoreFailed: nothing was scheduled.
        """
        with self._scheduling, contextlib.ExitStack() as undoing:
            wanted = _each(jobs, self._checked)
            known_channels = {channel.channel_id for channel in self._channels.list_channels()}
            wanted = _each(
                list(zip(jobs, wanted, strict=True)),
                lambda pair: self._with_channel(*pair, known_channels, undoing),
            )
            cameras = self._scheduled(wanted, undoing)
            undoing.pop_all()
        return cameras

    def _checked(self, job: CameraJob) -> NewCamera:
        """Everything that can be said of a job before anything is written."""
        return NewCamera(
            parse_nickname(job.nickname),
            self._register.checked_source(job.source),
            WatchSettings(threshold=job.threshold),
            AlertRule(AlertWho.KNOWN, cooldown_s=job.cooldown_s),
        )

    def _with_channel(
        self, job: CameraJob, wanted: NewCamera, known: set[str], undoing: contextlib.ExitStack
    ) -> NewCamera:
        if not job.telegram_token and not job.telegram_chat_id:
            return wanted
        channel = self._channels.telegram_channel(job.telegram_token, job.telegram_chat_id, wanted.nickname)
        if channel.channel_id not in known:
            known.add(channel.channel_id)
            undoing.callback(_undo, partial(self._channels.delete, channel.channel_id))
        return replace(wanted, alerts=replace(wanted.alerts, channel_ids=(channel.channel_id,)))

    def _scheduled(self, wanted: Sequence[NewCamera], undoing: contextlib.ExitStack) -> list[Camera]:
        """New ones first, in one write: they alone can still be refused."""
        known = {_key(camera): camera for camera in self._register.list_cameras()}
        new = {_key(one): one for one in wanted if _key(one) not in known}
        added = dict(zip(new, self._register.add(list(new.values())), strict=True)) if new else {}
        for camera in added.values():
            undoing.callback(_undo, partial(self._register.delete, camera.camera_id))
        return [
            added.get(_key(one)) or self._changed(known[_key(one)].camera_id, one, undoing) for one in wanted
        ]

    def _changed(self, camera_id: str, wanted: NewCamera, undoing: contextlib.ExitStack) -> Camera:
        """What a job says is taken over; what the operator set beside it stays."""
        before = self._register.get(camera_id)

        def change(camera: Camera) -> CameraChange:
            channel_ids = wanted.alerts.channel_ids or camera.alerts.channel_ids
            return CameraChange(
                watch=replace(camera.watch, threshold=wanted.watch.threshold),
                alerts=replace(camera.alerts, channel_ids=channel_ids, cooldown_s=wanted.alerts.cooldown_s),
            )

        changed = self._register.change(camera_id, change)
        as_before = CameraChange(watch=before.watch, alerts=before.alerts)
        undoing.callback(_undo, partial(self._register.change, camera_id, as_before))
        if changed.is_enabled:
            return changed
        undoing.callback(_undo, partial(self._register.stop, camera_id))
        return self._register.start(camera_id)


def _each(items: Sequence[T], work: Callable[[T], NewCamera]) -> list[NewCamera]:
    """The work on each; an error says on which."""
    done = []
    for place, item in enumerate(items):
        try:
            done.append(work(item))
        except InvalidInput as error:
            raise InvalidInput(error.message, field=f"{place}.{error.field or ''}".rstrip(".")) from error
        except NotPermitted as error:
            if len(items) == 1:
                raise
            raise NotPermitted(f"camera {place + 1}: {error.message}") from error
    return done


def _undo(step: Callable[[], object]) -> None:
    """Best effort: the failure that made it necessary is the one to be told."""
    try:
        step()
    except FacegateError as error:
        logger.error("cameras that could not all be scheduled were not all taken back: %s", error.message)


def _key(camera: NewCamera | Camera) -> tuple[str, str]:
    return camera.source, camera.nickname
