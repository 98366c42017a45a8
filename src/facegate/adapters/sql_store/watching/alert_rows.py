"""How channels, messages and marks look as rows. No SQL is run here."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from facegate.adapters.sql_store.enrolling import check_storable
from facegate.adapters.sql_store.rows import from_us, optional_time, optional_us, storable, to_us
from facegate.adapters.sql_store.watching.tables import alert_messages
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import (
    FINAL_STATES,
    AlertKind,
    AlertMark,
    AlertText,
    MessageState,
    OutboxMessage,
)
from facegate.domain.errors import CapabilityMissing
from facegate.ports.alerts.secret_box import SecretBox

WITHOUT_PICTURE = tuple(column for column in alert_messages.c if column.name != "picture")
"""For lists: pictures are large."""


def channel_row(channel: AlertChannel, secret_box: SecretBox) -> dict[str, Any]:
    """A whole row, the secrets sealed together; lost ones are left out.

    Raises:
        InvalidInput: the id or the name cannot be stored.
    """
    check_storable([channel.channel_id, channel.name])
    # What was sealed before stays: its key may come back.
    sealed = {} if channel.has_lost_secrets else _sealed(channel.secrets, secret_box)
    return {
        **sealed,
        "channel_id": channel.channel_id,
        "kind": channel.kind.value,
        "name": channel.name,
        "options_json": json.dumps(dict(channel.options)),
        "is_enabled": channel.is_enabled,
        "created_at_us": to_us(channel.created_at),
    }


def _sealed(secrets: Mapping[str, str], secret_box: SecretBox) -> dict[str, Any]:
    return {"sealed_secrets": secret_box.seal(json.dumps(dict(secrets)))}


def channel_of(row: Row[Any], secret_box: SecretBox) -> AlertChannel:
    """A row as a channel; with `has_lost_secrets` where they cannot be read."""
    options: dict[str, str] = {}
    secrets: dict[str, str] | None = None
    with contextlib.suppress(CapabilityMissing, ValueError):
        options = json.loads(row.options_json)
        secrets = json.loads(secret_box.open(row.sealed_secrets))
    return AlertChannel(
        channel_id=row.channel_id,
        kind=ChannelKind(row.kind),
        name=row.name,
        options=options,
        secrets=secrets or {},
        is_enabled=row.is_enabled,
        created_at=from_us(row.created_at_us),
        has_lost_secrets=secrets is None,
    )


def message_row(message: OutboxMessage) -> dict[str, Any]:
    """A whole row. An unreadable character in a text is stored as U+FFFD.

    Raises:
        InvalidInput: an id cannot be stored.
    """
    ids = (message.event_id, message.camera_id, message.subject_id)
    check_storable([message.message_id, message.channel_id, message.dedup_key, *(one or "" for one in ids)])
    return {
        "message_id": message.message_id,
        "channel_id": message.channel_id,
        "kind": message.kind.value,
        "title": storable(message.text.title),
        "body": storable(message.text.body),
        "facts_json": json.dumps(dict(message.text.facts)),
        "dedup_key": message.dedup_key,
        "created_at_us": to_us(message.created_at),
        "event_id": message.event_id,
        "camera_id": message.camera_id,
        "subject_id": message.subject_id,
        "digest_id": None,
        "picture": None if message.state in FINAL_STATES else message.picture,
        **progress_row(message),
    }


def progress_row(message: OutboxMessage) -> dict[str, Any]:
    """What changes while a message is on its way."""
    return {
        "state": message.state.value,
        "attempt_count": message.attempt_count,
        "last_error": storable(message.last_error),
        "next_attempt_at_us": to_us(message.next_attempt_at),
        "expires_at_us": to_us(message.expires_at),
        "finished_at_us": optional_us(message.finished_at),
    }


def message_of(row: Row[Any], picture: bytes | None = None) -> OutboxMessage:
    """A row of WITHOUT_PICTURE, or a whole one, as a message."""
    return OutboxMessage(
        message_id=row.message_id,
        channel_id=row.channel_id,
        kind=AlertKind(row.kind),
        text=AlertText(row.title, row.body, json.loads(row.facts_json)),
        dedup_key=row.dedup_key,
        created_at=from_us(row.created_at_us),
        expires_at=from_us(row.expires_at_us),
        next_attempt_at=from_us(row.next_attempt_at_us),
        state=MessageState(row.state),
        attempt_count=row.attempt_count,
        last_error=row.last_error,
        finished_at=optional_time(row.finished_at_us),
        event_id=row.event_id,
        camera_id=row.camera_id,
        subject_id=row.subject_id,
        picture=picture,
    )


def mark_row(mark: AlertMark) -> dict[str, Any]:
    """A whole row.

    Raises:
        InvalidInput: an id cannot be stored.
    """
    check_storable([mark.camera_id, mark.person_key])
    return {
        "camera_id": mark.camera_id,
        "person_key": mark.person_key,
        "told_at_us": to_us(mark.told_at),
    }
