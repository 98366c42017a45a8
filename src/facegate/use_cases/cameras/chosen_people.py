"""Persons whom rules of cameras name, where no register is at work: a command removes somebody."""

from collections.abc import Collection
from dataclasses import replace

from facegate.domain.alerts.rules import without_people
from facegate.ports.cameras.camera_store import CameraStore


class ForgetChosen:
    """Takes persons out of all stored rules: whoever gets their id later is not told of in their place."""

    def __init__(self, store: CameraStore) -> None:
        self._store = store

    def __call__(self, subject_ids: Collection[str]) -> None:
        """Raises StoreFailed: some rules may still name them; calling again goes on."""
        for camera in self._store.list_cameras():
            rule = without_people(camera.alerts, subject_ids)
            if rule is not camera.alerts:
                self._store.save_camera(replace(camera, alerts=rule))
