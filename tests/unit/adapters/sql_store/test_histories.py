"""Any history of writes leaves the SQL store and the fake with the same content and the same answers."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import enrolment, later, new_cutout, new_template
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore

from facegate.adapters.sql_store import SqlGalleryStore
from facegate.domain.errors import StoreFailed
from facegate.domain.gallery import Enrolment, EnrolmentOutcome, NewTemplate
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate
from facegate.ports.gallery_store import GalleryStore

template_ids = st.sampled_from([f"t{n}" for n in range(8)])
subject_ids = st.sampled_from(["a", "b", "é", "B"])
models = st.sampled_from(["old", "new"])
new_templates = st.builds(
    lambda template_id, model_id, quality, seed, has_cutout: new_template(
        template_id,
        model_id=model_id,
        quality=quality,
        seed=seed,
        cutout=new_cutout(seed) if has_cutout else None,
    ),
    template_ids,
    models,
    st.sampled_from([None, 0.1, 0.5, 0.9]),
    st.integers(0, 3),
    st.booleans(),
)
enrolments = st.builds(
    lambda subject_id, templates, second, name, limit: enrolment(
        subject_id, *templates, at=later(second), display_name=name, max_templates=limit
    ),
    subject_ids,
    st.lists(new_templates, max_size=3),
    st.integers(0, 3),
    st.sampled_from([None, "Anna", "É"]),
    st.sampled_from([None, 1, 2]),
)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("enrol"), enrolments),
        st.tuples(st.just("restore"), st.lists(enrolments, max_size=3), st.booleans()),
        st.tuples(st.just("remove_subject"), subject_ids),
        st.tuples(st.just("remove_template"), template_ids),
        st.tuples(st.just("rename_subject"), subject_ids, st.sampled_from(["X", "Y"])),
        st.tuples(st.just("add_sister_template"), template_ids, new_templates),
    ),
    max_size=8,
)


def plain(answer: object) -> object:
    """An answer as values that can be compared."""
    if isinstance(answer, StoredTemplate):
        facts = (answer.template_id, answer.subject_id, answer.source, answer.quality, answer.created_at)
        made_by = answer.template
        return (*facts, made_by.model_id, made_by.vector.tobytes(), answer.has_cutout)
    if isinstance(answer, EnrolmentOutcome):
        return answer.subject, answer.was_created, plain(answer.added), answer.removed_template_ids
    if isinstance(answer, (list, tuple)):
        return [plain(item) for item in answer]
    return answer


def done(store: GalleryStore, operation: tuple[Any, ...]) -> object:
    name, *arguments = operation
    keywords = {"replace": arguments.pop()} if name == "restore" else {}
    try:
        return plain(getattr(store, name)(*arguments, **keywords))
    except StoreFailed as error:
        return error.kind


def content(store: GalleryStore) -> object:
    subjects: list[Subject] = store.list_subjects()
    templates = list(store.iterate_templates())
    cutouts = [store.cutout_of(stored.template_id) for stored in templates]
    return (
        subjects,
        plain(templates),
        [plain(store.templates_of(subject.subject_id)) for subject in subjects],
        [kept and (kept.encoded_image, kept.landmarks.points_xy_px.tobytes()) for kept in cutouts],
        store.counts(),
        plain(store.templates_to_reembed("new", 3)),
    )


@settings(max_examples=40, deadline=None)
@given(operations=operations)
def test_the_sql_store_and_the_fake_agree(operations: list[tuple[Any, ...]]) -> None:
    fake = InMemoryGalleryStore(FakeClock(later(100)))
    with tempfile.TemporaryDirectory() as folder, sqlite_database(Path(folder)) as database:
        store = SqlGalleryStore(database, FakeClock(later(100)))
        for operation in operations:
            before = store.change_number(), fake.change_number()
            assert done(store, operation) == done(fake, operation)
            grown = store.change_number() - before[0], fake.change_number() - before[1]
            assert grown[0] == grown[1]
        assert content(store) == content(fake)


def test_the_strategies_make_enrolments() -> None:
    """Guards the test above against strategies that quietly make nothing."""
    example = enrolment("a", new_template("t0"))
    assert isinstance(example, Enrolment)
    assert isinstance(example.templates[0], NewTemplate)
