"""The registry of open sessions: counting, replacing, telling; also from many threads at once."""

import sys
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.enrolments import NOON
from tests.fakes.gallery import FakeClock
from tests.fakes.presence_sessions import RecordingSession

from facegate.domain.errors import EngineFailed
from facegate.domain.presence.clients import ClientStatus, PresenceClient
from facegate.domain.presence.verdicts import Action, Cue, Finding, Reason, Verdict
from facegate.use_cases.presence.live_sessions import LiveSessions
from facegate.use_cases.presence.session_records import SessionState, SessionView

FINE = Verdict(Action.NONE, Reason.EMPTY, "anna")
GONE = Verdict(Action.LOCK_SCREEN, Reason.NO_FACE, "anna", cues=(Cue(Finding.NO_FACE),))
PHONE = Verdict(Action.SIGN_OUT, Reason.PHONE_DETECTION, "anna")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def sessions(clock: FakeClock) -> LiveSessions:
    return LiveSessions(3, clock)


def only_view(sessions: LiveSessions) -> SessionView:
    (view,) = sessions.snapshot()
    return view


def test_places_are_taken_and_given_back(sessions: LiveSessions) -> None:
    assert [sessions.admit() for _ in range(5)] == [True, True, True, False, False]
    sessions.release()
    assert sessions.admit()
    counts = sessions.counts()
    assert (counts.max_connections, counts.connections, counts.sessions, counts.refused) == (3, 3, 0, 2)


def test_a_place_that_nobody_took_cannot_be_given_back(sessions: LiveSessions) -> None:
    with pytest.raises(RuntimeError):
        sessions.release()
    assert sessions.counts().connections == 0


def test_at_least_one_place(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="at least one"):
        LiveSessions(0, clock)


def test_a_new_session_is_seen_at_once(sessions: LiveSessions) -> None:
    session_id = sessions.open("anna", "10.0.0.1", RecordingSession())
    assert only_view(sessions) == SessionView(
        session_id=session_id,
        client_id="anna",
        address="10.0.0.1",
        connected_at=NOON,
        state=SessionState.CONNECTED,
        last_verdict=None,
        last_verdict_at=None,
        answered_count=0,
        superseded_count=0,
        bad_frame_count=0,
        frames_per_s=0.0,
        last_latency_ms=None,
        p95_latency_ms=None,
    )
    assert sessions.connected_ids() == {"anna"}
    assert (sessions.address_of("anna"), sessions.address_of("bob")) == ("10.0.0.1", None)
    sessions.close(session_id)
    sessions.close(session_id)
    assert sessions.snapshot() == ()
    assert sessions.connected_ids() == frozenset()


def test_a_second_session_replaces_the_first_whose_end_then_ends_nothing(sessions: LiveSessions) -> None:
    first, second = RecordingSession(), RecordingSession()
    first_id = sessions.open("anna", "10.0.0.1", first)
    second_id = sessions.open("anna", "10.0.0.2", second)
    assert (first.replaced_count, second.replaced_count) == (1, 0)
    sessions.record_frame(first_id, GONE, 1.0)
    sessions.close(first_id)
    view = only_view(sessions)
    assert (view.session_id, view.address, view.answered_count) == (second_id, "10.0.0.2", 0)
    assert sessions.disconnect("anna", "bye")
    assert (first.notes, second.notes) == ([], ["bye"])


def test_sessions_are_in_order_of_client(sessions: LiveSessions) -> None:
    for client_id in ("b", "a", "c"):
        sessions.open(client_id, "::1", RecordingSession())
    assert [view.client_id for view in sessions.snapshot()] == ["a", "b", "c"]


def test_frames_are_counted_with_their_latency_and_rate(sessions: LiveSessions, clock: FakeClock) -> None:
    session_id = sessions.open("anna", "::1", RecordingSession())
    for number in range(40):
        clock.advance(0.5)
        sessions.record_frame(session_id, FINE, float(number))
    sessions.record_superseded(session_id, 3)
    sessions.record_superseded(session_id)
    sessions.record_bad_frame(session_id)
    view = only_view(sessions)
    assert (view.answered_count, view.superseded_count, view.bad_frame_count) == (40, 4, 1)
    assert view.frames_per_s == pytest.approx(2.0)
    assert (view.last_latency_ms, view.p95_latency_ms) == (39.0, 37.0)
    assert (view.last_verdict, view.last_verdict_at) == (FINE, clock.now_utc())
    clock.advance(8.0)
    assert only_view(sessions).frames_per_s == pytest.approx(0.4)
    clock.advance(60.0)
    assert only_view(sessions).frames_per_s == 0.0


