"""What every TerminalStore promises, run over SQLite, PostgreSQL and the fake."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.contracts.emptied_databases import emptied
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.enrolments import later
from tests.fakes.terminals import FakeActivityStore, FakeTerminalPeopleStore, FakeTerminalStore

from facegate.adapters.sql_store import Database, SqlActivityStore, SqlTerminalPeopleStore, SqlTerminalStore
from facegate.domain.errors import InvalidInput, TerminalRefused
from facegate.domain.terminals.activity import ActivityRecord, NewActivity
from facegate.domain.terminals.devices import AccessEncoding, DeviceInfo, Terminal, TerminalStatus
from facegate.domain.terminals.enrolments import Placement, PlacementState, ReviewStatus, TerminalEnrolment
from facegate.ports.activity_store import ActivityStore
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.ports.terminal_store import TerminalStore


@dataclass(frozen=True)
class Stores:
    terminals: TerminalStore
    people: TerminalPeopleStore
    activity: ActivityStore


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "fake":
        people = FakeTerminalPeopleStore()
        yield Stores(FakeTerminalStore(people), people, FakeActivityStore())
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield sql_stores(database)
    else:
        yield sql_stores(emptied(request.getfixturevalue("postgres")))


@pytest.fixture
def store(stores: Stores) -> TerminalStore:
    return stores.terminals


def sql_stores(database: Database) -> Stores:
    return Stores(SqlTerminalStore(database), SqlTerminalPeopleStore(database), SqlActivityStore(database))


def terminal(serial_number: str, status: TerminalStatus = TerminalStatus.ALLOWED) -> Terminal:
    return Terminal(serial_number, status, later(1))


def blocked(known: Terminal) -> Terminal:
    return replace(known, status=TerminalStatus.BLOCKED)


WHOLE = Terminal(
    serial_number="ZXRB22001001",
    status=TerminalStatus.WAITING,
    created_at=later(1),
    name="Haupttür \U0001f6aa",
    zone_name="Europe/Berlin",
    access_encoding=AccessEncoding.BOOLEAN,
    is_listed=True,
    mode_labels={8: "face", 1: "face, unsure"},
    info=DeviceInfo(
        "AiFace",
        "AiF43V_v4.40",
        "00-01-A9-00-00-01",
        "2024-05-02 09:00:00",
        {"useduser": 6, "usb4g": True, "load": 0.25, "fpalgo": "thbio3.0", "big": 10**30},
    ),
    registered_at=later(2),
    last_seen_at=later(3),
    clock_offset_s=-3599.25,
)


def test_a_terminal_comes_back_equal(store: TerminalStore) -> None:
    plain = Terminal("A-1", TerminalStatus.BLOCKED, later(0))
    store.save_terminals([WHOLE, plain])
    assert store.list_terminals() == [plain, WHOLE]
    facts = store.list_terminals()[1].info.facts
    assert [type(facts[name]) for name in ("useduser", "usb4g", "load")] == [int, bool, float]


def test_no_terminals_are_none(store: TerminalStore) -> None:
    store.save_terminals([])
    assert store.list_terminals() == []


def test_terminals_are_in_order_of_code_points(store: TerminalStore) -> None:
    names = ["b", "A", "_", "a", "Z9", "-"]
    store.save_terminals([terminal(name) for name in names])
    assert [one.serial_number for one in store.list_terminals()] == sorted(names)


def test_saving_again_replaces_all_but_the_day_of_the_first_time(store: TerminalStore) -> None:
    store.save_terminals([terminal("a"), terminal("b")])
    again = replace(WHOLE, serial_number="a", created_at=later(99))
    store.save_terminals([again])
    assert store.list_terminals() == [replace(again, created_at=later(1)), terminal("b")]
    back = terminal("a")
    store.save_terminals([back, blocked(back)])
    assert store.list_terminals() == [blocked(back), terminal("b")]


def test_a_change_is_kept_but_for_number_and_first_day(store: TerminalStore) -> None:
    store.save_terminals([terminal("a"), terminal("b")])
    moved = replace(WHOLE, serial_number="b", created_at=later(50))
    expected = replace(WHOLE, serial_number="a", created_at=later(1))
    assert store.change_terminal("a", lambda _: moved) == expected
    assert store.list_terminals() == [expected, terminal("b")]


@pytest.mark.parametrize("unknown", ["nobody", "nul\0", "half\ud800"])
def test_an_unknown_terminal_is_no_error(store: TerminalStore, unknown: str) -> None:
    assert store.change_terminal(unknown, blocked) is None
    assert not store.remove_terminal(unknown)


def test_a_change_that_raises_leaves_all_as_it_was(store: TerminalStore) -> None:
    store.save_terminals([terminal("a")])

    def refuse(_: Terminal) -> Terminal:
        raise TerminalRefused("no")

    with pytest.raises(TerminalRefused):
        store.change_terminal("a", refuse)
    assert store.list_terminals() == [terminal("a")]


def test_changes_from_several_threads_do_not_lose_each_other(store: TerminalStore) -> None:
    store.save_terminals([terminal("a")])

    def rename_ten_times() -> None:
        for _ in range(10):
            store.change_terminal("a", lambda known: replace(known, name=known.name + "x"))

    threads = [threading.Thread(target=rename_ten_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.list_terminals()[0].name == "x" * 40


def test_many_are_saved_by_several_threads_at_once(store: TerminalStore) -> None:
    many = [terminal(f"T{number}") for number in range(300)]
    saved: list[list[Terminal]] = []

    def save(terminals: list[Terminal]) -> None:
        store.save_terminals(terminals)
        saved.append(terminals)

    threads = [threading.Thread(target=save, args=(part,)) for part in (many, many[::-1], many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved) == 3
    assert len(store.list_terminals()) == 300


def test_what_a_device_says_is_never_refused(store: TerminalStore) -> None:
    odd = DeviceInfo("nul\0", "half \ud800", "", "\udfff", {"na\0me": "va\ud800lue", "plain": 1})
    store.save_terminals([replace(terminal("a"), info=odd)])
    info = store.list_terminals()[0].info
    assert (info.model_name, info.firmware, info.time_text) == ("nul\ufffd", "half \ufffd", "\ufffd")
    assert info.facts == odd.facts
    changed = store.change_terminal("a", lambda known: replace(known, info=odd))
    assert [changed] == store.list_terminals()


def test_a_name_that_cannot_be_stored_is_refused(store: TerminalStore) -> None:
    store.save_terminals([terminal("a")])
    with pytest.raises(InvalidInput):
        store.save_terminals([terminal("b"), replace(terminal("c"), name="nul\0")])
    with pytest.raises(InvalidInput):
        store.change_terminal("a", lambda known: replace(known, name="half\ud800"))
    assert store.list_terminals() == [terminal("a")]


def test_a_removed_terminal_takes_what_waits_there_but_not_its_history(stores: Stores) -> None:
    store, people = stores.terminals, stores.people
    store.save_terminals([terminal("a"), terminal("b")])
    stores.activity.add_activity(
        [NewActivity(sn, ActivityRecord(1, "2024-05-02 09:00:00"), later(5)) for sn in "ab"]
    )
    for sn in "ab":
        waiting = TerminalEnrolment(sn, 1, 50, "Ana", later(1), photo=b"a picture")
        decided = replace(waiting, enroll_id=2, status=ReviewStatus.REJECTED, photo=None)
        people.save_enrolments([waiting, decided])
        people.save_placements(
            [Placement(sn, 3, "anna", "Anna", PlacementState.WANTED, later(2), photo=b"another")]
        )
    assert store.remove_terminal("a")
    assert not store.remove_terminal("a")
    assert store.list_terminals() == [terminal("b")]
    left = [(one.serial_number, one.enroll_id) for one in people.list_enrolments()]
    assert left == [("a", 2), ("b", 1), ("b", 2)]
    assert [one.serial_number for one in people.list_placements()] == ["b"]
    assert people.placement_photo("b", 3) == b"another"
    assert stores.activity.count_activity("a") == 1
