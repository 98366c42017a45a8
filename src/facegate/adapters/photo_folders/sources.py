"""Which kind of photo source a path is."""

import zipfile
from pathlib import Path

from facegate.adapters.photo_folders.layout import PhotoLimits
from facegate.adapters.photo_folders.photo_archives import TarPhotos, ZipPhotos, is_tar
from facegate.adapters.photo_folders.photo_folder import PhotoFolder
from facegate.domain.errors import InvalidInput
from facegate.ports.photo_source import PhotoSource


def open_photo_source(path: Path, limits: PhotoLimits | None = None) -> PhotoSource:
    """A folder, a zip file or a tar file by what it is, not by what it is called.

    Raises:
        InvalidInput: it is neither, or is not there.
    """
    try:
        if path.is_dir():
            return PhotoFolder(path, limits)
        if zipfile.is_zipfile(path):
            return ZipPhotos(path, limits)
        if path.is_file() and is_tar(path):
            return TarPhotos(path, limits)
    except (OSError, EOFError, ValueError) as error:
        raise InvalidInput("the photos cannot be read") from error
    if not path.exists():
        raise InvalidInput("there is no such folder or archive of photos")
    raise InvalidInput("photos come in a folder, a zip or a tar file laid out as name/photo.jpg")