def test_the_percentile_is_of_the_last_hundred(sessions: LiveSessions) -> None:
    session_id = sessions.open("anna", "::1", RecordingSession())
    sessions.record_frame(session_id, FINE, 9.0)
    assert only_view(sessions).p95_latency_ms == 9.0
    for latency_ms in [1000.0] * 50 + [float(number) for number in range(100, 0, -1)]:
        sessions.record_frame(session_id, FINE, latency_ms)
    assert only_view(sessions).p95_latency_ms == 95.0


def test_a_young_session_does_not_show_a_huge_rate(sessions: LiveSessions, clock: FakeClock) -> None:
    session_id = sessions.open("anna", "::1", RecordingSession())
    clock.advance(0.001)
    sessions.record_frame(session_id, FINE, 1.0)
    assert only_view(sessions).frames_per_s == 1.0


def test_a_violation_begins_once(sessions: LiveSessions) -> None:
    session_id = sessions.open("anna", "::1", RecordingSession())
    verdicts = [FINE, GONE, GONE, PHONE, FINE, PHONE]
    begun = [sessions.record_frame(session_id, verdict, 1.0) for verdict in verdicts]
    assert begun == [False, True, False, False, False, True]
    assert not sessions.record_frame("no session", GONE, 1.0)


def test_who_wants_to_hear_of_violations_hears_where_one_begins(sessions: LiveSessions) -> None:
    heard: list[tuple[str, Verdict]] = []
    sessions.on_violation = lambda client_id, verdict: heard.append((client_id, verdict))
    session_id = sessions.open("anna", "::1", RecordingSession())
    for verdict in (FINE, GONE, GONE, PHONE, FINE, PHONE):
        sessions.record_frame(session_id, verdict, 1.0)
    sessions.close(session_id)
    sessions.record_frame(session_id, GONE, 1.0)
    assert heard == [("anna", GONE), ("anna", PHONE)]


def test_the_state_follows_work_and_status(sessions: LiveSessions) -> None:
    session_id = sessions.open("anna", "::1", RecordingSession(), ClientStatus.PAUSED)
    assert only_view(sessions).state is SessionState.PAUSED
    for status, state in (
        (ClientStatus.ACTIVE, SessionState.CONNECTED),
        (ClientStatus.BLOCKED, SessionState.BLOCKED),
        (ClientStatus.ACTIVE, SessionState.CONNECTED),
    ):
        assert sessions.client_changed("anna", PresenceClient("anna", status, NOON, NOON))
        assert only_view(sessions).state is state
    with sessions.working(session_id):
        sessions.record_bad_frame(session_id)
        assert only_view(sessions).state is SessionState.PROCESSING
    assert only_view(sessions).state is SessionState.CONNECTED


def test_work_that_fails_is_over(sessions: LiveSessions) -> None:
    session_id = sessions.open("anna", "::1", RecordingSession())

    def fail() -> None:
        with sessions.working(session_id):
            raise EngineFailed("the net broke")

    with pytest.raises(EngineFailed):
        fail()
    assert only_view(sessions).state is SessionState.CONNECTED


def test_who_has_no_session_is_not_told(sessions: LiveSessions) -> None:
    other = RecordingSession()
    sessions.open("bob", "::1", other)
    assert not sessions.client_changed("anna", None)
    assert not sessions.disconnect("anna")
    assert (other.clients, other.notes) == ([], [])


@settings(max_examples=20)
@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=15), min_size=2, max_size=8), st.integers(1, 6))
def test_from_many_threads_there_are_never_too_many_and_none_is_left(
    plans: Sequence[Sequence[str]], max_connections: int
) -> None:
    sessions = LiveSessions(max_connections, FakeClock())
    seen: list[tuple[int, int]] = []
    handles: list[RecordingSession] = []
    begin = threading.Barrier(len(plans))

    def connect(plan: Sequence[str]) -> None:
        begin.wait()
        for client_id in plan:
            if not sessions.admit():
                continue
            handle = RecordingSession()
            handles.append(handle)
            session_id = sessions.open(client_id, "::1", handle)
            with sessions.working(session_id):
                sessions.record_frame(session_id, FINE, 1.0)
            counts = sessions.counts()
            seen.append((counts.connections, counts.sessions))
            sessions.close(session_id)
            sessions.release()

    switch_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=connect, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(switch_s)
    for connections, session_count in seen:
        assert session_count <= connections <= max_connections
    counts = sessions.counts()
    assert (counts.connections, counts.sessions) == (0, 0)
    assert sessions.snapshot() == ()
    assert len(handles) + counts.refused == sum(len(plan) for plan in plans)
    assert all(handle.replaced_count <= 1 for handle in handles)
