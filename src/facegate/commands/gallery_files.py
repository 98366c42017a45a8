"""Opens the files that go in and out of a gallery, by what they are."""

from pathlib import Path

from facegate.domain.errors import CapabilityMissing
from facegate.ports.encoding_reader import EncodingReader
from facegate.ports.gallery_archive import GalleryArchive
from facegate.ports.photo_source import PhotoSource


def open_photo_source(path: Path) -> PhotoSource:
    """Photos of named persons in a folder or an archive."""
    raise CapabilityMissing("not yet", capability="import")


def open_encodings(path: Path) -> EncodingReader:
    """Encodings of face_recognition."""
    raise CapabilityMissing("not yet", capability="import")


def open_archive(path: Path) -> GalleryArchive:
    """A whole gallery as one file."""
    raise CapabilityMissing("not yet", capability="export")
