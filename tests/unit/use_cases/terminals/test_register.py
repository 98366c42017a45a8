"""The register: who is let in, what is kept, and that no database write stands in a terminal's way."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.fakes.gallery import FakeClock
from tests.fakes.terminals import FakeTerminalStore
from typing_extensions import override

from facegate.domain.errors import InvalidInput, StoreFailed, TerminalNotFound
from facegate.domain.terminals.devices import AccessEncoding, DeviceInfo, Terminal, TerminalStatus
from facegate.use_cases.terminals import known_terminals
from facegate.use_cases.terminals import register as register_module
from facegate.use_cases.terminals.register import RegisterOptions, TerminalChange, TerminalRegister
from facegate.use_cases.terminals.server_zone import SERVER_ZONE

INFO = DeviceInfo(model_name="AiFace", firmware="AiF43V_v4.40", time_text="2026-01-02 03:04:15")


class Register:
    """A register over a store that can be looked into."""

    def __init__(self, **options: object) -> None:
        self.store = FakeTerminalStore()
        self.clock = FakeClock()
        settings = {"default_zone": ZoneInfo("UTC"), **options}
        self.options = RegisterOptions(**settings)  # type: ignore[arg-type]
        self.register = TerminalRegister(self.store, self.clock, self.options)

    def reopened(self) -> TerminalRegister:
        """As after a restart."""
        register = TerminalRegister(self.store, self.clock, self.options)
        register.load()
        return register


def test_an_unknown_terminal_is_let_in_where_unknown_ones_are() -> None:
    parts = Register()
    admission = parts.register.admit("ZX1", INFO)
    assert admission.is_allowed
    assert admission.reason == ""
    assert admission.terminal.info == INFO
    assert admission.terminal.clock_offset_s == pytest.approx(9.321099)


def test_otherwise_it_waits_with_what_it_said_until_it_is_allowed() -> None:
    parts = Register(accept_unknown=False)
    refused = parts.register.admit("ZX1", INFO)
    assert not refused.is_allowed
    assert refused.reason == "unknown device"
    assert parts.register.get("ZX1").status is TerminalStatus.WAITING
    assert parts.register.get("ZX1").info == INFO
    parts.register.allow("ZX1")
    assert parts.register.admit("ZX1", INFO).is_allowed
    assert parts.reopened().get("ZX1").status is TerminalStatus.ALLOWED


def test_one_that_waited_is_let_in_when_unknown_ones_are_from_now_on() -> None:
    parts = Register(accept_unknown=False)
    parts.register.admit("ZX1", INFO)
    parts.register.flush()
    parts.options = replace(parts.options, accept_unknown=True)
    assert parts.reopened().admit("ZX1", INFO).is_allowed


def test_a_blocked_terminal_stays_out_however_often_it_comes() -> None:
    parts = Register()
    parts.register.admit("ZX1", INFO)
    parts.register.block("ZX1")
    for _ in range(3):
        admission = parts.register.admit("ZX1", INFO)
        assert not admission.is_allowed
        assert admission.reason == "device is blocked"
    parts.register.flush()
    assert parts.reopened().get("ZX1").status is TerminalStatus.BLOCKED


def test_what_terminals_say_is_written_by_the_flush_alone_and_once() -> None:
    parts = Register()
    parts.register.admit("ZX1", INFO)
    parts.register.admit("ZX1", INFO)
    parts.register.admit("ZX2", INFO)
    assert parts.store.list_terminals() == []
    assert parts.register.flush() == 2
    assert parts.register.flush() == 0
    assert [one.serial_number for one in parts.reopened().list_terminals()] == ["ZX1", "ZX2"]


def test_a_failed_flush_is_tried_again() -> None:
    parts = Register()
    parts.register.admit("ZX1", INFO)
    parts.store.is_broken = True
    with pytest.raises(StoreFailed):
        parts.register.flush()
    parts.store.is_broken = False
    assert parts.register.flush() == 1


def test_the_last_sight_is_written_once_a_minute_and_at_the_end() -> None:
    parts = Register()
    parts.register.admit("ZX1", INFO)
    parts.register.flush()
    parts.clock.advance(59)
    parts.register.saw("ZX1")
    assert parts.register.get("ZX1").last_seen_at == parts.clock.now_utc()
    assert parts.register.flush() == 0
    parts.clock.advance(1)
    parts.register.saw("ZX1")
    assert parts.register.flush() == 1
    parts.clock.advance(5)
    parts.register.saw("ZX1")
    assert parts.register.flush(is_last=True) == 1
    assert parts.reopened().get("ZX1").last_seen_at == parts.clock.now_utc()


def test_a_sight_of_nobody_known_is_nothing() -> None:
    parts = Register()
    parts.register.saw("ZX9")
    assert parts.register.find("ZX9") is None
    with pytest.raises(TerminalNotFound):
        parts.register.get("ZX9")


def test_adding_lists_and_allows_and_keeps_what_is_known() -> None:
    parts = Register(accept_unknown=False)
    parts.register.admit("ZX1", INFO)
    added = parts.register.add("ZX1", name="Front door", zone_name="Europe/Berlin")
    assert added.status is TerminalStatus.ALLOWED
    assert added.info == INFO
    assert parts.register.add("ZX1").name == "Front door"
    assert parts.reopened().get("ZX1").name == "Front door"


def test_changes_are_durable_and_only_what_is_given_changes() -> None:
    parts = Register()
    parts.register.add("ZX1", name="Front door", zone_name="Europe/Berlin")
    parts.register.change("ZX1", TerminalChange(mode_labels={3: "face"}))
    parts.register.change("ZX1", TerminalChange(access_encoding=AccessEncoding.BOOLEAN))
    changed = parts.reopened().get("ZX1")
    assert (changed.name, changed.zone_name) == ("Front door", "Europe/Berlin")
    assert changed.mode_labels == {3: "face"}
    assert changed.access_encoding is AccessEncoding.BOOLEAN
    assert parts.register.change("ZX1", TerminalChange(zone_name="")).zone_name is None


def test_those_that_somebody_added_or_allowed_are_listed_and_no_others() -> None:
    parts = Register()
    for serial_number in ("ZX1", "ZX2", "ZX3"):
        assert not parts.register.admit(serial_number, INFO).terminal.is_listed
    assert parts.register.allow("ZX1").is_listed
    assert parts.register.add("ZX2").is_listed
    assert parts.register.block("ZX2").is_listed
    assert not parts.register.change("ZX3", TerminalChange(name="Door")).is_listed
    parts.register.admit("ZX1", INFO)
    parts.register.flush()
    assert [one.is_listed for one in parts.reopened().list_terminals()] == [True, True, False]


def test_the_default_encoding_holds_for_known_terminals_without_their_own() -> None:
    parts = Register()
    parts.register.admit("ZX1", INFO)
    parts.register.add("ZX2")
    parts.register.change("ZX2", TerminalChange(access_encoding=AccessEncoding.INTEGER))
    parts.register.flush()
    parts.options = replace(parts.options, access_encoding=AccessEncoding.BOOLEAN)
    reopened = parts.reopened()
    assert reopened.access_encoding_of("ZX1") is AccessEncoding.BOOLEAN
    assert reopened.access_encoding_of("nobody") is AccessEncoding.BOOLEAN
    assert reopened.access_encoding_of("ZX2") is AccessEncoding.INTEGER
    reopened.change("ZX2", TerminalChange(is_default_encoding=True))
    assert reopened.access_encoding_of("ZX2") is AccessEncoding.BOOLEAN


@pytest.mark.parametrize(
    "change",
    [
        TerminalChange(name="a\nb"),
        TerminalChange(zone_name="Mars/Base"),
        TerminalChange(mode_labels={1: ""}),
        TerminalChange(mode_labels={1: "x" * 101}),
        TerminalChange(mode_labels={2**40: "far"}),
    ],
)
def test_a_change_that_is_none_changes_nothing(change: TerminalChange) -> None:
    parts = Register()
    before = parts.register.add("ZX1")
    with pytest.raises(InvalidInput):
        parts.register.change("ZX1", change)
    assert parts.register.get("ZX1") == before


def test_what_the_store_refuses_is_not_in_memory_either() -> None:
    parts = Register()
    parts.register.add("ZX1", name="old")
    heard: list[str] = []
    parts.register.on_change(lambda _, serial_number: heard.append(serial_number))
    parts.store.is_broken = True
    with pytest.raises(StoreFailed):
        parts.register.block("ZX1")
    with pytest.raises(StoreFailed):
        parts.register.remove("ZX1")
    with pytest.raises(StoreFailed):
        parts.register.add("ZX2")
    assert parts.register.get("ZX1").status is TerminalStatus.ALLOWED
    assert parts.register.find("ZX2") is None
    assert heard == []


def test_listeners_hear_changes_in_order_and_removals() -> None:
    parts = Register()
    heard: list[tuple[TerminalStatus | None, str]] = []
    parts.register.on_change(
        lambda terminal, serial_number: heard.append((terminal.status if terminal else None, serial_number))
    )
    parts.register.admit("ZX1", INFO)
    parts.register.block("ZX1")
    parts.register.allow("ZX1")
    parts.register.remove("ZX1")
    assert heard == [
        (TerminalStatus.BLOCKED, "ZX1"),
        (TerminalStatus.ALLOWED, "ZX1"),
        (None, "ZX1"),
    ]
    assert parts.store.list_terminals() == []
    assert parts.register.flush() == 0
    with pytest.raises(TerminalNotFound):
        parts.register.remove("ZX1")


def test_a_serial_number_is_checked() -> None:
    parts = Register()
    for wrong in ("", "a b", "x" * 65, "../up"):
        with pytest.raises(InvalidInput):
            parts.register.admit(wrong, INFO)
        with pytest.raises(InvalidInput):
            parts.register.add(wrong)


def test_made_up_serial_numbers_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_module, "MAX_TERMINALS", 2)
    parts = Register()
    assert parts.register.admit("ZX1", INFO).is_allowed
    assert parts.register.admit("ZX2", INFO).is_allowed
    refused = parts.register.admit("ZX3", INFO)
    assert not refused.is_allowed
    assert refused.reason
    assert parts.register.find("ZX3") is None
    assert parts.register.admit("ZX1", INFO).is_allowed
    parts.register.add("ZX3")
    assert parts.register.admit("ZX3", INFO).is_allowed


def test_terminals_that_wait_are_in_memory_alone_until_somebody_decides() -> None:
    parts = Register(accept_unknown=False)
    for serial_number in ("ZX1", "ZX2", "ZX3"):
        parts.register.admit(serial_number, INFO)
    parts.register.saw("ZX1")
    parts.register.block("ZX2")
    assert parts.register.flush(is_last=True) == 0
    assert [one.serial_number for one in parts.reopened().list_terminals()] == ["ZX2"]
    assert parts.register.load() == 3
    parts.register.allow("ZX3")
    parts.register.admit("ZX3", replace(INFO, firmware="newer"))
    parts.register.flush()
    assert parts.reopened().get("ZX3").info.firmware == "newer"


def test_a_flood_of_made_up_numbers_forgets_those_that_are_silent_for_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known_terminals, "MAX_WAITING", 3)
    parts = Register(accept_unknown=False)
    parts.register.add("LISTED")
    parts.register.admit("REAL", INFO)
    for number in range(50):
        assert parts.register.admit(f"M{number}", INFO).reason == "unknown device"
        parts.register.admit("REAL", INFO)
        parts.register.admit("LISTED", INFO)
    known = [one.serial_number for one in parts.register.list_terminals()]
    assert known == ["LISTED", "M48", "M49", "REAL"]
    assert parts.register.load() == 4
    parts.register.remove("REAL")
    parts.register.admit("M50", INFO)
    parts.register.allow("M48")
    parts.register.admit("M51", INFO)
    assert len(parts.register.list_terminals()) == 5
    assert [one.serial_number for one in parts.reopened().list_terminals()] == ["LISTED", "M48"]


def test_what_a_device_says_of_itself_is_bounded() -> None:
    parts = Register()
    facts: dict[str, str | int | float | bool] = {f"fact{number}": "x" * 200 for number in range(200)}
    info = DeviceInfo("m" * 500, "f" * 500, "a" * 500, "t" * 500, facts)
    kept = parts.register.admit("ZX1", info).terminal.info
    assert [len(text) for text in (kept.model_name, kept.firmware, kept.mac_address, kept.time_text)] == [
        64
    ] * 4
    assert 10 < len(kept.facts) <= 60
    assert sum(len(name) + len(str(value)) for name, value in kept.facts.items()) <= 2000
    odd = {"n" * 65: 1, "nan": float("nan"), "endless": float("inf"), "long": 10**4000, "on": True, "used": 6}
    assert parts.register.admit("ZX1", DeviceInfo(facts=odd)).terminal.info.facts == {"on": True, "used": 6}


def test_the_zone_is_the_terminals_then_the_default_then_the_servers() -> None:
    parts = Register(default_zone=ZoneInfo("Asia/Tokyo"))
    parts.register.add("ZX1", zone_name="Europe/Berlin")
    parts.register.add("ZX2")
    assert parts.register.zone_of("ZX1") == ZoneInfo("Europe/Berlin")
    assert parts.register.zone_of("ZX2") == ZoneInfo("Asia/Tokyo")
    assert parts.register.zone_of("unknown") == ZoneInfo("Asia/Tokyo")
    assert Register(default_zone=None).register.zone_of("ZX1") is SERVER_ZONE


def test_the_clock_offset_counts_in_the_terminals_own_zone() -> None:
    parts = Register()
    parts.register.add("ZX1", zone_name="Asia/Tokyo")
    info = DeviceInfo(time_text="2026-01-02 12:04:05")
    offset_s = parts.register.admit("ZX1", info).terminal.clock_offset_s
    assert offset_s == pytest.approx(0, abs=1)
    assert parts.register.admit("ZX1", DeviceInfo(time_text="?")).terminal.clock_offset_s is None


def test_a_zone_that_this_system_does_not_know_is_said_and_the_default_holds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = Register(default_zone=ZoneInfo("Asia/Tokyo"))
    terminal = Terminal("ZX1", TerminalStatus.ALLOWED, parts.clock.now_utc(), zone_name="Mars/Base")
    parts.store.save_terminals([terminal])
    reopened = parts.reopened()
    assert "ZX1" in caplog.text
    assert reopened.zone_of("ZX1") == ZoneInfo("Asia/Tokyo")


class _SlowStore(FakeTerminalStore):
    """Holds every write until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = threading.Event()
        self.may_end = threading.Event()

    @override
    def save_terminals(self, terminals: Sequence[Terminal]) -> None:
        self.has_begun.set()
        assert self.may_end.wait(10)
        super().save_terminals(terminals)


