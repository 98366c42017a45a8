"""Which file formats go in and out of the gallery."""

from pathlib import Path

from facegate.composition.application import Application
from facegate.domain.errors import CapabilityMissing
from facegate.frontends.rest_v1.parts import Transfers
from facegate.use_cases.enrol_folder import EnrolFolderReport
from facegate.use_cases.enrol_photos import EnrolmentRules
from facegate.use_cases.import_encodings import ImportReport


def make_transfers(application: Application) -> Transfers:
    """The transfers of /v1, each told by the suffix of its file."""

    def import_encodings(path: Path) -> ImportReport:
        raise CapabilityMissing("not yet", capability="import")

    def import_photos(path: Path, rules: EnrolmentRules) -> EnrolFolderReport:
        raise CapabilityMissing("not yet", capability="import")

    def export_gallery(path: Path) -> int:
        raise CapabilityMissing("not yet", capability="export")

    def restore_gallery(path: Path, replace: bool) -> int:
        raise CapabilityMissing("not yet", capability="restore")

    return Transfers(import_encodings, import_photos, export_gallery, restore_gallery)
