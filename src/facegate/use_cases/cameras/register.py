"""The register of cameras: which there are and which are wanted. In memory over the store."""

import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from facegate.domain.alerts.rules import AlertRule, with_person_replaced, without_people
from facegate.domain.cameras.camera import (
    MAX_SOURCE_CHARS,
    Camera,
    WatchSettings,
    new_camera_id,
    parse_nickname,
)
from facegate.domain.cameras.sources import parse_source
from facegate.domain.errors import CameraNotFound, InvalidInput, NotPermitted
from facegate.ports.cameras.camera_store import CameraStore
from facegate.ports.clock import Clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewCamera:
    """A camera to be scheduled; two may have the same nickname and the same source."""

    nickname: str
    source: str = field(repr=False)
    watch: WatchSettings
    alerts: AlertRule
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class CameraChange:
    """What is to be different; None leaves it."""

    nickname: str | None = None
    source: str | None = field(default=None, repr=False)
    watch: WatchSettings | None = None
    alerts: AlertRule | None = None


def _nobody_listens(camera_ids: Sequence[str]) -> None:
    """Before somebody does."""


class CameraRegister:
    """All cameras. Safe from several threads; one register writes to a store. Reading costs no I/O.

    `check_source` raises InvalidInput or NotPermitted for an address that may not be used. `on_changed` hears
    the ids of cameras after what changed is durable, in the order of the changes; it may read the register
    but not write to it, and must not wait.
    """

    def __init__(
        self, store: CameraStore, clock: Clock, check_source: Callable[[str], None], max_cameras: int
    ) -> None:
        self.on_changed: Callable[[Sequence[str]], None] = _nobody_listens
        self._store = store
        self._clock = clock
        self._check_source = check_source
        self._max_cameras = max_cameras
        # Replaced, never changed: who reads needs no lock.
        self._cameras: dict[str, Camera] = {}
        self._write_lock = threading.Lock()

    def load(self) -> int:
        """Reads the store; the number of cameras. Those whose sources cannot be read are there without.

        Raises:
            StoreFailed: it could not be read.
        """
        with self._write_lock:
            self._cameras = {camera.camera_id: camera for camera in self._store.list_cameras()}
        unreadable = [camera.camera_id for camera in self.list_cameras() if not camera.source]
        if unreadable:
            logger.error(
                "the addresses of some cameras cannot be read (another key of secrets, or damage): enter "
                "them again, or put the earlier key back and restart: %s",
                ", ".join(unreadable),
            )
        return len(self._cameras)

    def list_cameras(self) -> list[Camera]:
        """All, oldest first."""
        return list(self._cameras.values())

    def find(self, camera_id: str) -> Camera | None:
        """The camera, or None."""
        return self._cameras.get(camera_id)

    def get(self, camera_id: str) -> Camera:
        """The camera.

        Raises:
            CameraNotFound: there is none.
        """
        camera = self.find(camera_id)
        if camera is None:
            raise CameraNotFound("no camera has this id")
        return camera

    def checked_source(self, source: str) -> str:
        """The address without blanks around it.

        Raises:
            InvalidInput: it is none; the sentence does not repeat it.
            NotPermitted: it leads to a place inside that is not allowed.
        """
        if len(source) > MAX_SOURCE_CHARS:
            raise InvalidInput(f"rtsp_link has more than {MAX_SOURCE_CHARS} characters", field="rtsp_link")
        address = parse_source(source).address
        self._check_source(address)
        return address

    def add(self, new: Sequence[NewCamera]) -> list[Camera]:
        """The cameras with their ids, in the order given; all of them or none.

        Raises:
            InvalidInput: none was given, too many, or one is wrong; of several the sentence says which.
            NotPermitted: a source may not be used.
            StoreFailed: nothing was added.
        """
        if not new:
            raise InvalidInput("no camera was given")
        checked = [self._checked(one, place, len(new)) for place, one in enumerate(new)]
        with self._write_lock:
            if len(self._cameras) + len(checked) > self._max_cameras:
                raise InvalidInput(
                    f"no more than {self._max_cameras} cameras may be scheduled "
                    f"(FACEGATE_CAMERAS__MAX_CAMERAS), there are {len(self._cameras)}"
                )
            added = self._made(checked)
            self._store.add_cameras(added)
            self._cameras = {**self._cameras, **{camera.camera_id: camera for camera in added}}
            self.on_changed([camera.camera_id for camera in added])
        return added

    def change(self, camera_id: str, change: CameraChange | Callable[[Camera], CameraChange]) -> Camera:
        """The changed camera. A function gets it as it is: no other change comes between.

        Raises:
            CameraNotFound: there is none.
            InvalidInput: a nickname or source that is none.
            NotPermitted: the source may not be used.
            StoreFailed: nothing was changed.
        """

        def changed(camera: Camera) -> Camera:
            wanted = change(camera) if callable(change) else change
            return replace(
                camera,
                nickname=camera.nickname if wanted.nickname is None else parse_nickname(wanted.nickname),
                source=camera.source if wanted.source is None else self.checked_source(wanted.source),
                watch=camera.watch if wanted.watch is None else wanted.watch,
                alerts=camera.alerts if wanted.alerts is None else wanted.alerts,
            )

        return self._save(camera_id, changed)

    def start(self, camera_id: str) -> Camera:
        """Wanted from now on. One that is wanted already is tried at once; a file is played again.

        Raises:
            CameraNotFound: there is none.
            StoreFailed: nothing was changed.
        """
        return self._save(camera_id, lambda camera: replace(camera, is_enabled=True))

    def stop(self, camera_id: str) -> Camera:
        """Not wanted any more, until `start`; see there for what is raised."""
        return self._save(camera_id, lambda camera: replace(camera, is_enabled=False))

    def snooze(self, camera_id: str, until: datetime | None) -> Camera:
        """No alerts of it until then; None ends that.

        Raises:
            CameraNotFound: there is none.
            InvalidInput: a time without a zone.
            StoreFailed: nothing was changed.
        """
        if until is not None and until.utcoffset() is None:
            raise InvalidInput("until is a time with its zone, such as 2026-05-01T08:00:00Z", field="until")
        return self._save(
            camera_id,
            lambda camera: replace(camera, alerts=replace(camera.alerts, snoozed_until=until)),
        )

    def delete(self, camera_id: str) -> None:
        """Forgets it; its events stay.

        Raises:
            CameraNotFound: there is none.
            StoreFailed: it is still there.
        """
        with self._write_lock:
            was_stored = self._store.delete_camera(camera_id)
            if not self._forget(camera_id) and not was_stored:
                raise CameraNotFound("no camera has this id")

    def forget_subjects(self, subject_ids: Collection[str]) -> None:
        """Takes persons out of all rules: whoever gets their id later is not told of in their place.

        Raises:
            StoreFailed: some rules may still name them; calling again goes on.
        """
        self._change_rules(lambda rule: without_people(rule, subject_ids))

    def replace_subject(self, from_id: str, into_id: str) -> None:
        """Puts one person in the place of another in all rules; raises as `forget_subjects` does."""
        self._change_rules(lambda rule: with_person_replaced(rule, from_id, into_id))

    def _change_rules(self, changed: Callable[[AlertRule], AlertRule]) -> None:
        for camera in self.list_cameras():
            if changed(camera.alerts) is not camera.alerts:
                # One that was deleted meanwhile names nobody.
                with contextlib.suppress(CameraNotFound):
                    self.change(camera.camera_id, lambda now: CameraChange(alerts=changed(now.alerts)))

    def _checked(self, new: NewCamera, place: int, count: int) -> NewCamera:
        try:
            return replace(new, nickname=parse_nickname(new.nickname), source=self.checked_source(new.source))
        except InvalidInput as error:
            if count == 1:
                raise
            raise InvalidInput(f"camera {place + 1}: {error.message}", field=error.field) from error
        except NotPermitted as error:
            if count == 1:
                raise
            raise NotPermitted(f"camera {place + 1}: {error.message}") from error

    def _made(self, checked: Sequence[NewCamera]) -> list[Camera]:
        now = self._clock.now_utc()
        return [
            Camera(
                camera_id=new_camera_id(),
                nickname=one.nickname,
                source=one.source,
                watch=one.watch,
                alerts=one.alerts,
                is_enabled=one.is_enabled,
                # A microsecond apart, so that "oldest first" is the order given after a restart, too.
                created_at=now + timedelta(microseconds=place),
                updated_at=now + timedelta(microseconds=place),
            )
            for place, one in enumerate(checked)
        ]

    def _save(self, camera_id: str, change: Callable[[Camera], Camera]) -> Camera:
        """Durable first, told second."""
        with self._write_lock:
            changed = replace(change(self.get(camera_id)), updated_at=self._clock.now_utc())
            if not self._store.save_camera(changed):
                self._forget(camera_id)
                raise CameraNotFound("no camera has this id")
            self._cameras = {**self._cameras, camera_id: changed}
            self.on_changed([camera_id])
        return changed

    def _forget(self, camera_id: str) -> bool:
        """Under the write lock; whether it was known."""
        was_known = camera_id in self._cameras
        self._cameras = {key: camera for key, camera in self._cameras.items() if key != camera_id}
        if was_known:
            self.on_changed([camera_id])
        return was_known
