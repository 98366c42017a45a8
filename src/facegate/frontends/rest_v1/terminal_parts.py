"""What the routes of /v1 for face terminals stand on, and what all of them share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from facegate.domain.terminals.enrolment_numbers import MAX_ENROLMENT_NUMBER
from facegate.frontends.rest_v1.answers import ErrorAnswer, ErrorDetail
from facegate.frontends.rest_v1.live_streams import EventStreams
from facegate.frontends.rest_v1.parts import json_answer
from facegate.frontends.rest_v1.terminal_admin.messages import SERIAL_NUMBER_PATTERN
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.json_bodies import SMALL_BODY_BYTES, read_json_body
from facegate.frontends.wire.json_messages import M, message_from_json
from facegate.frontends.wire.request_log import current_request_id
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.terminals.actions import TerminalActions
from facegate.use_cases.terminals.browse import BrowseActivity
from facegate.use_cases.terminals.collect_log import CollectLog
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.placing import PlacePeople
from facegate.use_cases.terminals.register import TerminalRegister
from facegate.use_cases.terminals.review import ReviewEnrolments
from facegate.use_cases.terminals.send_command import SendCommand
from facegate.use_cases.terminals.users import TerminalUsers

SerialNumber = Annotated[
    str,
    Path(
        pattern=SERIAL_NUMBER_PATTERN, description="The terminal's serial number.", examples=["ZXRB22001001"]
    ),
]
EnrollId = Annotated[
    int, Path(ge=1, le=MAX_ENROLMENT_NUMBER, description="The person's number on terminals.", examples=[6])
]

PRIVATE_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""For answers that hold photos or secrets: no cache may keep them."""


@dataclass(frozen=True, slots=True)
class TerminalAdminParts:
    """What these routes stand on.

    `streams` belongs to the router that is made of these parts; `streams.end_all()` has to be called when the
    server stops, or it would wait for its listeners. Accepting an enrolment and
    placing somebody run the engine, hence `engine_workers`; everything else blocks on the store alone.
    """

    register: TerminalRegister
    live: LiveTerminals
    send: SendCommand
    actions: TerminalActions
    users: TerminalUsers
    collect_log: CollectLog
    activity: BrowseActivity
    review: ReviewEnrolments
    placing: PlacePeople
    gate: AccessGate
    store_workers: BoundedWorkers
    engine_workers: BoundedWorkers
    max_image_bytes: int = 16 * 1024 * 1024
    streams: EventStreams = field(default_factory=EventStreams)


async def small_message(model: type[M], request: Request) -> M:
    """The message in a JSON body without pictures; an empty body is an empty message."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return message_from_json(model, b"{}")
    return message_from_json(model, await read_json_body(request, max_bytes=SMALL_BODY_BYTES))


def not_found(message: str) -> Response:
    """404 for something that has no kind of its own; the sentence holds no id."""
    detail = ErrorDetail(kind="not_found", message=message, field=None, request_id=current_request_id())
    return json_answer(ErrorAnswer(error=detail), 404)


def private_answer(content: BaseModel | Mapping[str, object]) -> Response:
    """The answer as JSON that no cache keeps.

    What comes from a terminal unread is handed in as a mapping: it may hold halves of characters, which
    ASCII can tell and UTF-8 cannot.
    """
    text = content.model_dump_json() if isinstance(content, BaseModel) else json.dumps(content)
    return Response(text, media_type="application/json", headers=PRIVATE_HEADERS)
