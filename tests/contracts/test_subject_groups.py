"""What every SubjectGroupStore promises, run over SQLite, PostgreSQL and the fake."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.contracts.emptied_databases import emptied
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import enrolment
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.fakes.subject_groups import FakeSubjectGroups

from facegate.adapters.sql_store import Database, SqlGalleryStore, SqlSubjectGroups
from facegate.domain.errors import InvalidInput, SubjectNotFound
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.subject_groups import SubjectGroupStore


@dataclass(frozen=True)
class Stores:
    groups: SubjectGroupStore
    gallery: GalleryStore


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "fake":
        gallery = InMemoryGalleryStore()
        yield with_people(Stores(FakeSubjectGroups(gallery), gallery))
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield with_people(sql_stores(database))
    else:
        yield with_people(sql_stores(emptied(request.getfixturevalue("postgres"))))


@pytest.fixture
def groups(stores: Stores) -> SubjectGroupStore:
    return stores.groups


def sql_stores(database: Database) -> Stores:
    return Stores(SqlSubjectGroups(database), SqlGalleryStore(database, FakeClock()))


def with_people(stores: Stores) -> Stores:
    for subject_id in ("anna", "bob", "cleo"):
        stores.gallery.enrol(enrolment(subject_id))
    return stores


def test_groups_are_replaced(groups: SubjectGroupStore) -> None:
    assert groups.groups_of("anna") == frozenset()
    groups.set_groups("anna", ["staff", "Family \U0001f3e0", "staff"])
    assert groups.groups_of("anna") == {"staff", "Family \U0001f3e0"}
    groups.set_groups("anna", {"banned"})
    assert groups.groups_of("anna") == {"banned"}
    groups.set_groups("anna", [])
    assert groups.groups_of("anna") == frozenset()
    assert groups.list_groups() == {}


def test_groups_are_counted_in_order(groups: SubjectGroupStore) -> None:
    groups.set_groups("anna", ["b", "A", "a"])
    groups.set_groups("bob", ["b"])
    assert list(groups.list_groups().items()) == [("A", 1), ("a", 1), ("b", 2)]


@pytest.mark.parametrize("unknown", ["nobody", "nul\0", "half\ud800"])
def test_nobody_is_in_no_group(groups: SubjectGroupStore, unknown: str) -> None:
    assert groups.groups_of(unknown) == frozenset()
    with pytest.raises(SubjectNotFound):
        groups.set_groups(unknown, ["staff"])
    assert groups.list_groups() == {}


def test_a_name_that_cannot_be_stored(groups: SubjectGroupStore) -> None:
    groups.set_groups("anna", ["staff"])
    with pytest.raises(InvalidInput):
        groups.set_groups("anna", ["good", "nul\0"])
    assert groups.groups_of("anna") == {"staff"}


def test_memberships_go_with_the_person(stores: Stores) -> None:
    stores.groups.set_groups("anna", ["staff"])
    stores.groups.set_groups("bob", ["staff"])
    stores.gallery.remove_subject("anna")
    assert stores.groups.groups_of("anna") == frozenset()
    assert stores.groups.list_groups() == {"staff": 1}


def test_memberships_outlive_a_restore_that_has_the_person(stores: Stores) -> None:
    stores.groups.set_groups("anna", ["staff"])
    stores.groups.set_groups("bob", ["banned"])
    stores.gallery.restore([enrolment("anna"), enrolment("dora")], replace=True)
    assert stores.groups.list_groups() == {"staff": 1}
    assert stores.groups.groups_of("anna") == {"staff"}