def test_registrations_do_not_wait_for_a_write_and_are_not_lost_by_it() -> None:
    store, clock = _SlowStore(), FakeClock()
    register = TerminalRegister(store, clock, RegisterOptions())
    register.admit("ZX1", INFO)
    changing = threading.Thread(target=register.change, args=("ZX1", TerminalChange(name="Door")))
    changing.start()
    assert store.has_begun.wait(10)
    clock.advance(100)
    newer = DeviceInfo(firmware="newer")
    assert register.admit("ZX1", newer).is_allowed  # while the write hangs
    register.saw("ZX1")
    store.may_end.set()
    changing.join(10)
    now = register.get("ZX1")
    assert (now.name, now.info, now.last_seen_at) == ("Door", newer, clock.now_utc())
    assert register.flush() == 1
    assert store.list_terminals() == [now]


def test_terminals_that_come_while_others_are_written_are_written_next() -> None:
    store, clock = _SlowStore(), FakeClock()
    register = TerminalRegister(store, clock, RegisterOptions())
    register.admit("ZX1", INFO)
    flushing = threading.Thread(target=register.flush)
    flushing.start()
    assert store.has_begun.wait(10)
    clock.advance(timedelta(minutes=2).total_seconds())
    register.admit("ZX1", INFO)
    register.admit("ZX2", INFO)
    store.may_end.set()
    flushing.join(10)
    assert register.flush() == 2
    assert store.list_terminals() == register.list_terminals()
