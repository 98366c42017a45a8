"""What every AlertStore promises, run over SQLite, PostgreSQL and the fake."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.contracts.emptied_databases import emptied
from tests.contracts.gallery_stores import sqlite_database
from tests.contracts.watched_events import a_mark, a_message, event_id
from tests.fakes.alert_store import FakeAlertStore
from tests.fakes.enrolments import later
from tests.fakes.secrets import FakeSecretBox

from facegate.adapters.sql_store import Database, SqlAlertStore
from facegate.adapters.sql_store.watching.tables import alert_channels as table
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import FINAL_STATES, AlertText, MessageState, OutboxMessage
from facegate.domain.errors import InvalidInput, StoreFailed
from facegate.ports.alerts.alert_store import AlertStore


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AlertStore]:
    if request.param == "fake":
        yield FakeAlertStore()
    elif request.param == "sqlite":
        with sqlite_database(tmp_path) as database:
            yield SqlAlertStore(database, FakeSecretBox())
    else:
        yield SqlAlertStore(emptied(request.getfixturevalue("postgres")), FakeSecretBox())


def a_channel(channel_id: str = "chan1", second: int = 1, **fields: Any) -> AlertChannel:
    given: dict[str, Any] = {
        "kind": ChannelKind.TELEGRAM,
        "name": "Büro \U0001f4e3",
        "options": {"chat_id": "-100123"},
        "secrets": {"token": "123:an-app-token-\ud800"},
        "is_enabled": True,
    }
    return AlertChannel(channel_id, created_at=later(second), **(given | fields))


def keys(messages: list[OutboxMessage]) -> list[int]:
    return [int(one.message_id[12:], 16) for one in messages]


def test_channels_come_back_equal_and_oldest_first(store: AlertStore) -> None:
    first, second = a_channel("z"), a_channel("a", 2, kind=ChannelKind.MQTT, options={}, secrets={})
    store.add_channel(second)
    store.add_channel(first)
    assert store.list_channels() == [first, second]
    assert store.find_channel("a") == second
    changed = replace(first, name="other", secrets={"token": "new"}, is_enabled=False)
    assert store.save_channel(changed)
    assert store.find_channel("z") == changed
    assert not store.save_channel(a_channel("nobody"))
    assert store.list_channels() == [changed, second]


def test_a_channel_is_added_once(store: AlertStore) -> None:
    store.add_channel(a_channel())
    with pytest.raises(StoreFailed):
        store.add_channel(a_channel(name="again"))
    assert store.list_channels() == [a_channel()]


@pytest.mark.parametrize("unknown", ["", "nobody", "nul\0", "half\ud800"])
def test_what_is_not_there(store: AlertStore, unknown: str) -> None:
    store.add_messages([a_message(1)], [a_mark(1)])
    assert store.find_channel(unknown) is None
    assert not store.delete_channel(unknown)
    assert store.held_messages(unknown, unknown) == []
    assert store.held_messages("chan1", unknown) == []
    assert store.find_mark(unknown, unknown) is None
    assert store.list_messages(limit=5, before_id=unknown) == []
    assert store.due_messages(later(9), channel_ids=[unknown]) == []
    assert not store.save_message(a_message(2, message_id=unknown))
    store.replace_held([unknown], a_message(3))
    assert keys(store.list_messages(limit=5)) == [1]


def test_a_message_comes_back_equal(store: AlertStore) -> None:
    text = AlertText("Anna \U0001f44b", "zwei\nZeilen", {"n": 1, "inner": {"list": [True, None, 0.5]}})
    whole = a_message(
        1,
        text=text,
        last_error="timed out",
        attempt_count=3,
        event_id=event_id(5),
        camera_id="cam1",
        subject_id="anna",
        picture=b"\xff\xd8\x00",
    )
    assert store.add_messages([whole]) == 1
    assert store.due_messages(later(1)) == [whole]
    assert store.list_messages(limit=1) == [replace(whole, picture=None)]


def test_texts_are_never_refused_but_ids_are(store: AlertStore) -> None:
    odd = a_message(1, text=AlertText("nul\0", "half \ud800", {"\0": "\ud800"}), last_error="\udfff")
    store.add_messages([odd])
    (kept,) = store.list_messages(limit=1)
    assert (kept.text.title, kept.text.body, kept.last_error) == ("nul\ufffd", "half \ufffd", "\ufffd")
    assert kept.text.facts == {"\0": "\ud800"}
    for field in ("channel_id", "dedup_key", "camera_id", "subject_id", "event_id", "message_id"):
        fields: dict[str, Any] = {field: "nul\0"}
        with pytest.raises(InvalidInput):
            store.add_messages([a_message(2), a_message(3, **fields)])
    with pytest.raises(InvalidInput):
        store.add_channel(a_channel(name="\ud800"))
    assert keys(store.list_messages(limit=9)) == [1]


def test_the_same_is_told_once(store: AlertStore) -> None:
    assert store.add_messages([a_message(1), a_message(2), a_message(3, dedup_key="key 1")]) == 2
    assert store.add_messages([a_message(2, dedup_key="other id"), a_message(4)], [a_mark(4)]) == 1
    assert keys(store.list_messages(limit=9)) == [4, 2, 1]
    assert store.add_messages([]) == 0
    assert store.find_mark("cam1", "subject:anna") == a_mark(4)


def test_what_is_due_comes_oldest_first(store: AlertStore) -> None:
    store.add_messages(
        [
            a_message(5),
            a_message(1, next_attempt_at=later(50)),
            a_message(3, state=MessageState.HELD),
            a_message(2, channel_id="chan2"),
            a_message(9),
            a_message(4, state=MessageState.SENDING),
        ]
    )
    assert keys(store.due_messages(later(8))) == [2, 5]
    assert keys(store.due_messages(later(8), limit=1)) == [2]
    assert store.due_messages(later(8), limit=0) == []
    assert keys(store.due_messages(later(8), limit=1, channel_ids=["chan1"])) == [5]
    assert store.due_messages(later(8), channel_ids=[]) == []
    assert keys(store.due_messages(later(50))) == [1, 2, 5, 9]
    assert keys(store.interrupted_messages()) == [4]


def test_what_becomes_of_a_message_is_kept(store: AlertStore) -> None:
    store.add_messages([a_message(1, picture=b"jpeg"), a_message(2, picture=b"other")])
    (first, _) = store.due_messages(later(5))
    waits = replace(
        first,
        attempt_count=1,
        last_error="refused",
        next_attempt_at=later(60),
        expires_at=later(99),
        picture=None,
    )
    assert store.save_message(replace(waits, text=AlertText("else", "else"), subject_id="else"))
    assert store.due_messages(later(59)) == store.due_messages(later(5)) == [a_message(2, picture=b"other")]
    assert store.due_messages(later(60))[0] == replace(waits, picture=b"jpeg")
    assert store.save_message(replace(waits, state=MessageState.SENDING))
    assert store.interrupted_messages() == [replace(waits, state=MessageState.SENDING, picture=b"jpeg")]
    for state in sorted(FINAL_STATES):
        done = replace(waits, state=state, finished_at=later(70))
        assert store.save_message(done)
        assert store.list_messages(limit=9, states=frozenset({state})) == [done]
    assert store.save_message(replace(waits, state=MessageState.WAITING))
    assert store.due_messages(later(60))[0].picture is None


def test_held_ones_are_asked_for_by_channel_and_camera(store: AlertStore) -> None:
    held = {"state": MessageState.HELD, "picture": b"jpeg"}
    store.add_messages(
        [
            a_message(3, camera_id="cam1", **held),
            a_message(1, camera_id="cam1", **held),
            a_message(2, camera_id="cam2", **held),
            a_message(4, camera_id="cam1", channel_id="chan2", **held),
            a_message(5, **held),
            a_message(6, camera_id="cam3"),
        ]
    )
    assert store.held_keys() == [("chan1", ""), ("chan1", "cam1"), ("chan1", "cam2"), ("chan2", "cam1")]
    found = store.held_messages("chan1", "cam1")
    assert keys(found) == [1, 3]
    assert {one.picture for one in found} == {None}
    assert keys(store.held_messages("chan1", "")) == [5]
    assert store.held_messages("chan1", "cam3") == []


def test_a_digest_takes_the_place_of_what_was_held(store: AlertStore) -> None:
    store.add_messages([a_message(number, state=MessageState.HELD, picture=b"jpeg") for number in (1, 2, 3)])
    digest = a_message(10, picture=b"one of them")
    store.replace_held([event_id(1), event_id(2), event_id(1)], digest)
    assert store.due_messages(later(10)) == [digest]
    assert keys(store.held_messages("chan1", "")) == [3]
    sent = store.list_messages(limit=9, states=frozenset({MessageState.SENT}))
    assert keys(sent) == [2, 1]
    assert {one.finished_at for one in sent} == {digest.created_at}


def test_a_digest_of_what_is_held_no_more_is_not_told(store: AlertStore) -> None:
    store.add_messages([a_message(1, state=MessageState.HELD), a_message(2)])
    for gone in (2, 3):
        store.replace_held([event_id(1), event_id(gone)], a_message(10))
    assert keys(store.held_messages("chan1", "")) == [1]
    assert keys(store.list_messages(limit=9)) == [2, 1]


def test_many_are_held(store: AlertStore) -> None:
    store.add_messages([a_message(number, state=MessageState.HELD) for number in range(700)])
    store.replace_held([event_id(number) for number in range(700)], a_message(1000))
    assert store.held_keys() == []
    assert keys(store.due_messages(later(1000))) == [1000]


def test_lists_are_newest_first_in_pages(store: AlertStore) -> None:
    # Three share a moment: ids settle the order.
    store.add_messages([a_message(number, at=later(5 if number < 4 else number)) for number in range(1, 7)])
    store.save_message(a_message(6, at=later(6), state=MessageState.FAILED, finished_at=later(6)))
    seen: list[int] = []
    before_id = None
    while page := store.list_messages(limit=2, before_id=before_id):
        seen += keys(page)
        before_id = page[-1].message_id
    assert seen == [6, 5, 3, 2, 1, 4]
    assert keys(store.list_messages(limit=9, states=frozenset({MessageState.FAILED}))) == [6]
    both = frozenset({MessageState.FAILED, MessageState.WAITING})
    assert keys(store.list_messages(limit=2, states=both, before_id=event_id(6))) == [5, 3]
    assert store.list_messages(limit=0) == []


def test_a_deleted_channel_takes_along_what_waits_for_it(store: AlertStore) -> None:
    store.add_channel(a_channel())
    states = list(MessageState)
    store.add_messages([a_message(number, state=state) for number, state in enumerate(states)])
    store.add_messages([a_message(50, channel_id="chan2")])
    assert store.delete_channel("chan1")
    assert not store.delete_channel("chan1")
    left = {one.state for one in store.list_messages(limit=99) if one.channel_id == "chan1"}
    assert left == set(states) - {MessageState.HELD, MessageState.WAITING}
    assert keys(store.due_messages(later(99))) == [50]


def test_finished_ones_are_dropped_when_they_are_old(store: AlertStore) -> None:
    sent = {"state": MessageState.SENT}
    store.add_messages(
        [
            a_message(1, finished_at=later(10), **sent),
            a_message(2, finished_at=later(100), **sent),
            a_message(3, **sent),
            a_message(4),
            a_message(5, state=MessageState.UNCERTAIN, finished_at=later(50)),
        ]
    )
    assert store.delete_finished(later(50)) == 2
    assert keys(store.list_messages(limit=9)) == [5, 4, 2]


def test_messages_of_several_threads_are_told_once(store: AlertStore) -> None:
    counts: list[int] = []

    def add(part: int) -> None:
        new = [a_message(part * 100 + number, dedup_key=f"shared {number}") for number in range(20)]
        counts.append(store.add_messages(new if part % 2 else new[::-1], [a_mark(part)]))

    threads = [threading.Thread(target=add, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 20
    assert len(counts) == 4
    assert store.find_mark("cam1", "subject:anna") == a_mark(3)


def test_secrets_of_channels_are_sealed(database: Database) -> None:
    SqlAlertStore(database, FakeSecretBox()).add_channel(a_channel(secrets={"token": "top-secret"}))
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM alert_channels").all()
    assert "top-secret" not in str(rows)


def test_secrets_under_another_key_are_lost_and_trouble_no_other(database: Database) -> None:
    before, after = (SqlAlertStore(database, FakeSecretBox(key)) for key in ("key", "another key"))
    for channel_id in "abc":
        before.add_channel(a_channel(channel_id))
    lost: dict[str, Any] = {"secrets": {}, "has_lost_secrets": True}
    assert after.find_channel("a") == a_channel("a", **lost)
    assert after.save_channel(a_channel("a", secrets={"token": "new"}))
    assert after.list_channels() == [
        a_channel("a", secrets={"token": "new"}),
        a_channel("b", **lost),
        a_channel("c", **lost),
    ]
    assert after.delete_channel("b")
    # Their key may come back: what was sealed stays where only something else changes.
    assert after.save_channel(a_channel("c", name="renamed", **lost))
    assert before.list_channels() == [a_channel("a", **lost), a_channel("c", name="renamed")]


@pytest.mark.parametrize("column", ["sealed_secrets", "options_json"])
def test_a_damaged_channel_troubles_no_other(database: Database, column: str) -> None:
    store = SqlAlertStore(database, FakeSecretBox())
    store.add_channel(a_channel("a"))
    store.add_channel(a_channel("b"))
    with database.writing() as connection:
        connection.execute(update(table).where(table.c.channel_id == "a").values({column: "{"}))
    damaged, other = store.list_channels()
    assert (damaged.has_lost_secrets, damaged.secrets, other) == (True, {}, a_channel("b"))
