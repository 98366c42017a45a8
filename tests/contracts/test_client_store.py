"""What every ClientStore promises, run over SQLite, PostgreSQL and the fake."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.contracts.gallery_stores import postgres_database, sqlite_database
from tests.fakes.enrolments import enrolment, later, new_template
from tests.fakes.gallery import FakeClock, InMemoryClientStore, InMemoryGalleryStore

from facegate.adapters.sql_store import Database, SqlClientStore, SqlGalleryStore, open_sqlite
from facegate.domain.errors import ClientConflict, FacegateError, SubjectNotFound
from facegate.domain.presence.clients import ClientStatus, PresenceClient
from facegate.ports.client_store import ClientStore
from facegate.ports.gallery_store import GalleryStore


@dataclass(frozen=True)
class Stores:
    gallery: GalleryStore
    clients: ClientStore


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "fake":
        gallery = InMemoryGalleryStore()
        yield Stores(gallery, InMemoryClientStore(gallery))
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield sql_stores(database)
    else:
        with postgres_database() as database:
            yield sql_stores(database)


def sql_stores(database: Database) -> Stores:
    return Stores(SqlGalleryStore(database, FakeClock()), SqlClientStore(database))


def client(client_id: str, status: ClientStatus = ClientStatus.REGISTERED) -> PresenceClient:
    return PresenceClient(client_id, status, later(1), later(2))


def enrolled(stores: Stores, *client_ids: str) -> ClientStore:
    for client_id in client_ids:
        stores.gallery.enrol(enrolment(client_id))
    return stores.clients


def registered(stores: Stores, *client_ids: str) -> ClientStore:
    clients = enrolled(stores, *client_ids)
    for client_id in client_ids:
        assert clients.add_client(client(client_id))
    return clients


def blocked(known: PresenceClient) -> PresenceClient:
    return replace(known, status=ClientStatus.BLOCKED, status_note="left the firm")


def test_a_client_comes_back_equal(stores: Stores) -> None:
    whole = replace(
        client("floor/2 \U0001f600", ClientStatus.PAUSED),
        last_seen_at=later(3),
        token_hash="ab" * 32,
        networks=("10.0.0.0/8", "2001:db8::/32"),
        status_note="on leave: back in M\u00e4rz",
    )
    clients = enrolled(stores, whole.client_id, "plain")
    assert clients.add_client(whole)
    assert clients.add_client(client("plain"))
    assert clients.find_client(whole.client_id) == whole
    assert clients.find_client("plain") == client("plain")


def test_only_the_enrolled_can_be_registered(stores: Stores) -> None:
    for nobody in ("nobody", "nul\0", "half\ud800"):
        with pytest.raises(SubjectNotFound):
            stores.clients.add_client(client(nobody))
    assert stores.clients.list_clients() == []


def test_a_second_registration_changes_nothing(stores: Stores) -> None:
    clients = registered(stores, "anna")
    assert not clients.add_client(blocked(client("anna")))
    assert clients.find_client("anna") == client("anna")


def test_unknown_ids_are_no_error(stores: Stores) -> None:
    for unknown in ("nobody", "nul\0", "half\ud800"):
        assert stores.clients.find_client(unknown) is None
        assert stores.clients.change_client(unknown, blocked) is None
        assert not stores.clients.remove_client(unknown)


def test_pages_are_in_order_of_code_points(stores: Stores) -> None:
    names = ["b", "A", "\u00e9", "a", "a/b"]
    clients = registered(stores, *names)
    clients.change_client("a", blocked)

    def ids(**asked: object) -> list[str]:
        return [one.client_id for one in clients.list_clients(**asked)]  # type: ignore[arg-type]

    assert ids() == sorted(names)
    assert ids(limit=2) == ["A", "a"]
    assert ids(after="a", limit=2) == ["a/b", "b"]
    assert ids(limit=0) == []
    assert ids(status=ClientStatus.BLOCKED) == ["a"]
    assert ids(status=ClientStatus.REGISTERED, after="A") == ["a/b", "b", "\u00e9"]


def test_a_change_is_kept_but_for_id_and_date_of_registration(stores: Stores) -> None:
    clients = registered(stores, "anna", "bob")
    wanted = replace(
        blocked(client("anna")), token_hash="cd" * 32, networks=("::1/128",), updated_at=later(9)
    )
    moved = replace(wanted, client_id="bob", created_at=later(8))
    assert clients.change_client("anna", lambda _: moved) == wanted
    assert clients.find_client("anna") == wanted
    assert clients.find_client("bob") == client("bob")


def test_a_change_that_raises_leaves_all_as_it_was(stores: Stores) -> None:
    clients = registered(stores, "anna")

    def refuse(_: PresenceClient) -> PresenceClient:
        raise ClientConflict("no")

    with pytest.raises(ClientConflict):
        clients.change_client("anna", refuse)
    assert clients.find_client("anna") == client("anna")


def test_changes_from_several_threads_do_not_lose_each_other(stores: Stores) -> None:
    clients = registered(stores, "anna")

    def note_ten_times() -> None:
        for _ in range(10):
            clients.change_client("anna", lambda known: replace(known, status_note=known.status_note + "x"))

    threads = [threading.Thread(target=note_ten_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = clients.find_client("anna")
    assert kept is not None
    assert kept.status_note == "x" * 40


def test_of_many_registrations_at_once_one_wins(stores: Stores) -> None:
    clients = enrolled(stores, "anna")
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(clients.add_client(client("anna")))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 5 + [True]


def test_removing_ends_the_registration_alone(stores: Stores) -> None:
    clients = registered(stores, "anna")
    assert clients.remove_client("anna")
    assert not clients.remove_client("anna")
    assert clients.find_client("anna") is None
    assert stores.gallery.find_subject("anna") is not None


def test_a_client_goes_with_its_subject_and_does_not_come_back_with_it(stores: Stores) -> None:
    clients = registered(stores, "anna", "bob")
    stores.gallery.remove_subject("anna")
    assert clients.find_client("anna") is None
    enrolled(stores, "anna")
    assert [one.client_id for one in clients.list_clients()] == ["bob"]


def test_enrolling_and_renaming_leave_a_client_alone(stores: Stores) -> None:
    clients = registered(stores, "anna")
    stores.gallery.enrol(enrolment("anna", new_template("t1")))
    stores.gallery.rename_subject("anna", "Anna")
    assert clients.find_client("anna") == client("anna")


def test_a_restore_keeps_clients_whose_subject_is_there_afterwards(stores: Stores) -> None:
    clients = registered(stores, "anna", "bob", "carl")
    shut_out = clients.change_client("anna", blocked)
    stores.gallery.restore([enrolment("anna", new_template("t1")), enrolment("carl")], replace=True)
    assert clients.list_clients() == [shut_out, client("carl")]
    stores.gallery.restore([enrolment("bob")], replace=False)
    assert clients.list_clients() == [shut_out, client("carl")]


def test_a_restore_that_fails_leaves_the_clients(stores: Stores) -> None:
    clients = registered(stores, "anna", "bob")
    shut_out = clients.change_client("anna", blocked)
    twice = new_template("t2")
    with pytest.raises(FacegateError):
        stores.gallery.restore([enrolment("anna", twice, twice)], replace=True)
    assert clients.list_clients() == [shut_out, client("bob")]


def test_registrations_and_blocks_during_restores_are_not_lost(stores: Stores) -> None:
    names = [f"c{number}" for number in range(8)]
    clients = enrolled(stores, *names)
    failures: list[str] = []

    def register_and_block() -> None:
        for name in names:
            was_added = clients.add_client(client(name))
            changed = clients.change_client(name, blocked)
            if not was_added or changed is None:
                failures.append(name)

    worker = threading.Thread(target=register_and_block)
    worker.start()
    while worker.is_alive():
        stores.gallery.restore([enrolment(name) for name in names], replace=True)
    worker.join()
    assert failures == []
    assert {one.client_id: one.status for one in clients.list_clients()} == dict.fromkeys(
        names, ClientStatus.BLOCKED
    )


def test_what_was_acknowledged_survives_a_crash(tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as database:
        registered(sql_stores(database), "anna").change_client("anna", blocked)
        (tmp_path / "copy").mkdir()
        # A copy of the files while they are open is what a killed process leaves behind.
        for path in tmp_path.glob("gallery.sqlite3*"):
            (tmp_path / "copy" / path.name).write_bytes(path.read_bytes())
    left_behind = open_sqlite(tmp_path / "copy" / "gallery.sqlite3")
    assert SqlClientStore(left_behind).find_client("anna") == blocked(client("anna"))
    left_behind.close()
