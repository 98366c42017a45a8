"""People of the gallery on terminals: whatever goes wrong, nobody is believed to be there who is not."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.gallery import FakeClock
from tests.unit.use_cases.terminals.people_core import people_core, people_in_memory
from tests.unit.use_cases.terminals.placing_hall import PHOTO, Device, Hall

from facegate.adapters.sql_store import SqlGalleryStore, SqlTerminalPeopleStore
from facegate.domain.errors import (
    InvalidInput,
    NoFace,
    SubjectNotFound,
    TerminalNotFound,
)
from facegate.domain.terminals.devices import TerminalStatus
from facegate.domain.terminals.enrolments import Placement, PlacementState
from facegate.use_cases.terminals import deliver_placements
from facegate.use_cases.terminals.deliver_placements import MAX_ATTEMPTS, PlacementReport


@pytest.fixture(params=["memory", "sqlite"])
def hall(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    monkeypatch.setattr(deliver_placements, "PAUSE_S", 0.0)
    with ExitStack() as stack:
        if request.param == "memory":
            yield Hall(people_in_memory())
            return
        database = stack.enter_context(sqlite_database(tmp_path))
        clock = FakeClock()
        yield Hall(people_core(SqlGalleryStore(database, clock), SqlTerminalPeopleStore(database), clock))


def test_a_person_is_there_when_the_terminal_lists_the_photo(hall: Hall) -> None:
    number = hall.place("ann")
    assert hall.only().state is PlacementState.WANTED
    assert hall.heard == [{"ZX1"}]
    device = Device()
    report = hall.run(device)
    assert (report.placed_count, report.is_complete) == (1, True)
    record = device.people[number][50]
    assert isinstance(record, str)
    assert record.startswith("/9j/")
    placed = hall.only()
    assert (placed.state, placed.photo, placed.last_error) == (PlacementState.PLACED, None, "")
    assert hall.run(device).placed_count == 0


def test_nothing_is_asked_of_a_terminal_for_which_nothing_waits(hall: Hall) -> None:
    device = Device()
    assert hall.run(device) == PlacementReport("ZX1")
    assert device.words == []


def test_a_yes_without_a_photo_in_the_list_is_no_yes(hall: Hall) -> None:
    number = hall.place("ann")
    device = Device(swallows={number})
    for attempt in range(1, MAX_ATTEMPTS):
        report = hall.run(device)
        device.people = {number: {11: 4711}}
        assert (report.placed_count, report.again_count, report.is_complete) == (0, 1, False)
        assert (hall.only().state, hall.only().attempt_count) == (PlacementState.WANTED, attempt)
    assert hall.run(device).refused_count == 1
    assert hall.only().state is PlacementState.REFUSED
    assert "does not list" in hall.only().last_error
    assert hall.only().photo is None
    assert hall.run(device) == PlacementReport("ZX1")


def test_a_refused_photo_says_why_and_the_others_are_placed(hall: Hall) -> None:
    ann, _ = hall.place("ann"), hall.place("bob")
    report = hall.run(Device(refuses={ann}))
    assert (report.placed_count, report.refused_count) == (1, 1)
    assert hall.states() == {"ann": PlacementState.REFUSED, "bob": PlacementState.PLACED}
    (refused,) = hall.placing.list(states=[PlacementState.REFUSED])
    assert "enrolled already" in refused.last_error
    hall.place("ann")  # another photo is another try
    assert hall.run(Device()).placed_count == 1


def test_a_terminal_that_is_away_costs_no_attempt(hall: Hall) -> None:
    hall.place("ann")
    for device in (None, Device(breaks_after=0), Device(breaks_after=2)):
        report = hall.run(device)
        assert report.interruption
        assert not report.is_complete
        assert (hall.only().state, hall.only().attempt_count) == (PlacementState.WANTED, 0)
    assert hall.run(Device()).placed_count == 1


def test_silence_ends_the_run_and_after_some_runs_lets_the_others_pass(hall: Hall) -> None:
    ann, bob = hall.place("ann"), hall.place("bob")
    device = Device(is_deaf_for={ann})
    for _ in range(MAX_ATTEMPTS):
        assert hall.run(device).interruption == "no answer"
    assert hall.states() == {"ann": PlacementState.REFUSED, "bob": PlacementState.WANTED}
    assert hall.run(device).placed_count == 1
    assert list(device.people) == [bob]


def test_without_a_list_each_photo_is_asked_for(hall: Hall) -> None:
    ann, bob = hall.place("ann"), hall.place("bob")
    report = hall.run(Device(lists_nothing=True, swallows={bob}))
    assert (report.placed_count, report.again_count) == (1, 1)
    assert hall.states() == {"ann": PlacementState.PLACED, "bob": PlacementState.WANTED}
    assert ann != bob


def test_an_administrator_of_the_terminal_stays_one(hall: Hall) -> None:
    number = hall.place("ann")
    device = Device()
    hall.run(device)
    device.people[number][10] = 1234
    device.roles[number] = 2
    hall.place("ann")
    assert hall.run(device).placed_count == 1
    assert device.roles[number] == 2
    assert set(device.people[number]) == {10, 50}


def test_whom_the_terminal_knows_by_that_number_on_its_own_is_not_overwritten_nor_deleted(hall: Hall) -> None:
    hall.core.enrol("7")
    number = hall.place("7")
    device = Device(people={number: {10: 1234, 50: "their photo"}}, roles={number: 2})
    report = hall.run(device)
    assert (report.refused_count, report.is_complete) == (1, True)
    assert hall.only().state is PlacementState.REFUSED
    assert f"the terminal knows somebody by number {number}" in hall.only().last_error
    hall.place("7")  # once more makes it no better
    assert hall.run(device).refused_count == 1
    hall.core.gallery.remove_subject("7")
    assert hall.run(device).removed_count == 1
    assert hall.placing.list() == []
    assert device.people == {number: {10: 1234, 50: "their photo"}}
    assert "deleteuser" not in device.words


def test_without_a_list_whom_the_terminal_has_a_photo_of_is_not_overwritten(hall: Hall) -> None:
    number = hall.place("ann")
    device = Device(people={number: {50: "/9j/2Q=="}}, lists_nothing=True)
    assert hall.run(device).refused_count == 1
    assert device.people == {number: {50: "/9j/2Q=="}}


def test_who_was_deleted_there_can_be_placed(hall: Hall) -> None:
    number = hall.place("ann")
    device = Device(people={number: {11: 4711}})
    assert hall.run(device).refused_count == 1
    device.people.clear()
    hall.place("ann")
    assert hall.run(device).placed_count == 1


def test_a_number_that_a_refused_photo_left_free_is_not_theirs(hall: Hall) -> None:
    number = hall.place("ann")
    device = Device(refuses={number})
    assert hall.run(device).refused_count == 1
    device.refuses = set()
    device.people = {number: {11: 4711}}
    hall.place("ann")
    assert hall.run(device).refused_count == 1
    assert "knows somebody" in hall.only().last_error


def test_who_was_sent_before_the_connection_broke_is_recognised_as_ours(hall: Hall) -> None:
    number = hall.place("ann")
    device = Device(breaks_after=2)  # behind the empty list and the photo
    assert hall.run(device).interruption
    assert set(device.people) == {number}
    device.breaks_after = None
    assert hall.run(device).placed_count == 1


def test_who_is_removed_is_deleted_from_the_terminal_with_everything(hall: Hall) -> None:
    number = hall.place("ann")
    device = Device()
    hall.run(device)
    (unwanted,) = hall.placing.remove("ann")
    assert unwanted.state is PlacementState.UNWANTED
    assert hall.run(device).removed_count == 1
    assert number not in device.people
    assert hall.placing.list() == []
    assert hall.placing.remove("ann") == []
    assert hall.core.gallery.find_subject("ann") is not None


def test_a_removal_is_tried_until_it_is_true(hall: Hall) -> None:
    ann, bob = hall.place("ann"), hall.place("bob")
    device = Device()
    hall.run(device)
    hall.placing.remove("ann")
    hall.placing.remove("bob")
    device.keeps = {ann}
    for _ in range(MAX_ATTEMPTS + 1):
        hall.run(device)
    assert bob not in device.people
    assert hall.only().state is PlacementState.UNWANTED
    assert hall.only().last_error
    device.keeps = set()
    assert hall.run(device).removed_count == 1
    assert device.people == {}


def test_who_leaves_the_gallery_leaves_the_terminals(hall: Hall) -> None:
    hall.place("ann")
    hall.place("bob")
    device = Device()
    hall.run(device)
    hall.heard.clear()
    hall.core.gallery.remove_subject("ann")
    assert hall.heard[0] == {"ZX1"}
    assert hall.states() == {"ann": PlacementState.UNWANTED, "bob": PlacementState.PLACED}
    assert hall.run(device).removed_count == 1
    assert len(device.people) == 1
    assert hall.states() == {"bob": PlacementState.PLACED}


@pytest.mark.parametrize("word", ["setuserinfo", "getuserlist"])
def test_a_removal_during_a_delivery_is_not_overwritten_by_it(hall: Hall, word: str) -> None:
    hall.place("ann")
    device = Device()
    removals = iter([lambda: hall.core.gallery.remove_subject("ann")])

    def remove_once(now: str) -> None:
        if now == word:
            next(removals, lambda: None)()

    device.meanwhile = remove_once
    assert hall.run(device).placed_count == 0
    assert hall.states() == {"ann": PlacementState.UNWANTED}
    assert hall.run(device).removed_count == 1
    assert device.people == {}


def test_a_newer_photo_during_a_delivery_is_sent_next(hall: Hall) -> None:
    number = hall.place("ann")
    device = Device()
    newer = iter([lambda: hall.placing.place("ann", ["ZX1"], fake_picture(FakeFace("ann", 50)))])

    def place_once(word: str) -> None:
        if word == "setuserinfo":
            next(newer, lambda: None)()

    device.meanwhile = place_once
    hall.core.clock.advance(1)
    assert hall.run(device).placed_count == 0
    first = device.people[number][50]
    assert hall.run(device).placed_count == 1
    assert device.people[number][50] != first


def test_two_deliveries_at_once_do_not_send_twice(hall: Hall) -> None:
    hall.place("ann")
    device = Device()
    hall.run(device, then=lambda: hall.placing.run_for("ZX1"))
    assert device.words.count("setuserinfo") == 1


def test_all_are_the_allowed_ones_and_unknown_ones_are_none(hall: Hall) -> None:
    hall.core.enrol("ann")
    assert [one.serial_number for one in hall.placing.place("ann", None, PHOTO)] == ["ZX1"]
    hall.register.allow("ZX2")
    assert [one.serial_number for one in hall.placing.place("ann", None, PHOTO)] == ["ZX1", "ZX2"]
    hall.register.block("ZX2")
    assert [one.serial_number for one in hall.placing.place("ann", None, PHOTO)] == ["ZX1"]
    with pytest.raises(TerminalNotFound):
        hall.placing.place("ann", ["ZX1", "ZX9"], PHOTO)
    assert [one.serial_number for one in hall.placing.remove("ann", ["ZX2"])] == ["ZX2"]
    assert len(hall.placing.list(states=[PlacementState.WANTED])) == 1
    assert hall.placing.list(serial_number="ZX2")[0].state is PlacementState.UNWANTED


def test_all_are_not_those_that_were_let_in_because_everybody_is() -> None:
    open_hall = Hall(people_in_memory(), accepts_unknown=True)
    open_hall.core.enrol("ann")
    assert open_hall.register.get("ZX2").status is TerminalStatus.ALLOWED
    assert [one.serial_number for one in open_hall.placing.place("ann", None, PHOTO)] == ["ZX1"]
    assert len(open_hall.placing.place("ann", ["ZX2"], PHOTO)) == 1


def test_nothing_is_wanted_of_nobody_or_without_a_photo(hall: Hall) -> None:
    with pytest.raises(SubjectNotFound):
        hall.placing.place("ann", None, PHOTO)
    hall.core.enrol("ann")
    with pytest.raises(InvalidInput, match="send a photo"):
        hall.placing.place("ann")
    with pytest.raises(NoFace):
        hall.placing.place("ann", None, fake_picture())
    assert hall.placing.list() == []


def test_a_number_that_somebody_else_has_on_a_terminal_is_not_overwritten(hall: Hall) -> None:
    hall.core.enrol("ann")
    hall.core.enrol("bob")
    number = hall.core.number_of("ann")
    now = hall.core.clock.now_utc()
    hall.core.people.save_placements([Placement("ZX1", number, "bob", "", PlacementState.PLACED, now)])
    with pytest.raises(InvalidInput, match="another person"):
        hall.placing.place("ann", ["ZX1"], PHOTO)


def test_an_id_that_is_given_again_waits_until_the_terminal_forgot_who_had_it(hall: Hall) -> None:
    hall.place("7")
    device = Device()
    hall.run(device)
    device.people[7][11] = 4711  # a card that only the terminal knows
    hall.core.gallery.remove_subject("7")
    hall.core.clock.advance(1)
    hall.core.enrol("7")
    with pytest.raises(InvalidInput, match="who had this id"):
        hall.placing.place("7", None, PHOTO)
    hall.run(device)
    assert hall.place("7") == 7
    hall.run(device)
    assert set(device.people[7]) == {50}


def test_who_is_taken_off_and_placed_again_needs_no_wait(hall: Hall) -> None:
    hall.place("ann")
    device = Device()
    hall.run(device)
    hall.placing.remove("ann")
    hall.place("ann")
    assert hall.run(device).placed_count == 1
    assert hall.states() == {"ann": PlacementState.PLACED}


def test_many_are_confirmed_in_batches(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver_placements, "PEOPLE_PER_LIST", 2)
    for name in "abcde":
        hall.place(name)
    device = Device()
    device.breaks_after = 8  # in the middle of the second batch
    assert hall.run(device).placed_count == 2
    device.breaks_after = None
    assert hall.run(device).placed_count == 3
    assert len(device.people) == 5
