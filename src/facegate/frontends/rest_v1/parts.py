"""What the routes of /v1 need from outside, and the small tools that all of them share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from fastapi import APIRouter, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.responses import Response

from facegate.domain.access import Door
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.models import ModelState
from facegate.frontends.rest_v1 import errors
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.answering_route import answering_route
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.detect_faces import DetectFaces
from facegate.use_cases.enrol_folder import EnrolFolderReport
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.identify_faces import IdentifyFaces
from facegate.use_cases.import_encodings import ImportReport
from facegate.use_cases.nightly_maintenance import NightlyMaintenance
from facegate.use_cases.verify_face import VerifyFace


@dataclass(frozen=True, slots=True)
class RestV1Options:
    """`is_liveness_required` runs the liveness check on every picture of this door, asked for or not."""

    rules: EnrolmentRules = field(default_factory=EnrolmentRules)
    liveness: LivenessPolicy = field(default_factory=LivenessPolicy)
    is_liveness_required: bool = False
    max_image_bytes: int = 16 * 1024 * 1024
    version: str = "0"

    def liveness_for(self, *, is_asked_for: bool) -> LivenessPolicy | None:
        """The policy when the check has to run, else None."""
        return self.liveness if is_asked_for or self.is_liveness_required else None


@dataclass(frozen=True, slots=True)
class Transfers:
    """Files in and out of the gallery; composition knows the formats. Each call blocks until it is done.

    The file at the path is the upload under its own suffix. `import_encodings(path)`,
    `import_photos(path, rules)`, `export_gallery(path)` and `restore_gallery(path, replace)` raise as their
    use cases do.
    """

    import_encodings: Callable[[Path], ImportReport]
    import_photos: Callable[[Path, EnrolmentRules], EnrolFolderReport]
    export_gallery: Callable[[Path], int]
    restore_gallery: Callable[[Path, bool], int]


@dataclass(frozen=True, slots=True)
class RestV1Parts:
    """Everything that /v1 stands on."""

    analysis: FaceAnalysis
    detect_faces: DetectFaces
    enrol_photos: EnrolPhotos
    identify_faces: IdentifyFaces
    verify_face: VerifyFace
    gallery: Gallery
    access: AccessControl
    maintenance: NightlyMaintenance
    transfers: Transfers
    list_models: Callable[[], Sequence[ModelState]]
    gate: AccessGate
    engine_workers: BoundedWorkers
    store_workers: BoundedWorkers
    transfer_workers: BoundedWorkers
    options: RestV1Options


_BEARER = HTTPBearer(
    auto_error=False,
    description="A token of this server: the one shown at its first start or made with `facegate token`.",
)


class GatedParts(Protocol):
    """What every router of /v1 needs, whatever else its parts hold."""

    @property
    def gate(self) -> AccessGate:
        """Decides who gets in."""
        ...


def v1_router(parts: GatedParts, tag: str) -> APIRouter:
    """A router under /v1 that lets nobody in without a token for this door and answers errors our way."""
    route_class = answering_route(errors.answer, admit=parts.gate.guard(Door.REST_V1))
    # The dependency refuses nobody, the gate has done so; it puts the Authorize button on /docs.
    return APIRouter(prefix="/v1", route_class=route_class, tags=[tag], dependencies=[Security(_BEARER)])


def json_answer(model: BaseModel, status: int = 200) -> Response:
    """The answer as JSON bytes; called on worker threads, so that the event loop only sends."""
    return Response(model.model_dump_json(), status, media_type="application/json")


def openapi_model(model: type[BaseModel], description: str) -> dict[str, Any]:
    """A documented success answer."""
    return {"model": model, "description": description}
