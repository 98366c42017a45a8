"""Groups of persons: names in one spelling, not too many."""

import pytest
from tests.fakes.gallery import InMemoryGalleryStore
from tests.fakes.subject_groups import FakeSubjectGroups
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.test_enrol_photos import ann, enrol

from facegate.domain.errors import InvalidInput, SubjectNotFound
from facegate.use_cases.subject_groups import SubjectGroups, parse_group_name


@pytest.fixture
def groups(core: Core) -> SubjectGroups:
    enrol(core, "ann", ann())
    return SubjectGroups(FakeSubjectGroups(), core.gallery)


def test_groups_are_set_listed_and_taken_away(groups: SubjectGroups) -> None:
    assert groups.set_groups("ann", [" staff ", "Familie Mu\u0308ller", "staff"]) == {
        "staff",
        "Familie M\u00fcller",
    }
    assert groups.groups_of("ann") == {"staff", "Familie M\u00fcller"}
    assert groups.list_groups() == {"Familie M\u00fcller": 1, "staff": 1}
    assert groups.set_groups("ann", []) == frozenset()
    assert groups.list_groups() == {}


def test_somebody_who_is_not_there_is_said(groups: SubjectGroups) -> None:
    with pytest.raises(SubjectNotFound):
        groups.groups_of("bob")
    store = FakeSubjectGroups(InMemoryGalleryStore())
    with pytest.raises(SubjectNotFound):
        SubjectGroups(store, groups._gallery).set_groups("bob", ["staff"])


@pytest.mark.parametrize("name", ["", "  ", "a" * 65, "two\nlines", "nul\0", "\ufffd"])
def test_what_is_no_name_is_refused(groups: SubjectGroups, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        groups.set_groups("ann", ["staff", name])
    assert refused.value.field == "groups"
    assert groups.groups_of("ann") == frozenset()


def test_half_a_character_is_no_name() -> None:
    with pytest.raises(InvalidInput):
        parse_group_name(chr(0xD800))


def test_fifty_groups_are_enough(groups: SubjectGroups) -> None:
    names = [f"group {number}" for number in range(51)]
    assert len(groups.set_groups("ann", names[:50])) == 50
    with pytest.raises(InvalidInput, match="at most 50"):
        groups.set_groups("ann", names)


def test_a_name_of_64_characters_is_one() -> None:
    assert parse_group_name(" " + "x" * 64) == "x" * 64
