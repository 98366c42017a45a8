"""What a terminal asks: each request is answered once, in order, when what it wants is done."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.protocols.terminals.moments import (
    NOON,
    NOON_IN_BERLIN,
    SERIAL_NUMBER,
    at,
    facts_of,
    message,
    record,
)

from facegate.domain.errors import StoreFailed
from facegate.domain.terminals.access_policy import AccessDecision
from facegate.domain.terminals.devices import AccessEncoding
from facegate.frontends.terminals.effects import Admit, Close, Effect, Note, NoteKind, Send, Store
from facegate.frontends.terminals.messages import CloseCode, Message
from facegate.frontends.terminals.protocol import TerminalProtocol
from facegate.frontends.terminals.states import ConnectionLimits, ConnectionState, Moment, TerminalFacts


def a_registered(
    limits: ConnectionLimits | None = None, facts: TerminalFacts | None = None
) -> TerminalProtocol:
    protocol = TerminalProtocol(limits or ConnectionLimits(), at(0.0))
    protocol.received(message(cmd="reg", sn=SERIAL_NUMBER), at(0.0))
    protocol.admitted(1, facts or facts_of(), at(0.0))
    return protocol


def said(effects: list[Effect]) -> list[Message]:
    return [effect.message for effect in effects if isinstance(effect, Send)]


def sendlog(*records: dict[str, object], **more: object) -> dict[str, object]:
    return {"cmd": "sendlog", "count": len(records), "record": list(records), **more}


def test_an_outcome_that_comes_too_late_answers_no_other_request() -> None:
    protocol = a_registered()
    (first,) = protocol.received(message(**sendlog(record(), logindex=1)), at(0.0))
    protocol.received(message(**sendlog(record(5), logindex=2)), at(1.0))
    late = protocol.tick(at(15.0))
    assert late[0] == Note(NoteKind.REQUEST_TOO_SLOW, "sendlog")
    assert said(late) == [{"ret": "sendlog", "result": False, "reason": 1}]
    second = late[-1]
    assert isinstance(first, Store)
    assert isinstance(second, Store)
    assert protocol.stored(first.request_id, None, at(16.0)) == []
    assert said(protocol.stored(second.request_id, None, at(16.0)))[0]["logindex"] == 2


def test_an_outcome_of_another_kind_answers_nothing() -> None:
    protocol = a_registered()
    (store,) = protocol.received(message(**sendlog(record())), at(0.0))
    assert isinstance(store, Store)
    assert protocol.enrolled(store.request_id, at(0.0)) == []
    assert protocol.judged(store.request_id, AccessDecision(True), at(0.0)) == []
    assert protocol.admitted(store.request_id, facts_of(), at(0.0)) == []
    assert said(protocol.stored(store.request_id, None, at(0.0)))


@pytest.mark.parametrize(
    ("records", "is_asked"),
    [
        ([record()], True),
        ([record(time="2024-05-02 13:57:01")], True),
        ([record(time="2024-05-02 13:50:00")], False),
        ([record(time="2024-05-02 14:10:00")], False),
        ([record(time="when?")], False),
        ([record(), record(5)], False),
        ([record(), "x"], False),
        ([], False),
        ([record(0)], False),
        ([record(99_999_999)], True),
    ],
)
def test_a_decision_is_wanted_for_one_fresh_record(records: list[dict[str, object]], is_asked: bool) -> None:
    effects = a_registered().received(message(**sendlog(*records)), at(0.0))
    (store,) = [effect for effect in effects if isinstance(effect, Store)]
    assert (store.decide is not None) == is_asked


@pytest.mark.parametrize(
    ("encoding", "granted", "refused"),
    [(AccessEncoding.INTEGER, 1, 0), (AccessEncoding.BOOLEAN, True, False)],
)
def test_access_is_written_as_the_terminal_obeys_it(
    encoding: AccessEncoding, granted: object, refused: object
) -> None:
    protocol = a_registered(facts=facts_of(encoding=encoding))
    for decision, written in ((AccessDecision(True), granted), (AccessDecision(False, "no"), refused)):
        (store,) = protocol.received(message(**sendlog(record())), at(0.0))
        assert isinstance(store, Store)
        (answer,) = said(protocol.stored(store.request_id, decision, at(0.0)))
        assert answer["access"] is written
        assert answer.get("message") == (decision.message or None)


def test_the_time_is_that_of_the_terminals_zone_also_when_it_changes() -> None:
    protocol = a_registered()
    (pong,) = said(protocol.received(message(cmd="ping"), at(0.0)))
    assert pong == {"ret": "ping", "result": True, "cloudtime": NOON_IN_BERLIN}
    protocol.facts_changed(TerminalFacts(SERIAL_NUMBER, ZoneInfo("America/New_York")))
    (pong,) = said(protocol.received(message(cmd="ping"), at(0.0)))
    assert pong["cloudtime"] == "2024-05-02 08:00:00"


def test_asking_for_users_is_said_at_the_registration() -> None:
    protocol = TerminalProtocol(ConnectionLimits(), at(0.0), ask_for_users=True)
    (admit,) = protocol.received(message(cmd="reg", sn=SERIAL_NUMBER), at(0.0))
    assert isinstance(admit, Admit)
    assert said(protocol.admitted(admit.request_id, facts_of(), at(0.0)))[0]["nosenduser"] is False


def test_a_repeated_registration_disturbs_nothing() -> None:
    protocol = a_registered()
    (admit,) = protocol.received(message(cmd="reg", sn=SERIAL_NUMBER), at(30.0))
    assert isinstance(admit, Admit)
    effects = protocol.admitted(admit.request_id, facts_of(), at(30.0))
    assert [type(effect) for effect in effects] == [Send]
    assert protocol.state is ConnectionState.REGISTERED


def test_a_failure_at_the_registration_lets_the_terminal_try_again() -> None:
    protocol = TerminalProtocol(ConnectionLimits(), at(0.0))
    (admit,) = protocol.received(message(cmd="reg", sn=SERIAL_NUMBER), at(0.0))
    assert isinstance(admit, Admit)
    (answer,) = said(protocol.failed(admit.request_id, StoreFailed("the disk"), at(0.0)))
    assert answer == {"ret": "reg", "result": False, "reason": 1}
    assert protocol.state is ConnectionState.WAITING


def test_a_flood_of_rubbish_ends_the_connection_and_a_trickle_does_not() -> None:
    limits = ConnectionLimits(max_bad_messages=3, bad_window_s=10.0)
    trickle = a_registered(limits)
    for number in range(20):
        assert trickle.received(message(no="word"), at(number * 6.0))[1:] == []
    flood = a_registered(limits)
    effects = [effect for _ in range(3) for effect in flood.received(message(no="word"), at(1.0))]
    assert effects[-1] == Close(CloseCode.POLICY, "too many messages that cannot be used")


def test_answers_to_nothing_are_rubbish_too() -> None:
    flood = a_registered(ConnectionLimits(max_bad_messages=3))
    effects = [effect for _ in range(3) for effect in flood.received(message(ret="gettime"), at(1.0))]
    assert effects[0] == Note(NoteKind.UNASKED_ANSWER, "gettime")
    assert effects[-1] == Close(CloseCode.POLICY, "too many messages that cannot be used")


def refuse(protocol: TerminalProtocol, serial_number: str, at_s: float) -> list[Effect]:
    effects = protocol.received(message(cmd="reg", sn=serial_number), at(at_s))
    (admit,) = [effect for effect in effects if isinstance(effect, Admit)]
    return protocol.turned_away(admit.request_id, "unknown device", at(at_s))


def test_asking_again_keeps_a_connection_open_only_for_a_while() -> None:
    protocol = TerminalProtocol(ConnectionLimits(registration_timeout_s=30.0), at(0.0))
    for at_s in (20.0, 40.0, 60.0, 80.0):
        assert said(refuse(protocol, SERIAL_NUMBER, at_s))
    assert protocol.next_deadline_s == 90.0
    assert isinstance(protocol.tick(at(90.0))[-1], Close)


def test_serial_numbers_are_not_tried_one_after_the_other() -> None:
    protocol = TerminalProtocol(ConnectionLimits(), at(0.0))
    for serial_number in ("A1", "A1", "A2", "A2", "A1"):
        assert not any(isinstance(effect, Close) for effect in refuse(protocol, serial_number, 1.0))
    effects = refuse(protocol, "A3", 2.0)
    assert said(effects) == [{"ret": "reg", "result": False, "reason": "unknown device"}]
    assert effects[-1] == Close(CloseCode.POLICY, "too many serial numbers were tried")
    assert protocol.received(message(cmd="reg", sn="A4"), at(2.0)) == []


def test_a_credential_that_nobody_knows_is_acknowledged_and_not_kept() -> None:
    push = message(cmd="senduser", enrollid=4, backupnum=1000, record="x")
    stranger = TerminalProtocol(ConnectionLimits(), at(0.0))
    assert said(stranger.received(push, at(0.0)))[0]["reason"] == "did not reg"
    note, answer = a_registered().received(push, at(0.0))
    assert isinstance(note, Note)
    assert note.kind is NoteKind.UNKEPT
    assert answer == Send({"ret": "senduser", "result": True, "cloudtime": NOON_IN_BERLIN})


@pytest.mark.parametrize("fold", [0, 1])
def test_a_scan_is_fresh_in_both_hours_when_clocks_are_put_back(fold: int) -> None:
    now = datetime(2024, 10, 27, fold, 30, tzinfo=UTC)  # 02:30 in Berlin, twice
    protocol = a_registered()
    batch = message(**sendlog(record(time="2024-10-27 02:29:50")))
    (store,) = protocol.received(batch, Moment(1.0, now))
    assert isinstance(store, Store)
    assert store.decide is not None


def test_silence_ends_a_connection_only_where_the_operator_says_so() -> None:
    assert a_registered().next_deadline_s is None
    protocol = a_registered(ConnectionLimits(idle_timeout_s=60.0))
    protocol.received(message(cmd="ping"), at(30.0))
    assert protocol.tick(at(89.0)) == []
    assert isinstance(protocol.tick(at(90.0))[-1], Close)


def test_reading_stops_while_too_much_waits() -> None:
    protocol = a_registered(ConnectionLimits(max_waiting_requests=2))
    (store,) = protocol.received(message(**sendlog(record())), at(0.0))
    assert isinstance(store, Store)
    for _ in range(2):
        assert not protocol.is_full
        protocol.received(message(cmd="ping"), at(0.0))
    assert protocol.is_full
    assert len(said(protocol.stored(store.request_id, None, at(0.0)))) == 3
    assert not protocol.is_full


def test_the_moment_of_the_tests_is_noon() -> None:
    assert at(60.0).utc - NOON == timedelta(minutes=1)
