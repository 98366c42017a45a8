"""Store and index stay in step, whatever crosses."""

import threading

import numpy as np
import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.domain.errors import InvalidInput, SubjectNotFound, TemplateNotFound
from facegate.domain.gallery import Enrolment, NewTemplate
from facegate.domain.templates import Template


def test_a_removed_person_is_gone_from_store_and_index(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    core.gallery.remove_subject("ann")
    assert core.gallery.find_subject("ann") is None
    assert core.gallery.indexed_template_count() == 0
    with pytest.raises(SubjectNotFound):
        core.gallery.remove_subject("ann")


def test_a_removed_template_leaves_its_person(core: Core) -> None:
    result = enrol(core, "ann", fake_picture(FakeFace("ann")))
    core.gallery.remove_template(result.accepted[0].template_id)
    assert core.gallery.get_subject("ann").template_count == 0
    assert core.gallery.indexed_template_count() == 0
    with pytest.raises(TemplateNotFound):
        core.gallery.remove_template(result.accepted[0].template_id)


def test_renaming_an_unknown_person_is_said(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    assert core.gallery.rename_subject("ann", "Ann B.").display_name == "Ann B."
    with pytest.raises(SubjectNotFound):
        core.gallery.rename_subject("bob", "Bob")


def test_enrolments_and_removals_that_cross_leave_no_ghost(core: Core) -> None:
    def come_and_go(name: str) -> None:
        for variant in range(8):
            enrol(core, name, fake_picture(FakeFace(name, variant)))
            if variant % 2:
                core.gallery.remove_subject(name)

    threads = [threading.Thread(target=come_and_go, args=(name,)) for name in ("ann", "bob", "cat", "ann2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert core.gallery.counts().template_count == 0
    assert core.gallery.index_agrees_with_store()


def test_a_new_start_finds_the_same_templates(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    again = core.with_model(core.gallery.model_id)
    assert again.gallery.indexed_template_count() == 1
    assert again.gallery.index_agrees_with_store()


def test_templates_of_another_model_are_never_searched(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    other = core.with_model("newer-net")
    assert other.gallery.indexed_template_count() == 0
    assert other.gallery.get_subject("ann").template_count == 1


def test_a_template_of_the_wrong_dimension_is_refused_before_anything_is_written(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    short = NewTemplate("t", Template(core.gallery.model_id, np.ones(64, dtype=np.float32)), "test", None)
    enrolment = Enrolment("bob", (short,), enrolled_at=core.clock.now_utc())
    with pytest.raises(InvalidInput, match="128 numbers"):
        core.gallery.enrol(enrolment)
    with pytest.raises(InvalidInput, match="128 numbers"):
        core.gallery.restore([enrolment], replace=True)
    assert [subject.subject_id for subject in core.gallery.list_subjects()] == ["ann"]
    assert core.gallery.index_agrees_with_store()


def test_a_face_is_held_against_its_person_without_asking_the_store(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    ann, bob = (fake_template(core, FakeFace(name, 7)) for name in ("ann", "bob"))
    core.store.close()
    own, other = core.gallery.verify("ann", ann), core.gallery.verify("ann", bob)
    assert own is not None
    assert own.is_match
    assert other is not None
    assert not other.is_match


def test_who_has_no_template_of_this_model_is_not_compared(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    other = core.with_model("newer-net")
    assert other.gallery.verify("ann", fake_template(other, FakeFace("ann"))) is None
    with pytest.raises(SubjectNotFound):
        other.gallery.verify("bob", fake_template(other, FakeFace("bob")))


def fake_template(core: Core, face: FakeFace) -> Template:
    frame = core.analysis.decode(fake_picture(face))
    judged = core.analysis.judge(frame, core.analysis.find_faces(frame)[0])
    return core.analysis.embed([judged])[0]
