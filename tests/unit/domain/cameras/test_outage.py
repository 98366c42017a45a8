"""When somebody hears of a camera that is down."""

from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.cameras.outage import STEADY_AFTER_S, Outage, OutageNews


class Watch:
    """A camera looked after once a second."""

    def __init__(self, down_after_s: float = 60.0) -> None:
        self.outage = Outage(down_after_s)
        self.at_s = 1000.0
        self.fresh_s: float | None = None
        self.news: list[tuple[float, OutageNews]] = []
        self.first_pictures_s: list[float] = []

    def spend(self, seconds: int, *, is_live: bool) -> None:
        for _ in range(seconds):
            self.at_s += 1
            if is_live:
                self.fresh_s = self.at_s
            news = self.outage.observe(is_live=is_live, last_fresh_s=self.fresh_s, at_s=self.at_s)
            if news is not None and news.lasted_s is None:
                assert news.is_over
                self.first_pictures_s.append(self.at_s - 1000)
            elif news is not None:
                self.news.append((self.at_s - 1000, news))


def test_down_is_told_once_and_up_once() -> None:
    watch = Watch()
    watch.spend(10, is_live=True)
    watch.spend(200, is_live=False)
    watch.spend(50, is_live=True)
    assert watch.news == [(70, OutageNews(False, 60)), (214, OutageNews(True, 201))]


def test_the_first_pictures_that_last_are_told_once() -> None:
    watch = Watch()
    watch.spend(20, is_live=False)
    watch.spend(2, is_live=True)
    watch.spend(5, is_live=False)
    assert watch.first_pictures_s == []
    watch.spend(20, is_live=True)
    watch.outage.pause()
    watch.spend(20, is_live=False)
    watch.spend(20, is_live=True)
    assert (watch.first_pictures_s, watch.news) == ([31], [])


def test_the_first_pictures_after_an_outage_that_was_told_are_its_end() -> None:
    watch = Watch()
    watch.spend(70, is_live=False)
    watch.spend(20, is_live=True)
    assert watch.first_pictures_s == []
    assert [news.is_over for _, news in watch.news] == [False, True]


def test_a_short_outage_is_nobodys_business() -> None:
    watch = Watch()
    for _ in range(10):
        watch.spend(20, is_live=True)
        watch.spend(50, is_live=False)
    assert watch.news == []


def test_one_that_never_came_up_is_down_too() -> None:
    watch = Watch()
    watch.spend(70, is_live=False)
    assert watch.news == [(61, OutageNews(False, 60))]


def test_one_that_comes_for_a_second_now_and_then_is_one_outage() -> None:
    watch = Watch()
    watch.spend(5, is_live=True)
    for _ in range(20):
        watch.spend(10, is_live=False)
        watch.spend(1, is_live=True)
    assert [news.is_over for _, news in watch.news] == [False]
    watch.spend(10, is_live=True)
    assert [news.is_over for _, news in watch.news] == [False, True]


def test_rest_is_no_outage_and_what_was_told_is_ended_after_it() -> None:
    watch = Watch()
    watch.spend(30, is_live=False)
    watch.outage.pause()
    watch.at_s += 3600
    watch.spend(30, is_live=False)
    assert watch.news == []
    watch.spend(60, is_live=False)
    watch.outage.pause()
    watch.spend(10, is_live=True)
    assert [news.is_over for _, news in watch.news] == [False, True]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 100)), max_size=30), st.floats(0, 90))
def test_down_and_up_take_turns(spells: list[tuple[bool, int]], down_after_s: float) -> None:
    watch = Watch(down_after_s)
    for is_live, seconds in spells:
        watch.spend(seconds, is_live=is_live)
    over = [news.is_over for _, news in watch.news]
    assert over == [bool(number % 2) for number in range(len(over))]
    assert all(news.lasted_s is not None and news.lasted_s >= down_after_s for _, news in watch.news)
    assert len(watch.first_pictures_s) <= 1
    if spells and spells[-1][0] and spells[-1][1] > STEADY_AFTER_S:
        assert len(over) % 2 == 0
