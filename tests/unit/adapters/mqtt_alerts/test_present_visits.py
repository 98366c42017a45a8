"""Whether anybody is there, by what alerts tell."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.alert_senders import NOW, make_message

from facegate.adapters.mqtt_alerts.present_visits import _MAX_VISITS, PresentVisits
from facegate.domain.alerts.messages import AlertKind, OutboxMessage


def told(kind: AlertKind, event_id: str | None, who: str | None = None, after_s: float = 0) -> OutboxMessage:
    message = make_message(kind=kind)
    return replace(message, event_id=event_id, subject_id=who, created_at=NOW + timedelta(seconds=after_s))


def states(*messages: OutboxMessage, off_delay_s: int = 0) -> list[bool]:
    visits = PresentVisits()
    return [visits.is_anybody_after(message, off_delay_s) for message in messages]


def test_a_stranger_who_is_named_and_leaves_is_gone() -> None:
    assert states(
        told(AlertKind.SEEN, "e1"), told(AlertKind.SEEN, "e1", "alice"), told(AlertKind.LEFT, "e1", "alice")
    ) == [True, True, False]


def test_strangers_are_as_many_as_their_visits() -> None:
    assert states(
        told(AlertKind.SEEN, "e1"),
        told(AlertKind.SEEN, "e2"),
        told(AlertKind.LEFT, "e1"),
        told(AlertKind.LEFT, "e2"),
    ) == [True, True, True, False]


def test_who_comes_again_was_not_there_twice() -> None:
    # The first leaving fell into the quiet hours.
    assert states(
        told(AlertKind.SEEN, "e1", "alice"),
        told(AlertKind.SEEN, "e2", "alice"),
        told(AlertKind.LEFT, "e2", "alice"),
    ) == [True, True, False]


def test_after_the_delay_nobody_counts_whose_leaving_was_not_told() -> None:
    lost, seen = told(AlertKind.SEEN, "e1"), told(AlertKind.SEEN, "e2", "bob", 400)
    assert states(lost, seen, told(AlertKind.LEFT, "e2", "bob", 410), off_delay_s=300) == [True, True, False]
    assert states(lost, seen, told(AlertKind.LEFT, "e2", "bob", 410)) == [True, True, True]


def test_other_alerts_change_nothing() -> None:
    assert states(
        told(AlertKind.CAMERA_DOWN, None), told(AlertKind.SEEN, "e1"), told(AlertKind.TEST, None)
    ) == [
        False,
        True,
        True,
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from((AlertKind.SEEN, AlertKind.LEFT)), st.integers(0, 400).map(str)),
        max_size=500,
    )
)
def test_strangers_who_never_leave_are_not_remembered_for_ever(
    heard: list[tuple[AlertKind, str]],
) -> None:
    visits = PresentVisits()
    for kind, event_id in heard:
        visits.is_anybody_after(told(kind, event_id), 0)
        assert len(visits._visits) <= _MAX_VISITS
