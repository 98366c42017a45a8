"""What the persons door needs for cameras."""

from typing import TYPE_CHECKING

from facegate.composition.application import Application
from facegate.frontends.persons.camera_routes import PersonsCameras

if TYPE_CHECKING:
    from facegate.composition.doors import Floor


def persons_cameras(application: Application, floor: "Floor") -> PersonsCameras | None:
    """None where cameras are switched off."""
    watching = application.watching
    if watching is None or watching.runner is None:
        return None
    return PersonsCameras(
        schedule=watching.schedule,
        get_camera=watching.register.get,
        status=watching.runner.status,
        store_workers=floor.store_workers,
    )
