"""The whole gallery as one zip file."""

from facegate.adapters.gallery_archive.zip_archive import ZipGalleryArchive

__all__ = ["ZipGalleryArchive"]
