"""Times and small messages for tests of the presence door."""

import json
from datetime import UTC, datetime, timedelta

from facegate.domain.presence.clients import ClientStatus, PresenceClient
from facegate.frontends.presence.translate import Moment

NOON = datetime(2024, 1, 1, 12, 0, 0, tzinfo=UTC)

LOG_IN_PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChAI9jU77wgAAAABJRU5ErkJggg=="
)
"""The 1 x 1 PNG of the contract's example. Its pixels are broken, its header is not."""


def at(seconds: float) -> Moment:
    """So many seconds after noon, when the monotonic clock stood at zero."""
    return Moment(seconds, NOON + timedelta(seconds=seconds))


def frame_text(user_name: object = "client_001", image: object = "AAAA", **more: object) -> str:
    """A message as workstations send it."""
    return json.dumps({"user_name": user_name, "image": image, **more})


def a_client(client_id: str = "client_001", status: ClientStatus = ClientStatus.ACTIVE) -> PresenceClient:
    """A registered client."""
    return PresenceClient(client_id, status, NOON, NOON)
