"""What every GalleryStore promises, run over SQLite, PostgreSQL and the fake."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from tests.contracts.gallery_stores import postgres_database, sqlite_database
from tests.fakes.enrolments import NOON, enrolment, later, new_cutout, new_template
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore

from facegate.adapters.sql_store import SqlGalleryStore
from facegate.domain.errors import FacegateError, StoreFailed
from facegate.domain.images import FaceCutout
from facegate.domain.templates import StoredTemplate
from facegate.ports.gallery_store import GalleryStore


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(later(3600))


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[GalleryStore]:
    if request.param == "fake":
        yield InMemoryGalleryStore(clock)
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield SqlGalleryStore(database, clock)
    else:
        with postgres_database() as database:
            yield SqlGalleryStore(database, clock)


def same_template(left: StoredTemplate | None, right: StoredTemplate | None) -> bool:
    if left is None or right is None:
        return left is right
    is_same_vector = np.array_equal(left.template.vector, right.template.vector)
    return is_same_vector and facts(left) == facts(right)


def facts(stored: StoredTemplate) -> tuple[object, ...]:
    return (
        stored.template_id,
        stored.subject_id,
        stored.template.model_id,
        stored.source,
        stored.quality,
        stored.created_at,
        stored.has_cutout,
    )


def same_cutout(left: FaceCutout | None, right: FaceCutout) -> bool:
    return (
        left is not None
        and left.encoded_image == right.encoded_image
        and np.array_equal(left.landmarks.points_xy_px, right.landmarks.points_xy_px)
    )


def ids(templates: list[StoredTemplate]) -> list[str]:
    return [stored.template_id for stored in templates]


def test_enrolling_creates_the_subject_and_keeps_the_vectors_bit_by_bit(store: GalleryStore) -> None:
    new = new_template("t1", quality=0.75)
    outcome = store.enrol(enrolment("anna", new, display_name="Anna B."))
    assert outcome.was_created
    assert outcome.removed_template_ids == ()
    assert outcome.subject == store.find_subject("anna")
    assert (outcome.subject.display_name, outcome.subject.template_count) == ("Anna B.", 1)
    assert outcome.subject.created_at == outcome.subject.updated_at == NOON
    stored = store.find_template("t1")
    assert stored is not None
    assert stored.template.vector.tobytes() == new.template.vector.tobytes()
    assert (stored.subject_id, stored.quality, stored.created_at) == ("anna", 0.75, NOON)
    assert not stored.has_cutout
    assert [same_template(added, stored) for added in outcome.added] == [True]


def test_enrolling_again_adds_and_keeps_the_name_unless_told(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template(), display_name="Anna"))
    again = store.enrol(enrolment("anna", new_template(quality=None), at=later(5)))
    assert not again.was_created
    assert (again.subject.display_name, again.subject.template_count) == ("Anna", 2)
    assert (again.subject.created_at, again.subject.updated_at) == (NOON, later(5))
    assert store.enrol(enrolment("anna", display_name="Ann")).subject.display_name == "Ann"


def test_a_subject_without_name_is_named_by_its_id(store: GalleryStore) -> None:
    assert store.enrol(enrolment("42")).subject.display_name == "42"
    assert store.counts().subject_count == 1
    assert store.templates_of("42") == []


@pytest.mark.parametrize("subject_id", ["a/b", "🦊 fuchs", "O'Hara; --", "%", "_", "é", "ß" * 128, "a\\b"])
def test_any_id_that_the_domain_allows_is_kept(store: GalleryStore, subject_id: str) -> None:
    store.enrol(enrolment(subject_id, new_template("t")))
    found = store.find_subject(subject_id)
    assert found is not None
    assert found.subject_id == subject_id
    assert [subject.subject_id for subject in store.list_subjects(containing=subject_id)] == [subject_id]
    assert store.remove_subject(subject_id) == ("t",)


@pytest.mark.parametrize("odd_id", ["", "nul\0here", "half \ud800", "x" * 10_000])
def test_ids_that_cannot_exist_are_simply_not_there(store: GalleryStore, odd_id: str) -> None:
    assert store.find_subject(odd_id) is None
    assert store.find_template(odd_id) is None
    assert store.templates_of(odd_id) == []
    assert store.remove_subject(odd_id) is None
    assert store.remove_template(odd_id) is None
    assert store.rename_subject(odd_id, "x") is None
    assert store.cutout_of(odd_id) is None
    assert store.list_subjects(containing=odd_id or None, after=odd_id) == []
    assert store.add_sister_template(odd_id, new_template()) is None


def test_a_template_id_is_used_once_and_a_refused_enrolment_leaves_nothing(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("t")))
    number = store.change_number()
    with pytest.raises(StoreFailed):
        store.enrol(enrolment("bob", new_template("u"), new_template("t")))
    assert store.find_subject("bob") is None
    assert store.find_template("u") is None
    assert store.change_number() == number


def test_subjects_come_in_the_order_of_code_points_page_by_page(store: GalleryStore) -> None:
    names = ["b", "B", "a", "Z", "é", "z", "10", "9", "🦊", "\uffee", "_"]
    for name in names:
        store.enrol(enrolment(name))
    pages: list[str] = []
    after: str | None = None
    while page := store.list_subjects(after=after, limit=3):
        pages += [subject.subject_id for subject in page]
        after = page[-1].subject_id
    assert pages == sorted(names)
    assert store.list_subjects(limit=0) == []


def test_containing_looks_in_id_and_name_without_regard_to_case(store: GalleryStore) -> None:
    store.enrol(enrolment("17", display_name="Ärzte Müller"))
    store.enrol(enrolment("mule"))
    store.enrol(enrolment("other"))
    found = {
        text: [s.subject_id for s in store.list_subjects(containing=text)] for text in ("mü", "MU", "ÄRZ")
    }
    assert found == {"mü": ["17"], "MU": ["mule"], "ÄRZ": ["17"]}
    assert store.list_subjects(containing="%") == []
    assert store.list_subjects(containing="17\närzte") == []


def test_renaming(store: GalleryStore, clock: FakeClock) -> None:
    store.enrol(enrolment("anna", new_template()))
    number = store.change_number()
    renamed = store.rename_subject("anna", "Anna C.")
    assert renamed is not None
    assert (renamed.display_name, renamed.updated_at) == ("Anna C.", clock.now_utc())
    assert renamed == store.find_subject("anna")
    assert [s.subject_id for s in store.list_subjects(containing="c.")] == ["anna"]
    assert store.rename_subject("nobody", "x") is None
    assert store.change_number() == number


def test_removing_a_subject_takes_everything_along(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("t1", cutout=new_cutout()), new_template("t2")))
    store.enrol(enrolment("bob", new_template("t3")))
    assert store.remove_subject("anna") == ("t1", "t2")
    assert store.find_subject("anna") is None
    assert store.find_template("t1") is None
    assert store.cutout_of("t1") is None
    assert ids(list(store.iterate_templates())) == ["t3"]
    assert store.remove_subject("anna") is None


def test_removing_a_template_leaves_the_subject(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("t1", cutout=new_cutout())))
    held = store.find_template("t1")
    assert same_template(store.remove_template("t1"), held)
    assert store.remove_template("t1") is None
    assert store.cutout_of("t1") is None
    subject = store.find_subject("anna")
    assert subject is not None
    assert subject.template_count == 0


def test_templates_come_oldest_first_and_by_model(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("z"), new_template("a"), at=later(10)))
    store.enrol(enrolment("anna", new_template("m", model_id="dlib"), at=later(5)))
    store.enrol(enrolment("anna", new_template("b"), at=later(20)))
    assert ids(store.templates_of("anna")) == ["m", "z", "a", "b"]
    assert ids(store.templates_of("anna", model_id="sface-test")) == ["z", "a", "b"]
    assert ids(list(store.iterate_templates())) == ["a", "b", "m", "z"]
    assert ids(list(store.iterate_templates("dlib"))) == ["m"]
    counts = store.counts()
    assert (counts.subject_count, counts.template_count) == (1, 4)
    assert counts.templates_by_model == {"dlib": 1, "sface-test": 3}


def test_beyond_the_limit_the_poorest_template_of_that_model_goes(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("other", model_id="dlib", quality=0.01)))
    store.enrol(enrolment("anna", new_template("good", quality=0.9), new_template("poor", quality=0.1)))
    outcome = store.enrol(enrolment("anna", new_template("new", quality=0.3), at=later(1), max_templates=2))
    assert outcome.removed_template_ids == ("poor",)
    assert ids(list(outcome.added)) == ["new"]
    assert outcome.subject.template_count == 3
    assert ids(store.templates_of("anna")) == ["other", "good", "new"]


def test_a_new_template_that_is_surplus_itself_is_never_reported_as_added(store: GalleryStore) -> None:
    batch = [
        new_template("t1", quality=0.9),
        new_template("t2", quality=0.1),
        new_template("t3", quality=0.8),
    ]
    outcome = store.enrol(enrolment("anna", *batch, max_templates=2))
    assert ids(store.templates_of("anna")) == ids(list(outcome.added)) == ["t1", "t3"]
    assert outcome.removed_template_ids == ()


def test_cutouts_are_kept_with_their_landmarks(store: GalleryStore) -> None:
    cutout = new_cutout(7)
    outcome = store.enrol(enrolment("anna", new_template("t1", cutout=cutout), new_template("t2")))
    assert [added.has_cutout for added in outcome.added] == [True, False]
    assert same_cutout(store.cutout_of("t1"), cutout)
    assert store.cutout_of("t2") is None


def test_what_an_older_model_made_is_listed_until_it_has_a_sister(store: GalleryStore) -> None:
    old = [new_template(f"old{n}", model_id="old", cutout=new_cutout(n)) for n in range(3)]
    store.enrol(enrolment("anna", *old, new_template("bare", model_id="old")))
    store.enrol(enrolment("bob", new_template("new", model_id="new", cutout=new_cutout(9))))
    assert ids(store.templates_to_reembed("new", 10)) == ["old0", "old1", "old2"]
    assert ids(store.templates_to_reembed("new", 2)) == ["old0", "old1"]
    number = store.change_number()
    sister = store.add_sister_template("old1", new_template("sister", model_id="new"))
    assert sister is not None
    assert (sister.subject_id, sister.has_cutout) == ("anna", True)
    assert same_template(store.find_template("sister"), sister)
    assert store.change_number() > number
    assert ids(store.templates_to_reembed("new", 10)) == ["old0", "old2"]
    assert same_cutout(store.cutout_of("sister"), new_cutout(1))
    store.remove_template("old1")
    assert same_cutout(store.cutout_of("sister"), new_cutout(1))
    assert store.add_sister_template("old1", new_template(model_id="new")) is None


def test_sisters_are_still_sisters_after_a_restore(store: GalleryStore) -> None:
    cutout = new_cutout(3)
    restored = [
        enrolment("anna", new_template("a", model_id="old", cutout=cutout)),
        enrolment("anna", new_template("b", model_id="new", cutout=cutout), at=later(1)),
    ]
    store.restore(restored, replace=True)
    assert store.templates_to_reembed("new", 10) == []


def test_equal_change_numbers_mean_equal_templates(store: GalleryStore) -> None:
    numbers = [store.change_number()]

    def grown() -> bool:
        numbers.append(store.change_number())
        return numbers[-1] > numbers[-2]

    store.enrol(enrolment("anna"))
    assert not grown()
    store.enrol(enrolment("anna", new_template("t1"), new_template("t2")))
    assert grown()
    store.remove_template("t1")
    assert grown()
    store.remove_template("t1")
    store.remove_subject("nobody")
    store.rename_subject("anna", "A")
    assert not grown()
    store.remove_subject("anna")
    assert grown()
    store.restore([enrolment("bob", new_template("t3"))], replace=True)
    assert grown()


def test_reports_keep_the_newest_of_each_kind(store: GalleryStore) -> None:
    assert store.load_report("nightly") is None
    store.save_report("nightly", '{"a": 1}')
    store.save_report("nightly", '{"a": "ü"}')
    store.save_report("calibration", "{}")
    assert store.load_report("nightly") == '{"a": "ü"}'


def test_restore_adds_what_is_missing_and_keeps_what_is_there(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("t1", seed=1), display_name="Anna"))
    written = store.restore(
        [enrolment("anna", new_template("t1", seed=99), new_template("t2")), enrolment("bob", at=later(3))],
        replace=False,
    )
    assert written == 2
    assert ids(store.templates_of("anna")) == ["t1", "t2"]
    kept = store.find_template("t1")
    assert kept is not None
    assert np.array_equal(kept.template.vector, new_template(seed=1).template.vector)
    assert [s.subject_id for s in store.list_subjects()] == ["anna", "bob"]


def test_restore_with_replace_leaves_only_what_it_brings(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("t1", cutout=new_cutout())))
    assert store.restore([enrolment("bob", new_template("t1", seed=5))], replace=True) == 1
    assert [s.subject_id for s in store.list_subjects()] == ["bob"]
    assert ids(list(store.iterate_templates())) == ["t1"]
    assert store.cutout_of("t1") is None
    assert store.restore([], replace=True) == 0
    assert store.counts().subject_count == 0


def test_a_restore_that_fails_changes_nothing(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("t1")))
    twice = new_template("t2")
    with pytest.raises(FacegateError):
        store.restore([enrolment("bob", twice, twice)], replace=True)
    assert [s.subject_id for s in store.list_subjects()] == ["anna"]
    assert ids(list(store.iterate_templates())) == ["t1"]


def test_an_iteration_sees_one_moment(store: GalleryStore) -> None:
    for number in range(3):
        store.enrol(enrolment(f"s{number}", new_template(f"t{number}")))
    iterator = store.iterate_templates()
    first = next(iterator)
    store.remove_subject("s2")
    store.enrol(enrolment("s9", new_template("t9")))
    assert ids([first, *iterator]) == ["t0", "t1", "t2"]
    assert ids(list(store.iterate_templates())) == ["t0", "t1", "t9"]


def test_an_iteration_may_be_left_early(store: GalleryStore) -> None:
    store.enrol(enrolment("anna", new_template("t1"), new_template("t2")))
    with closing(iter(store.iterate_templates())) as iterator:  # type: ignore[type-var]
        assert next(iterator).template_id == "t1"
    store.remove_subject("anna")


def test_threads_that_write_at_once_lose_nothing(store: GalleryStore) -> None:
    failures: list[BaseException] = []

    def enrol_some(worker: int) -> None:
        try:
            for number in range(8):
                template = new_template(f"{worker}-{number}")
                store.enrol(enrolment(f"person {number}", template, at=later(worker)))
                assert store.find_template(template.template_id) is not None
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=enrol_some, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.counts().template_count == 48
    assert [subject.template_count for subject in store.list_subjects()] == [6] * 8


def test_a_closed_store_says_so(store: GalleryStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreFailed, match="closed"):
        store.counts()
    with pytest.raises(StoreFailed, match="closed"):
        store.enrol(enrolment("anna"))
