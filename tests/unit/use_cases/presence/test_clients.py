"""Registering, pausing, blocking and letting in, on a real store; what the open session hears of it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.gallery_stores import sqlite_database
from tests.fakes.engine import FAKE_IDENTITY
from tests.fakes.enrolments import enrolment, later
from tests.fakes.gallery import FakeClock, InMemoryClientStore, InMemoryGalleryStore
from tests.fakes.presence_sessions import RecordingSession

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.sql_store import SqlClientStore, SqlGalleryStore
from facegate.domain.access import TOKEN_PREFIX, hash_token
from facegate.domain.calibration import CalibrationCurve
from facegate.domain.errors import ClientConflict, ClientNotFound, InvalidInput, SubjectNotFound
from facegate.domain.matching import MatchPolicy
from facegate.domain.presence.clients import ClientStatus, PresenceClient
from facegate.domain.templates import Metric
from facegate.ports.client_store import ClientStore
from facegate.ports.gallery_store import GalleryStore
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.live_sessions import LiveSessions
from facegate.use_cases.presence.log_in import LogIn, LogInRefusal
from facegate.use_cases.presence.session_records import SessionState

HERE = "10.0.0.7"
CURVE = CalibrationCurve(
    FAKE_IDENTITY.model_id, Metric.COSINE, (0.0, 0.3, 0.6), (0.0, -3.0, -6.0), 100_000, 10, "synthetic"
)


@dataclass(frozen=True)
class Door:
    """The use case with everything under it."""

    clock: FakeClock
    gallery: Gallery
    store: ClientStore
    sessions: LiveSessions
    clients: PresenceClients

    def kept(self, client_id: str) -> PresenceClient:
        found = self.store.find_client(client_id)
        assert found is not None
        return found

    def connected(self, client_id: str, address: str = HERE) -> RecordingSession:
        session = RecordingSession()
        assert self.clients.log_in(client_id, None, address, session).session_id is not None
        return session

    def with_options(self, *, register_enrolled: bool = False, block_after_violations: int = 0) -> "Door":
        clients = PresenceClients(
            self.store,
            self.gallery,
            self.sessions,
            self.clock,
            register_enrolled=register_enrolled,
            block_after_violations=block_after_violations,
        )
        return Door(self.clock, self.gallery, self.store, self.sessions, clients)


def door_on(gallery_store: GalleryStore, store: ClientStore, clock: FakeClock) -> Door:
    gallery = Gallery(gallery_store, ExactTemplateIndex(FAKE_IDENTITY), MatchPolicy(CURVE))
    sessions = LiveSessions(10, clock)
    for name in ("anna", "bob"):
        gallery.enrol(enrolment(name))
    return Door(clock, gallery, store, sessions, PresenceClients(store, gallery, sessions, clock))


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    clock = FakeClock(later(0))
    with sqlite_database(tmp_path) as database:
        yield door_on(SqlGalleryStore(database, clock), SqlClientStore(database), clock)


def test_an_enrolled_person_is_registered(door: Door) -> None:
    client, token = door.clients.register(" anna ", networks=["10.0.0.1/8"])
    assert token is None
    assert client == PresenceClient(
        "anna", ClientStatus.REGISTERED, later(0), later(0), networks=("10.0.0.0/8",)
    )
    assert door.clients.get_client("anna") == client
    assert door.clients.list_clients() == [client]


def test_a_token_is_shown_once_and_only_its_hash_is_kept(door: Door) -> None:
    client, token = door.clients.register("anna", with_token=True)
    assert token is not None
    assert token.startswith(TOKEN_PREFIX)
    assert client.token_hash == hash_token(token) == door.kept("anna").token_hash
    assert token not in repr(client)


def test_who_cannot_be_registered(door: Door) -> None:
    with pytest.raises(SubjectNotFound):
        door.clients.register("nobody")
    with pytest.raises(InvalidInput):
        door.clients.register("unknown")
    with pytest.raises(InvalidInput):
        door.clients.register("anna", networks=["somewhere"])
    assert door.clients.list_clients() == []
    door.clients.register("anna", networks=["10.0.0.0/8"])
    with pytest.raises(ClientConflict):
        door.clients.register("anna", with_token=True)
    assert door.kept("anna").networks == ("10.0.0.0/8",)
    assert door.kept("anna").token_hash is None


def test_the_unknown_cannot_be_commanded(door: Door) -> None:
    clients = door.clients
    for call in (
        clients.get_client,
        clients.pause,
        clients.resume,
        clients.block,
        clients.unblock,
        clients.remove,
        clients.renew_token,
        clients.disconnect,
        lambda client_id: clients.set_networks(client_id, []),
    ):
        with pytest.raises(ClientNotFound):
            call("anna")  # enrolled alone is not registered


def test_only_registered_clients_are_let_in(door: Door) -> None:
    for name in ("anna", "nobody", "", "unknown", "nul\0", "x" * 1000):
        assert door.clients.log_in(name, None, HERE) == LogIn(None, LogInRefusal.UNKNOWN_CLIENT)
    door.clients.register("anna")
    door.clock.advance(5)
    let_in = door.clients.log_in(" anna ", None, HERE)
    assert let_in.refusal is None
    assert let_in.client == PresenceClient("anna", ClientStatus.ACTIVE, later(0), later(5), later(5))
    assert let_in.client == door.kept("anna")


def test_the_last_log_in_is_written_down_once_a_minute(door: Door) -> None:
    door.clients.register("anna")
    for second, seen in ((0, 0), (30, 0), (59, 0), (60, 60), (90, 60)):
        door.clock.advance(second - (door.clock.now_utc() - later(0)).total_seconds())
        assert door.clients.log_in("anna", None, HERE).client == door.kept("anna")
        assert door.kept("anna").last_seen_at == later(seen)
    assert door.kept("anna").updated_at == later(0)


def test_with_the_setting_the_enrolled_are_registered_by_logging_in(door: Door) -> None:
    open_door = door.with_options(register_enrolled=True)
    assert open_door.clients.log_in("nobody", None, HERE).refusal is LogInRefusal.UNKNOWN_CLIENT
    assert open_door.clients.log_in("anna", None, HERE).client == door.kept("anna")
    open_door.clients.block("anna")
    assert open_door.clients.log_in("anna", None, HERE).refusal is LogInRefusal.BLOCKED
    assert [client.client_id for client in door.clients.list_clients()] == ["anna"]


def test_a_token_is_asked_for_where_there_is_one(door: Door) -> None:
    _, token = door.clients.register("anna", with_token=True)
    _, other = door.clients.register("bob", with_token=True)
    for wrong in (None, "", "fg_", other, f"{token} ", "\ud800", door.kept("anna").token_hash):
        assert door.clients.log_in("anna", wrong, HERE).refusal is LogInRefusal.WRONG_TOKEN
    assert door.clients.log_in("anna", token, HERE).client is not None
    _, newer = door.clients.renew_token("anna")
    assert door.clients.log_in("anna", token, HERE).refusal is LogInRefusal.WRONG_TOKEN
    assert door.clients.log_in("anna", newer, HERE).client is not None


def test_a_client_without_token_may_show_one(door: Door) -> None:
    door.clients.register("anna")
    assert door.clients.log_in("anna", "whatever", HERE).client is not None


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("10.9.9.9", None),
        ("::ffff:10.9.9.9", None),
        ("2001:db8::5", None),
        ("11.0.0.1", LogInRefusal.WRONG_ADDRESS),
        ("2001:db9::5", LogInRefusal.WRONG_ADDRESS),
        ("", LogInRefusal.WRONG_ADDRESS),
    ],
)
def test_the_address_list(door: Door, address: str, refusal: LogInRefusal | None) -> None:
    door.clients.register("anna", networks=["10.0.0.0/8", "2001:db8::/32"])
    assert door.clients.log_in("anna", None, address).refusal is refusal


def test_a_stranger_does_not_learn_that_a_client_is_blocked(door: Door) -> None:
    _, token = door.clients.register("anna", with_token=True, networks=["10.0.0.0/8"])
    door.clients.block("anna")
    assert door.clients.log_in("anna", token, "192.0.2.1").refusal is LogInRefusal.WRONG_ADDRESS
    assert door.clients.log_in("anna", "fg_no", HERE).refusal is LogInRefusal.WRONG_TOKEN
    assert door.clients.log_in("anna", token, HERE) == LogIn(None, LogInRefusal.BLOCKED)


def test_pausing_is_kept_with_its_note_and_reaches_the_session(door: Door) -> None:
    door.clients.register("anna")
    session = door.connected("anna")
    paused = door.clients.pause("anna", " on leave ")
    assert (paused.status, paused.status_note) == (ClientStatus.PAUSED, "on leave")
    assert door.sessions.snapshot()[0].state is SessionState.PAUSED
    again = door.clients.log_in("anna", None, HERE)
    assert again.client == paused
    resumed = door.clients.resume("anna")
    assert (resumed.status, resumed.status_note) == (ClientStatus.ACTIVE, "")
    assert session.clients == [paused, resumed]
    assert door.kept("anna") == resumed


def test_blocking_ends_only_by_unblocking(door: Door) -> None:
    door.clients.register("anna")
    session = door.connected("anna")
    blocked = door.clients.block("anna", "lost laptop")
    for refused in (door.clients.pause, door.clients.resume):
        with pytest.raises(ClientConflict):
            refused("anna")
    assert door.kept("anna") == blocked
    assert door.clients.log_in("anna", None, HERE, RecordingSession()) == LogIn(None, LogInRefusal.BLOCKED)
    freed = door.clients.unblock("anna")
    assert (freed.status, freed.status_note) == (ClientStatus.ACTIVE, "")
    assert session.clients == [blocked, freed]


def test_unblocking_the_paused_leaves_the_pause_and_its_note(door: Door) -> None:
    door.clients.register("anna")
    door.clients.pause("anna", "on leave")
    kept = door.clients.unblock("anna")
    assert (kept.status, kept.status_note) == (ClientStatus.PAUSED, "on leave")


def test_a_bad_note_changes_nothing(door: Door) -> None:
    door.clients.register("anna")
    for call in (door.clients.pause, door.clients.block, door.clients.disconnect):
        with pytest.raises(InvalidInput):
            call("anna", "two\nlines")
    assert door.kept("anna").status is ClientStatus.REGISTERED


def test_removing_tells_the_session(door: Door) -> None:
    door.clients.register("anna")
    session = door.connected("anna")
    door.clients.remove("anna")
    assert session.clients == [None]
    assert door.gallery.find_subject("anna") is not None


def test_an_administrator_can_end_a_session(door: Door) -> None:
    door.clients.register("anna")
    assert not door.clients.disconnect("anna")
    session = door.connected("anna")
    assert door.clients.disconnect("anna", " go home ")
    assert session.notes == ["go home"]


def test_a_session_from_an_address_that_is_taken_off_the_list_ends(door: Door) -> None:
    door.clients.register("anna")
    session = door.connected("anna", "192.0.2.1")
    door.clients.set_networks("anna", ["192.0.2.0/24"])
    assert session.notes == []
    changed = door.clients.set_networks("anna", ["10.0.0.0/8"])
    assert len(session.notes) == 1
    assert changed.networks == door.kept("anna").networks == ("10.0.0.0/8",)
    assert door.clients.set_networks("anna", []).networks == ()
    assert len(session.notes) == 1


def test_a_session_ends_when_its_token_is_renewed(door: Door) -> None:
    door.clients.register("anna")
    session = door.connected("anna")
    door.clients.renew_token("anna")
    assert len(session.notes) == 1


def test_sessions_hear_that_their_person_was_removed(door: Door) -> None:
    for name in ("anna", "bob"):
        door.clients.register(name)
    anna, bob = door.connected("anna"), door.connected("bob")
    door.gallery.remove_subject("anna")
    door.clients.reread(["anna", "nobody"])
    assert (anna.clients, bob.clients) == ([None], [])
    door.gallery.restore([], replace=True)
    door.clients.reread()
    assert bob.clients == [None]


def test_violations_block_when_there_were_too_many(door: Door) -> None:
    door.clients.register("anna")
    assert [door.clients.violation("anna") for _ in range(50)] == [None] * 50
    strict = door.with_options(block_after_violations=3)
    session = strict.connected("anna")
    assert strict.clients.violation("anna") is None
    assert strict.clients.violation("anna") is None
    blocked = strict.clients.violation("anna")
    assert blocked is not None
    assert (blocked.status, blocked.status_note) == (ClientStatus.BLOCKED, "3 violations")
    assert session.clients == [blocked]
    assert door.kept("anna") == blocked
    strict.clients.unblock("anna")
    assert strict.clients.violation("anna") is None


@pytest.mark.parametrize("forget", ["unblock", "remove"])
def test_unblocking_and_removing_forget_violations(door: Door, forget: str) -> None:
    strict = door.with_options(block_after_violations=2)
    strict.clients.register("anna")
    assert strict.clients.violation("anna") is None
    getattr(strict.clients, forget)("anna")
    if forget == "remove":
        strict.clients.register("anna")
    assert strict.clients.violation("anna") is None
    assert strict.clients.violation("anna") is not None


def test_violations_of_more_than_an_hour_ago_do_not_count(door: Door) -> None:
    strict = door.with_options(block_after_violations=3)
    strict.clients.register("anna")
    for _ in range(20):
        assert strict.clients.violation("anna") is None
        door.clock.advance(1801)
    assert strict.clients.violation("anna") is None
    assert strict.clients.violation("anna") is not None


def test_who_is_enrolled_anew_begins_without_violations(door: Door) -> None:
    strict = door.with_options(block_after_violations=2)
    strict.clients.register("anna")
    assert strict.clients.violation("anna") is None
    door.gallery.remove_subject("anna")
    strict.clients.reread(["anna"])
    door.gallery.enrol(enrolment("anna"))
    strict.clients.register("anna")
    assert strict.clients.violation("anna") is None
    assert strict.clients.violation("anna") is not None


def test_violations_of_somebody_who_is_gone_block_nobody(door: Door) -> None:
    assert door.with_options(block_after_violations=1).clients.violation("anna") is None
    assert door.clients.list_clients() == []


def test_nobody_slips_in_beside_a_block(door: Door) -> None:
    """Whoever logs in at the moment of the block is either refused or told of it."""
    door.clients.register("anna")
    for _ in range(20):
        door.clients.unblock("anna")
        let_in, session = log_in_while_blocking(door)
        if let_in.client is not None:
            assert session.clients[-1] == door.kept("anna")
        assert door.kept("anna").status is ClientStatus.BLOCKED


def log_in_while_blocking(door: Door) -> tuple[LogIn, RecordingSession]:
    session, outcomes = RecordingSession(), list[LogIn]()
    threads = [
        threading.Thread(target=lambda: outcomes.append(door.clients.log_in("anna", None, HERE, session))),
        threading.Thread(target=lambda: door.clients.block("anna")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes[0], session


orders = st.lists(st.sampled_from(["pause", "resume", "block", "unblock", "log_in", "renew"]), max_size=12)


@settings(max_examples=40)
@given(orders)
def test_any_orders_leave_session_and_store_with_the_same_words(given_orders: list[str]) -> None:
    gallery_store = InMemoryGalleryStore()
    door = door_on(gallery_store, InMemoryClientStore(gallery_store), FakeClock(later(0)))
    door.clients.register("anna")
    session = door.connected("anna")
    for order in given_orders:
        before = door.kept("anna")
        if order == "log_in":
            outcome = door.clients.log_in("anna", None, HERE)
            assert (outcome.client is None) == (
                before.status is ClientStatus.BLOCKED or before.token_hash is not None
            )
            continue
        if order == "renew":
            door.clients.renew_token("anna")
        else:
            try:
                getattr(door.clients, order)("anna")
            except ClientConflict:
                assert before.status is ClientStatus.BLOCKED
                assert door.kept("anna") == before
                continue
        assert session.clients[-1] == door.kept("anna")
        if before.status is ClientStatus.BLOCKED:
            assert (door.kept("anna").status is ClientStatus.BLOCKED) is (order != "unblock")
