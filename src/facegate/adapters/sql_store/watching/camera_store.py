"""The `CameraStore` port in SQL."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from facegate.adapters.sql_store.connection import Database
from facegate.adapters.sql_store.rows import is_storable
from facegate.adapters.sql_store.watching.camera_rows import camera_of, camera_row
from facegate.adapters.sql_store.watching.outbox import forget_camera
from facegate.adapters.sql_store.watching.tables import cameras
from facegate.domain.cameras.camera import Camera
from facegate.ports.alerts.secret_box import SecretBox


class SqlCameraStore:
    """Cameras in a table; their settings are one JSON document, their sources are sealed."""

    def __init__(self, database: Database, secret_box: SecretBox) -> None:
        self._database = database
        self._secret_box = secret_box

    def add_cameras(self, added: Sequence[Camera]) -> None:
        """One transaction.

        Raises:
            InvalidInput: an id or a nickname cannot be stored.
            StoreFailed: an id is taken, or the database failed; nothing was written.
        """
        rows = [camera_row(camera, self._secret_box) for camera in added]
        if rows:
            with self._database.writing() as connection:
                connection.execute(insert(cameras), rows)

    def save_camera(self, camera: Camera) -> bool:
        """False when there is none of this id."""
        row = camera_row(camera, self._secret_box)
        with self._database.writing() as connection:
            changed = update(cameras).where(cameras.c.camera_id == camera.camera_id).values(row)
            return connection.execute(changed).rowcount > 0

    def find_camera(self, camera_id: str) -> Camera | None:
        """The camera, or None."""
        if not is_storable(camera_id):
            return None
        with self._database.reading() as connection:
            row = connection.execute(select(cameras).where(cameras.c.camera_id == camera_id)).one_or_none()
        return None if row is None else camera_of(row, self._secret_box)

    def list_cameras(self) -> list[Camera]:
        """By the time when they were added."""
        with self._database.reading() as connection:
            rows = connection.execute(select(cameras).order_by(cameras.c.created_at_us, cameras.c.camera_id))
            found = rows.all()
        return [camera_of(row, self._secret_box) for row in found]

    def delete_camera(self, camera_id: str) -> bool:
        """Also one whose source cannot be opened any more."""
        if not is_storable(camera_id):
            return False
        with self._database.writing() as connection:
            gone = connection.execute(delete(cameras).where(cameras.c.camera_id == camera_id)).rowcount
            forget_camera(connection, camera_id)
        self._database.wipe_journal()
        return gone > 0
