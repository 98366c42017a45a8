"""Which adapters read and write the files that go in and out of a gallery."""

from pathlib import Path

from facegate.adapters.encoding_files import EncodingFile
from facegate.adapters.gallery_archive import ZipGalleryArchive
from facegate.adapters.photo_folders import open_photo_source
from facegate.ports.encoding_reader import EncodingReader
from facegate.ports.gallery_archive import GalleryArchive
from facegate.ports.photo_source import PhotoSource


def open_photos(path: Path) -> PhotoSource:
    """Photos of named persons in a folder, a zip or a tar file.

    Raises:
        InvalidInput: it is none of these.
    """
    return open_photo_source(path)


def open_encodings(path: Path) -> EncodingReader:
    """Encodings of face_recognition as npz, JSON or CSV."""
    return EncodingFile(path)


def open_archive(path: Path) -> GalleryArchive:
    """A whole gallery as one file."""
    return ZipGalleryArchive(path)
