"""All routes of /v1 in one router. What it needs from outside is `RestV1Parts`."""

from fastapi import APIRouter

from facegate.frontends.rest_v1.admin_routes import server_router, token_router
from facegate.frontends.rest_v1.parts import RestV1Options, RestV1Parts, Transfers
from facegate.frontends.rest_v1.recognition_routes import recognition_router
from facegate.frontends.rest_v1.subject_routes import subject_router
from facegate.frontends.rest_v1.transfer_routes import transfer_router
from facegate.frontends.wire.route_lists import take_routes

__all__ = ["ARCHIVE_PATHS", "MAX_ARCHIVE_BYTES", "RestV1Options", "RestV1Parts", "Transfers", "make_router"]

ARCHIVE_PATHS = ("/v1/import/encodings", "/v1/import/photos", "/v1/restore")
"""Where bodies may be as large as whole galleries: they go to disk, not to memory."""

MAX_ARCHIVE_BYTES = 4 * 1024**3
"""A million persons with five templates of 128 numbers are 3 GB."""


def make_router(parts: RestV1Parts) -> APIRouter:
    """The whole door."""
    router = APIRouter()
    rooms = (recognition_router, subject_router, transfer_router, token_router, server_router)
    take_routes(router, (room(parts) for room in rooms))
    return router
