"""No faster than Telegram allows, whatever is asked for."""

from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.telegram_alerts.pacing import SendingPace


class Time:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_burst_goes_at_once_and_the_next_waits() -> None:
    time = Time()
    pace = SendingPace(time)
    assert [pace.take_turn("1", "42") for _ in range(3)] == [0.0] * 3
    assert 2.9 < pace.take_turn("1", "42") <= 3.0
    assert pace.take_turn("1", "43") == 0.0
    time.now_s += 3.01
    assert pace.take_turn("1", "42") == 0.0


def test_a_group_gets_twenty_a_minute() -> None:
    time = Time()
    pace = SendingPace(time)
    sent_at = []
    while time.now_s < 1130.0:
        wait_s = pace.take_turn("1", "-100")
        if wait_s == 0.0:
            sent_at.append(time.now_s)
        else:
            time.now_s += max(wait_s, 0.001)
    for first in sent_at:
        assert len([at for at in sent_at if first <= at < first + 60.0]) <= 20
    assert len(sent_at) >= 40


@given(
    st.lists(
        st.tuples(st.floats(0.0, 0.5), st.sampled_from(["1", "2", "-3", "@news"])), min_size=1, max_size=200
    )
)
def test_no_window_holds_more_than_it_may(tries: list[tuple[float, str]]) -> None:
    time = Time()
    pace = SendingPace(time)
    sent: list[tuple[float, str]] = []
    for pause_s, chat_id in tries:
        time.now_s += pause_s
        if pace.take_turn("7", chat_id) == 0.0:
            sent.append((time.now_s, chat_id))
    for at, chat_id in sent:
        assert len([1 for other, name in sent if name == chat_id and at <= other < at + 3.0]) <= 3
        assert len([1 for other, _ in sent if at <= other < at + 1.0]) <= 25


def test_a_chat_is_held_as_long_as_asked() -> None:
    time = Time()
    pace = SendingPace(time)
    pace.hold("1", "42", 30.0)
    pace.hold("1", "42", 10.0)
    assert pace.take_turn("1", "42") == 30.0
    time.now_s += 30.0
    assert pace.take_turn("1", "42") == 0.0


def test_it_does_not_remember_for_ever() -> None:
    time = Time()
    pace = SendingPace(time)
    for number in range(5000):
        pace.take_turn("1", str(number))
        time.now_s += 0.1
    assert len(pace._sent_at) < 2000
