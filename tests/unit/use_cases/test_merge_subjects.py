"""Two who are one: templates, groups and events move, nothing is lost on the way."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from tests.fakes.engine import FAKE_IDENTITY, FakeEmbedder, FakeFace, fake_picture
from tests.fakes.events import FakeEventStore
from tests.fakes.shots import InMemoryShotStore
from tests.fakes.subject_groups import FakeSubjectGroups
from tests.unit.use_cases.conftest import CURVE, Core
from tests.unit.use_cases.events.happened import NOON, maybe, seen
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.domain.errors import InvalidInput, StoreFailed, SubjectNotFound
from facegate.domain.events.event import EventDoor, EventQuery, ReviewState
from facegate.domain.events.review import Learned, decided, learned_from
from facegate.domain.gallery import NewTemplate
from facegate.domain.matching import MatchPolicy
from facegate.domain.merging import merged_template_id
from facegate.domain.templates import EmbedderIdentity, Metric
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.forget import ForgetEvents
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.merge_subjects import MergeStores, MergeSubjects


@dataclass
class Registry:
    """A gallery that forgets events as the real one does."""

    core: Core
    events: FakeEventStore
    shots: InMemoryShotStore
    groups: FakeSubjectGroups
    log: EventLog

    def merge(self, max_templates: int | None = None) -> MergeSubjects:
        stores = MergeStores(self.events, self.groups, self.core.store.cutout_of)
        return MergeSubjects(self.core.gallery, stores, self.log, self.core.clock, max_templates)

    def whom(self, face: FakeFace) -> str | None:
        """Who is recognised."""
        frame = self.core.analysis.decode(fake_picture(face))
        judged = self.core.analysis.judge(frame, self.core.analysis.find_faces(frame)[0])
        match = self.core.gallery.identify(self.core.analysis.embed([judged])[0]).match
        return None if match is None else match.subject_id


@pytest.fixture
def registry(core: Core) -> Iterator[Registry]:
    events, shots = FakeEventStore(), InMemoryShotStore()
    gallery = Gallery(
        core.store, ExactTemplateIndex(FAKE_IDENTITY), MatchPolicy(CURVE), [ForgetEvents(events, shots)]
    )
    gallery.load()
    core = replace(core, gallery=gallery, enrol_photos=EnrolPhotos(core.analysis, gallery, core.clock))
    log = EventLog(events, LiveEvents(), core.clock, frozenset(EventDoor))
    keep = EnrolmentRules(keep_cutouts=True)
    enrol(core, "ann", fake_picture(FakeFace("ann")), rules=keep)
    enrol(core, "anna", fake_picture(FakeFace("ann", 7)), fake_picture(FakeFace("ann", 8)), rules=keep)
    yield Registry(core, events, shots, FakeSubjectGroups(), log)
    log.close()


def test_rules_are_changed_while_both_are_enrolled(registry: Registry) -> None:
    told: list[tuple[str, str, bool]] = []

    def rename(from_id: str, into_id: str) -> None:
        told.append((from_id, into_id, registry.core.gallery.find_subject(from_id) is not None))

    stores = MergeStores(registry.events, registry.groups, registry.core.store.cutout_of, rename)
    MergeSubjects(registry.core.gallery, stores, registry.log, registry.core.clock, None)("anna", "ann")
    assert told == [("anna", "ann", True)]


def test_the_first_is_gone_and_the_second_is_recognised_by_all_photos(registry: Registry) -> None:
    merged = registry.merge()("anna", "ann")
    assert (merged.moved_count, merged.left_out_count) == (2, 0)
    assert merged.subject.subject_id == "ann"
    assert merged.subject.template_count == 3
    gallery = registry.core.gallery
    assert gallery.find_subject("anna") is None
    assert gallery.index_agrees_with_store()
    assert registry.whom(FakeFace("ann", 7)) == "ann"
    for stored in gallery.templates_of("ann"):
        assert stored.source == "test"
        assert registry.core.store.cutout_of(stored.template_id) is not None


def test_events_groups_and_what_was_learned_move_with_them(registry: Registry) -> None:
    learned_id = registry.core.gallery.templates_of("anna")[0].template_id
    learned = decided(seen(1, "anna"), ReviewState.CONFIRMED, "anna", Learned(learned_id, "anna"), NOON)
    pending = maybe(2, "anna", "bob", has_shot=True)
    registry.events.add_events([learned, pending, seen(3, "bob"), seen(4, "ann")])
    registry.shots.save(pending.event_id, b"jpeg")
    registry.groups.set_groups("anna", ["staff"])
    registry.groups.set_groups("ann", ["family"])
    merged = registry.merge()("anna", "ann")
    assert merged.event_count == 1
    assert registry.groups.groups_of("ann") == {"family", "staff"}
    events = list(registry.events.iterate_events(EventQuery()))
    assert [event.subject_id for event in events] == ["ann", None, "bob", "ann"]
    moved = learned_from(events[0])
    assert moved == Learned(merged_template_id(learned_id, "ann"), "ann")
    assert moved.template_id in {one.template_id for one in registry.core.gallery.templates_of("ann")}
    assert [one.subject_id for one in events[1].candidates] == ["ann", "bob"]
    assert registry.shots.open_shot(pending.event_id) == b"jpeg"


def test_more_events_than_a_page_all_move(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegate.use_cases.merge_subjects._PAGE", 3)
    registry.events.add_events([seen(number, "anna") for number in range(10)])
    assert registry.merge()("anna", "ann").event_count == 10
    assert registry.events.count_events(EventQuery(subject_id="ann")) == 10


def test_the_best_stay_within_the_limit(registry: Registry) -> None:
    merged = registry.merge(max_templates=2)("anna", "ann")
    assert merged.subject.template_count == 2
    assert registry.core.gallery.index_agrees_with_store()
    assert merged.moved_count + merged.left_out_count == 2


def test_a_photo_that_both_were_enrolled_with_is_not_doubled(registry: Registry) -> None:
    enrol(registry.core, "anna", fake_picture(FakeFace("ann")))
    merged = registry.merge()("anna", "ann")
    assert (merged.moved_count, merged.left_out_count) == (2, 1)
    assert merged.subject.template_count == 3


def test_what_two_models_made_of_one_photo_stays_together(registry: Registry) -> None:
    newer = EmbedderIdentity("newer-net", 128, Metric.COSINE)
    core = registry.core
    for stored in core.gallery.templates_of("anna"):
        cutout = core.store.cutout_of(stored.template_id)
        assert cutout is not None
        embedder = FakeEmbedder(newer)
        crop = embedder.crop(core.analysis._cutter.open(cutout), cutout.landmarks)
        sister = NewTemplate("s" + stored.template_id[1:], embedder.embed([crop])[0], "test", 0.5)
        core.store.add_sister_template(stored.template_id, sister)
    assert len(core.store.templates_to_reembed("newer-net", 10)) == 1
    assert registry.merge()("anna", "ann").moved_count == 4
    # Only the one photo that had no sister before has none now.
    assert len(core.store.templates_to_reembed("newer-net", 10)) == 1
    assert core.store.templates_to_reembed("fake-embedder", 10) == []


def test_a_merge_that_was_cut_short_goes_on(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise StoreFailed("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(registry.core.store, "remove_subject", broken)
        with pytest.raises(StoreFailed):
            registry.merge()("anna", "ann")
    assert registry.core.gallery.find_subject("anna") is not None
    merged = registry.merge()("anna", "ann")
    assert merged.subject.template_count == 3
    assert registry.core.gallery.find_subject("anna") is None
    assert registry.core.gallery.index_agrees_with_store()


def test_somebody_enrolled_during_the_merge_is_merged_too(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = registry.groups.groups_of
    photos = iter([fake_picture(FakeFace("ann", 20))])

    def enrolling(subject_id: str) -> frozenset[str]:
        for photo in photos:
            enrol(registry.core, "anna", photo)
        return real(subject_id)

    monkeypatch.setattr(registry.groups, "groups_of", enrolling)
    merged = registry.merge()("anna", "ann")
    assert (merged.moved_count, merged.left_out_count) == (3, 0)
    assert merged.subject.template_count == 4


def test_who_cannot_be_merged_is_said(registry: Registry) -> None:
    merge = registry.merge()
    with pytest.raises(InvalidInput) as refused:
        merge("ann", " ann ")
    assert refused.value.field == "into"
    for pair in (("ann", "nobody"), ("nobody", "ann")):
        with pytest.raises(SubjectNotFound):
            merge(*pair)
    assert registry.core.gallery.get_subject("ann").template_count == 1
