"""What the doors of workstations and terminals share with all others."""

from dataclasses import dataclass

from facegate.ports.clock import Clock
from facegate.ports.gallery_store import GalleryStore
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """One engine and one gallery; `rules` are those of photos that come without a door of their own."""

    analysis: FaceAnalysis
    gallery: Gallery
    gallery_store: GalleryStore
    enrol_photos: EnrolPhotos
    rules: EnrolmentRules
    clock: Clock
