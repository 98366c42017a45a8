"""With reuse switched on, no violation outlives the window in which it began.

The fakes show a spoof, and another variant of a person, in the blue channel alone, where the comparison of
pictures cannot see it; another person and a phone change what it does see.
"""

import pytest
from tests.fakes.engine import FakeFace
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.presence.desk import ANN, Desk, reused

from facegate.domain.errors import EngineFailed
from facegate.domain.presence.picture_cues import PictureLimits
from facegate.domain.presence.reuse import REUSABLE_CHECKS, ReusePolicy
from facegate.domain.presence.verdicts import Action, Check, CheckState, Reason
from facegate.use_cases.presence.judge_frame import PresenceLimits

ALL = set(REUSABLE_CHECKS)
SPOOF = FakeFace("ann", is_live=False)
WINDOW_S = 6.0


@pytest.fixture
def desk(core: Core) -> Desk:
    """Reuse for six seconds. The fakes' pictures stand still, which is no frozen camera here."""
    desk = Desk(core)
    desk.reuse = ReusePolicy(max_age_s=WINDOW_S, has_turns=False)
    desk.limits = PresenceLimits(picture=PictureLimits(frozen_after_s=1000.0))
    return desk


def test_an_unchanged_picture_runs_face_and_change_alone(desk: Desk) -> None:
    first, second = desk.sees(ANN, at_s=0), desk.sees(ANN, at_s=1)
    assert reused(first) == set()
    assert reused(second) == ALL
    assert second.observation.checks[Check.FACE] is CheckState.RAN
    assert second.observation.checks[Check.CHANGE] is CheckState.RAN
    assert second.observation.identity == first.observation.identity
    assert second.verdict.action is Action.NONE
    assert second.verdict.actual_username == "ann"


def test_the_nets_are_really_left_alone_and_really_asked_when_the_window_ends(desk: Desk) -> None:
    desk.sees(ANN, at_s=0)
    desk.embedder.failure = EngineFailed("the net broke")
    for second in range(1, 6):
        assert desk.sees(ANN, at_s=second).verdict.action is Action.NONE
    with pytest.raises(EngineFailed):
        desk.sees(ANN, at_s=WINDOW_S)


def test_without_the_setting_every_check_runs_on_every_frame(desk: Desk) -> None:
    desk.reuse = ReusePolicy()
    for second in range(5):
        judged = desk.sees(ANN, at_s=second)
        assert reused(judged) == set()
        assert judged.observation.checks[Check.CHANGE] is CheckState.NOT_NEEDED


@pytest.mark.parametrize("starts_s", [0.5, 1.0, 3.0, 5.5])
def test_a_violation_that_no_change_shows_is_caught_when_the_window_ends(desk: Desk, starts_s: float) -> None:
    caught_s = None
    for step in range(40):
        at_s = step / 2
        judged = desk.sees(SPOOF if at_s >= starts_s else ANN, at_s=at_s)
        if judged.verdict.reason is Reason.SPOOF_IMAGE:
            caught_s = at_s
            break
    assert caught_s == WINDOW_S


@pytest.mark.parametrize("starts_s", [1, 2, 5])
def test_a_violation_that_changes_the_picture_is_caught_at_once(desk: Desk, starts_s: int) -> None:
    for second in range(starts_s):
        assert desk.sees(ANN, at_s=second).verdict.action is Action.NONE
    judged = desk.sees(FakeFace("zoe"), at_s=starts_s)
    assert judged.verdict.actual_username == "unknown"
    assert judged.verdict.action is Action.LOCK_SCREEN
    assert reused(judged) == set()


def test_a_phone_that_comes_into_the_picture_is_caught_at_once(desk: Desk) -> None:
    for second in range(3):
        desk.sees(ANN, at_s=second)
    assert desk.sees(ANN, at_s=3, phones=1).verdict.action is Action.SIGN_OUT


def test_after_a_violation_nothing_is_taken_from_it_or_from_before(desk: Desk) -> None:
    desk.sees(ANN, at_s=0)
    desk.sees(ANN, FakeFace("zoe"), at_s=1)
    back = desk.sees(ANN, at_s=2)
    assert reused(back) == set()
    assert back.verdict.action is Action.NONE
    assert reused(desk.sees(ANN, at_s=3)) == ALL


def test_a_violation_goes_on_as_long_as_it_lasts(desk: Desk) -> None:
    """What a violating frame found is looked at anew each time: neither it nor its end is reused."""
    for second in range(12):
        assert desk.sees(SPOOF, at_s=second).verdict.reason is Reason.SPOOF_IMAGE
    # The median of three seconds has to come right again, as it does without reuse.
    ended = [desk.sees(ANN, at_s=12 + second).verdict.action for second in range(5)]
    assert ended[-1] is Action.NONE


def test_a_user_who_is_forgotten_is_looked_at_anew(desk: Desk) -> None:
    desk.sees(ANN, at_s=0)
    desk.judge_frame.forget("ann")
    assert reused(desk.sees(ANN, at_s=1)) == set()


def test_another_user_at_the_same_desk_takes_over_nothing(desk: Desk) -> None:
    desk.sees(ANN, at_s=0, who="ann")
    other = desk.sees(ANN, at_s=1, who="bob")
    assert reused(other) == set()
    assert other.verdict.actual_username == "ann"
    assert other.verdict.action is Action.LOCK_SCREEN


def test_in_a_long_run_each_check_runs_about_once_in_a_window(desk: Desk) -> None:
    runs = [reused(desk.sees(ANN, at_s=second)) == set() for second in range(61)]
    assert [second for second, ran in enumerate(runs) if ran] == list(range(0, 61, 6))
