"""A gallery whose people can be on terminals, with an engine that sees what pictures say."""

from collections.abc import Collection
from dataclasses import dataclass

from tests.fakes.engine import (
    FAKE_IDENTITY,
    FakeCutter,
    FakeDecoder,
    FakeDetector,
    FakeEmbedder,
    FakeFace,
    FakeLiveness,
    fake_picture,
)
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.fakes.terminals import FakeTerminalPeopleStore
from tests.unit.use_cases.conftest import CURVE

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.domain.matching import MatchPolicy
from facegate.domain.subjects import Subject
from facegate.domain.templates import EmbedderIdentity
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos, EnrolPhotosRequest, Photo
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Forget, Gallery


@dataclass(frozen=True)
class PeopleCore:
    """What the tests act on; `people` may be real or in memory."""

    store: GalleryStore
    people: TerminalPeopleStore
    clock: FakeClock
    detector: FakeDetector
    analysis: FaceAnalysis
    gallery: Gallery
    enrol_photos: EnrolPhotos
    forgetters: list[Forget]

    def enrol(self, subject_id: str, *, keep_cutouts: bool = False) -> Subject:
        """Somebody whose face is called as they are."""
        photo = Photo("photo", fake_picture(FakeFace(subject_id)))
        rules = EnrolmentRules(keep_cutouts=keep_cutouts)
        self.enrol_photos(EnrolPhotosRequest(subject_id, [photo], "test", rules))
        return self.gallery.get_subject(subject_id)

    def number_of(self, subject_id: str) -> int:
        """The number on terminals."""
        number = self.people.enrolment_number(subject_id)
        assert number is not None
        return number


def people_core(
    store: GalleryStore,
    people: TerminalPeopleStore,
    clock: FakeClock,
    identity: EmbedderIdentity = FAKE_IDENTITY,
) -> PeopleCore:
    detector = FakeDetector()
    analysis = FaceAnalysis(
        decoder=FakeDecoder(),
        detector=detector,
        embedder=FakeEmbedder(identity),
        cutter=FakeCutter(),
        liveness=FakeLiveness(),
    )
    forgetters: list[Forget] = []

    def forget(subject_ids: Collection[str]) -> None:
        for forgetter in forgetters:
            forgetter(subject_ids)

    gallery = Gallery(store, ExactTemplateIndex(identity), MatchPolicy(CURVE), forget=[forget])
    gallery.load()
    return PeopleCore(
        store, people, clock, detector, analysis, gallery, EnrolPhotos(analysis, gallery, clock), forgetters
    )


def people_in_memory() -> PeopleCore:
    clock = FakeClock()
    store = InMemoryGalleryStore(clock)
    return people_core(store, FakeTerminalPeopleStore(store), clock)
