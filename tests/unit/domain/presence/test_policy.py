"""The table of reasons and actions, the agreeing frames, and whom the answer names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.staged import COLLEAGUE, STRANGER, observed

from facegate.domain.presence.clients import ClientStatus
from facegate.domain.presence.memory import MEMORY_S, ClientMemory
from facegate.domain.presence.policy import (
    PresencePolicy,
    PresenceRule,
    decide,
    default_policy,
    status_verdict,
)
from facegate.domain.presence.verdicts import Action, Cue, Finding, Reason, Verdict

FINDINGS = st.lists(st.sampled_from(list(Finding)), max_size=5)
RULES = st.builds(
    lambda action, of_frames, share: PresenceRule(action, max(1, round(of_frames * share)), of_frames),
    st.sampled_from([Action.NONE, Action.WARNING, Action.LOCK_SCREEN, Action.SIGN_OUT]),
    st.integers(1, 8),
    st.floats(0, 1),
)
POLICIES = st.builds(
    lambda rules: default_policy(dict(zip(default_policy().rules, rules, strict=True))),
    st.lists(RULES, min_size=4, max_size=4),
)


def decided(
    *findings: Finding,
    policy: PresencePolicy | None = None,
    memory: ClientMemory | None = None,
    at_s: float = 0.0,
) -> Verdict:
    cues = [Cue(finding) for finding in findings]
    return decide("user", cues, memory or ClientMemory(), policy or default_policy(), observed(at_s))


def remembered(*frames: tuple[float, frozenset[Reason]]) -> ClientMemory:
    memory = ClientMemory()
    for at_s, reasons in frames:
        memory.remember(observed(at_s), reasons)
    return memory


@pytest.mark.parametrize(
    ("finding", "action", "reason"),
    [
        (Finding.NO_FACE, Action.LOCK_SCREEN, Reason.NO_FACE),
        (Finding.COVERED_CAMERA, Action.LOCK_SCREEN, Reason.NO_FACE),
        (Finding.OTHER_PERSON, Action.LOCK_SCREEN, Reason.WRONG_USER),
        (Finding.STRANGER, Action.LOCK_SCREEN, Reason.WRONG_USER),
        (Finding.SECOND_FACE, Action.LOCK_SCREEN, Reason.WRONG_USER),
        (Finding.SPOOF_TEXTURE, Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
        (Finding.DEVICE_AROUND_FACE, Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
        (Finding.FROZEN_PICTURE, Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
        (Finding.LOOPED_PICTURE, Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
        (Finding.CHECK_MISSING, Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
        (Finding.PHONE, Action.SIGN_OUT, Reason.PHONE_DETECTION),
    ],
)
def test_the_documented_table_acts_in_the_same_frame(
    finding: Finding, action: Action, reason: Reason
) -> None:
    verdict = decided(finding)
    assert (verdict.action, verdict.reason) == (action, reason)
    assert verdict.is_violation


def test_nothing_found_is_no_action() -> None:
    verdict = decided()
    assert (verdict.action, verdict.reason, verdict.actual_username) == (Action.NONE, Reason.EMPTY, "user")


@pytest.mark.parametrize(
    ("status", "action", "reason"),
    [
        (None, Action.ERROR, Reason.CLIENT_NOT_AVAILABLE),
        (ClientStatus.BLOCKED, Action.ERROR, Reason.BLOCKED_CLIENT),
        (ClientStatus.PAUSED, Action.WARNING, Reason.PAUSED_CLIENT),
    ],
)
def test_some_clients_need_no_picture(status: ClientStatus | None, action: Action, reason: Reason) -> None:
    verdict = status_verdict(status, "user")
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (action, reason)


@pytest.mark.parametrize("status", [ClientStatus.REGISTERED, ClientStatus.ACTIVE])
def test_others_are_judged_by_their_picture(status: ClientStatus) -> None:
    assert status_verdict(status, "user") is None


def test_of_equal_actions_the_reason_is_always_the_same() -> None:
    one = decided(Finding.NO_FACE, Finding.SPOOF_TEXTURE, Finding.STRANGER)
    other = decided(Finding.STRANGER, Finding.SPOOF_TEXTURE, Finding.NO_FACE)
    assert one.reason is other.reason is Reason.WRONG_USER


def test_a_rule_may_ask_for_agreeing_frames() -> None:
    policy = default_policy({Reason.PHONE_DETECTION: PresenceRule(Action.SIGN_OUT, 2, 3)})
    phone = frozenset({Reason.PHONE_DETECTION})
    first = decided(Finding.PHONE, policy=policy)
    assert first.action is Action.NONE
    assert (first.cues[0].frame_count, first.cues[0].of_frames) == (1, 3)
    second = decided(Finding.PHONE, policy=policy, memory=remembered((0, phone), (1, frozenset())), at_s=2)
    assert second.action is Action.SIGN_OUT
    assert second.cues[0].frame_count == 2
    late = decided(
        Finding.PHONE,
        policy=policy,
        memory=remembered((0, phone), (1, frozenset()), (2, frozenset())),
        at_s=3,
    )
    assert late.action is Action.NONE


def test_a_reason_that_is_gone_from_the_frame_does_not_act() -> None:
    policy = default_policy({Reason.NO_FACE: PresenceRule(Action.LOCK_SCREEN, 1, 3)})
    memory = remembered((0, frozenset({Reason.NO_FACE})))
    assert decided(policy=policy, memory=memory, at_s=1).action is Action.NONE


def test_the_answer_names_whom_the_server_saw() -> None:
    def named(finding: Finding, identity: object) -> str:
        frame = observed(identity=identity)  # type: ignore[arg-type]
        return decide("user", [Cue(finding)], ClientMemory(), default_policy(), frame).actual_username

    assert named(Finding.OTHER_PERSON, COLLEAGUE) == "colleague"
    assert named(Finding.STRANGER, STRANGER) == "unknown"
    assert named(Finding.SECOND_FACE, None) == "user"
    assert named(Finding.NO_FACE, None) == "user"


@pytest.mark.parametrize(("frames", "of_frames"), [(0, 1), (2, 1), (1, 31), (-1, 3)])
def test_rules_without_sense_are_refused(frames: int, of_frames: int) -> None:
    with pytest.raises(ValueError, match="agreeing frames"):
        PresenceRule(Action.WARNING, frames, of_frames)


@given(findings=FINDINGS, more=st.sampled_from(list(Finding)), policy=POLICIES)
def test_another_finding_never_makes_the_action_milder(
    findings: list[Finding], more: Finding, policy: PresencePolicy
) -> None:
    before = decided(*findings, policy=policy).action
    assert decided(*findings, more, policy=policy).action.severity >= before.severity


@given(findings=FINDINGS, policy=POLICIES)
def test_the_action_is_the_one_of_the_reason_that_is_told(
    findings: list[Finding], policy: PresencePolicy
) -> None:
    verdict = decided(*findings, policy=policy)
    if verdict.reason is Reason.EMPTY:
        assert verdict.action is Action.NONE
    else:
        assert verdict.action is policy.rules[verdict.reason].action
        assert verdict.cues[0].finding.reason is verdict.reason


@given(
    earlier=st.lists(st.sets(st.sampled_from(list(default_policy().rules))), max_size=10),
    findings=FINDINGS,
    policy=POLICIES,
)
def test_after_half_a_minute_of_silence_nothing_is_remembered(
    earlier: list[set[Reason]], findings: list[Finding], policy: PresencePolicy
) -> None:
    memory = remembered(*((float(number), frozenset(found)) for number, found in enumerate(earlier)))
    at_s = len(earlier) + MEMORY_S + 1
    assert decided(*findings, policy=policy, memory=memory, at_s=at_s) == decided(
        *findings, policy=policy, at_s=at_s
    )
