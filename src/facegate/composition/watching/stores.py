"""Where cameras, channels, events and their pictures are kept."""

from dataclasses import dataclass
from pathlib import Path

from facegate.adapters.fernet_secrets import FernetSecretBox, load_or_make_key
from facegate.adapters.shot_files import FileShotStore
from facegate.adapters.sql_store import (
    Database,
    SqlAlertStore,
    SqlCameraStore,
    SqlEventStore,
    SqlSubjectGroups,
)
from facegate.ports.alerts.alert_store import AlertStore
from facegate.ports.cameras.camera_store import CameraStore
from facegate.ports.events.event_store import EventStore
from facegate.ports.events.shot_store import ShotStore
from facegate.ports.subject_groups import SubjectGroupStore
from facegate.settings.camera_groups import AlertSettings

SHOTS_FOLDER_NAME = "shots"


@dataclass(frozen=True, slots=True)
class WatchStores:
    """Rows beside the gallery's, and files in the data folder."""

    cameras: CameraStore
    events: EventStore
    alerts: AlertStore
    groups: SubjectGroupStore
    shots: ShotStore


def open_watch_stores(database: Database, data_folder: Path, chosen: AlertSettings) -> WatchStores:
    """The real ones. The key of secrets is the operator's, or one that is made and kept in the data folder.

    Raises:
        InvalidInput: the operator's key is none.
        StoreFailed: the key in the data folder cannot be read or written.
    """
    key = None if chosen.secret_key is None else chosen.secret_key.get_secret_value()
    box = FernetSecretBox(key or load_or_make_key(data_folder))
    return WatchStores(
        cameras=SqlCameraStore(database, box),
        events=SqlEventStore(database),
        alerts=SqlAlertStore(database, box),
        groups=SqlSubjectGroups(database),
        shots=FileShotStore(data_folder / SHOTS_FOLDER_NAME),
    )
