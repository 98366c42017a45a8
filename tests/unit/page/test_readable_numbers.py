"""Numbers, times and names as people read them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from facegate.page import sizes, times
from facegate.page.plain_text import plain


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 kB"), (347 << 20, "347 MB"), (5 << 40, "5.0 TB")],
)
def test_bytes(count: int, text: str) -> None:
    assert sizes.in_bytes(count) == text


@pytest.mark.parametrize(
    ("rate", "count"), [(1.0, 1), (2.0, 1), (0.5, 2), (0.0123, 80), (1e-4, 10_000), (1e-7, 10_000_000)]
)
def test_a_rate_as_one_in_so_many(rate: float, count: int) -> None:
    assert sizes.one_in(rate) == count


def test_percent_has_digits_where_they_matter() -> None:
    assert [sizes.percent(share) for share in (0.0, 0.004, 0.5, 1.0)] == ["0 %", "0.4 %", "50 %", "100 %"]


def test_a_name_is_no_markdown() -> None:
    assert plain("![x](http://e.org) *b* :red[c] $d$") == (
        r"\!\[x\]\(http\://e\.org\) \*b\* \:red\[c\] \$d\$"
    )


def test_a_chart_has_every_hour_and_day() -> None:
    since = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)

    assert times.steps(since, since + timedelta(hours=2), by="hour") == [
        "2026-11-20T22:00:00",
        "2026-11-20T23:00:00",
        "2026-11-21T00:00:00",
    ]
    assert times.steps(since, since + timedelta(days=1), by="day") == [
        "2026-11-20T00:00:00",
        "2026-11-21T00:00:00",
    ]


@pytest.mark.parametrize(
    ("seconds_ago", "text"),
    [(5, "just now"), (61, "1 minute ago"), (7300, "2 hours ago"), (86_400 * 3, "3 days ago")],
)
def test_how_long_ago(seconds_ago: int, text: str) -> None:
    moment = (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat()

    assert _in_page(_ago, moment) == text


def _in_page(script: Callable[[str], None], moment: str) -> str:
    return str(AppTest.from_function(script, args=(moment,)).run().markdown[0].value)


def _ago(moment: str) -> None:
    import streamlit as st

    from facegate.page import session, times

    session.begin()
    st.markdown(times.ago(moment))
