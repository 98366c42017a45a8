"""How cameras look as rows. No SQL is run here."""

import contextlib
from typing import Any

from sqlalchemy import Row

from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import from_us, to_us
from facegate.adapters.sql_store.watching.settings_json import settings_from_json, settings_to_json
from facegate.domain.alerts.rules import AlertRule, AlertWho
from facegate.domain.cameras.camera import Camera, WatchSettings
from facegate.domain.errors import CapabilityMissing, StoreFailed
from facegate.ports.alerts.secret_box import SecretBox


def camera_row(camera: Camera, secret_box: SecretBox) -> dict[str, Any]:
    """A whole row, the source sealed; an empty one is left out.

    Raises:
        InvalidInput: the id or the nickname cannot be stored.
    """
    check_storable([camera.camera_id, camera.nickname])
    # What was sealed before stays: its key may come back.
    sealed = {"sealed_source": secret_box.seal(camera.source)} if camera.source else {}
    return {
        **sealed,
        "camera_id": camera.camera_id,
        "nickname": camera.nickname,
        "settings_json": settings_to_json(camera.watch, camera.alerts),
        "is_enabled": camera.is_enabled,
        "created_at_us": to_us(camera.created_at),
        "updated_at_us": to_us(camera.updated_at),
    }


def camera_of(row: Row[Any], secret_box: SecretBox) -> Camera:
    """A row as a camera; without a source, and with settings of no effect, where they cannot be read."""
    source = ""
    watch, alerts = WatchSettings(), AlertRule(AlertWho.NOBODY)
    with contextlib.suppress(CapabilityMissing, StoreFailed):
        watch, alerts = settings_from_json(row.settings_json)
        source = secret_box.open(row.sealed_source)
    return Camera(
        camera_id=row.camera_id,
        nickname=row.nickname,
        source=source,
        watch=watch,
        alerts=alerts,
        is_enabled=row.is_enabled,
        created_at=from_us(row.created_at_us),
        updated_at=from_us(row.updated_at_us),
    )
