"""A message as JSON for programs."""

import base64
import json

from facegate.domain.alerts.messages import OutboxMessage


def payload_of(message: OutboxMessage, *, with_picture: bool) -> bytes:
    """UTF-8. `picture` is there only where it is wanted and there is one."""
    content: dict[str, object] = {
        "id": message.message_id,
        "kind": message.kind.value,
        "title": message.text.title,
        "body": message.text.body,
        "facts": dict(message.text.facts),
        "event_id": message.event_id,
        "camera_id": message.camera_id,
        "subject_id": message.subject_id,
        "created_at": message.created_at.isoformat(),
    }
    if with_picture and message.picture is not None:
        content["picture"] = {
            "content_type": "image/jpeg",
            "base64": base64.b64encode(message.picture).decode("ascii"),
        }
    # `default`: facts may hold times.
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, default=str, separators=(",", ":"))
    return text.encode("utf-8", "replace")
