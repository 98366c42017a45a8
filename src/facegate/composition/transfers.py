"""What /v1 does with whole files: the use cases on the files of `gallery_files.py`."""

from pathlib import Path

from facegate.composition.application import Application
from facegate.composition.gallery_files import open_archive, open_encodings, open_photos
from facegate.frontends.rest_v1.parts import Transfers
from facegate.use_cases.enrol_folder import EnrolFolderReport
from facegate.use_cases.enrol_photos import EnrolmentRules
from facegate.use_cases.import_encodings import ImportReport


def make_transfers(application: Application) -> Transfers:
    """The transfers of /v1 on this application."""

    def import_encodings(path: Path) -> ImportReport:
        return application.import_encodings(open_encodings(path))

    def import_photos(path: Path, rules: EnrolmentRules) -> EnrolFolderReport:
        return application.enrol_folder(open_photos(path), rules)

    def export_gallery(path: Path) -> int:
        return application.export_gallery(open_archive(path))

    def restore_gallery(path: Path, replace: bool) -> int:
        return application.restore_gallery(open_archive(path), replace=replace)

    return Transfers(import_encodings, import_photos, export_gallery, restore_gallery)
