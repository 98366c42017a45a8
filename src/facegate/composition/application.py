"""Everything the doors and the command line stand on, built once. How it is built is `embedded.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from facegate.composition.access_tokens import MainToken
from facegate.composition.engine import Engine
from facegate.composition.presence.parts import Presence
from facegate.composition.terminals.parts import Terminals
from facegate.domain.access import Door
from facegate.domain.liveness import LivenessPolicy
from facegate.ports.clock import Clock
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.model_files import ModelFiles
from facegate.settings.model import Settings
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.calibrate_matching import CalibrateMatching
from facegate.use_cases.check_readiness import CheckReadiness
from facegate.use_cases.enrol_folder import EnrolFolder
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.gallery_transfer import ExportGallery, RestoreGallery
from facegate.use_cases.identify_faces import IdentifyFaces
from facegate.use_cases.import_encodings import ImportEncodings
from facegate.use_cases.nightly_maintenance import NightlyMaintenance
from facegate.use_cases.verify_face import VerifyFace

if TYPE_CHECKING:
    # FFmpeg and the channels' libraries are nothing for commands that list subjects.
    from facegate.composition.watching.parts import Watching


@dataclass(frozen=True, slots=True, eq=False)
class Application:
    """One engine and one gallery. `close` releases the store and the data folder.

    `presence` and `terminals` are None where their doors are not served, `watching` where nothing is.
    """

    settings: Settings
    clock: Clock
    store: GalleryStore
    model_files: ModelFiles
    engine: Engine
    token: MainToken
    access: AccessControl
    analysis: FaceAnalysis
    gallery: Gallery
    enrol_photos: EnrolPhotos
    enrol_folder: EnrolFolder
    identify_faces: IdentifyFaces
    verify_face: VerifyFace
    import_encodings: ImportEncodings
    export_gallery: ExportGallery
    restore_gallery: RestoreGallery
    calibrate_matching: CalibrateMatching
    nightly: NightlyMaintenance
    readiness: CheckReadiness
    presence: Presence | None
    terminals: Terminals | None
    watching: "Watching | None"
    close: Callable[[], None]

    @property
    def default_liveness_policy(self) -> LivenessPolicy:
        """How live a face has to look wherever the check is asked for."""
        return LivenessPolicy(self.settings.liveness.min_live_probability)

    def liveness_policy(self, door: Door) -> LivenessPolicy | None:
        """The liveness check of this door, None where the operator did not ask for one."""
        return self.default_liveness_policy if door in self.settings.liveness.doors else None

    def enrolment_rules(self, door: Door) -> EnrolmentRules:
        """What a photo must fulfil at the doors without a contract of their own, and on the command line."""
        return enrolment_rules(self.settings, self.liveness_policy(door))


def enrolment_rules(settings: Settings, liveness: LivenessPolicy | None) -> EnrolmentRules:
    """What a photo must fulfil, with the liveness check of the door if it has one."""
    return EnrolmentRules(
        min_quality=settings.enrolment.min_quality,
        max_templates=settings.enrolment.max_templates,
        liveness=liveness,
        keep_cutouts=settings.storage.keep_cutouts,
    )
