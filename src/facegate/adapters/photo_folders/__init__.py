"""Photos of named persons in a folder, a zip or a tar archive."""

from facegate.adapters.photo_folders.photo_archives import TarPhotos, ZipPhotos
from facegate.adapters.photo_folders.photo_folder import PhotoFolder
from facegate.adapters.photo_folders.sources import open_photo_source

__all__ = ["PhotoFolder", "TarPhotos", "ZipPhotos", "open_photo_source"]
