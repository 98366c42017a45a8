"""Calls of /v1 that many tests make."""

import base64
from typing import Any

import httpx
from tests.fakes.engine import FakeFace, fake_picture
from tests.protocols.whole_server import Server


def picture(*persons: str | FakeFace, phones: int = 0) -> bytes:
    faces = [FakeFace(one) if isinstance(one, str) else one for one in persons]
    return fake_picture(*faces, phones=phones)


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def enrol(server: Server, subject_id: str, *variants: int, **fields: Any) -> httpx.Response:
    """Enrols a person whose face is named by the id."""
    photos = [picture(FakeFace(subject_id, variant)) for variant in variants or (0,)]
    return server.client.post(
        "/v1/enrol",
        data={"subject_id": subject_id, **fields},
        files=[("image", (f"{number}.jpg", photo)) for number, photo in enumerate(photos)],
    )


def identify(server: Server, content: bytes, **fields: Any) -> httpx.Response:
    return server.client.post("/v1/identify", data=fields, files={"image": ("photo.jpg", content)})


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and kind, after checking the form."""
    detail = answer.json()["error"]
    assert detail.keys() == {"kind", "message", "field", "request_id"}
    assert detail["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, detail["kind"]
