"""The table of reasons and actions, the agreeing frames, and whom the answer names."""

from collections.abc import Sequence
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.staged import ALL_RAN, COLLEAGUE, STRANGER, USER, observed

from facegate.domain.presence.clients import ClientStatus
from facegate.domain.presence.memory import MEMORY_S, ClientMemory
from facegate.domain.presence.observation import SeenIdentity
from facegate.domain.presence.policy import (
    PresencePolicy,
    PresenceRule,
    decide,
    default_policy,
    status_verdict,
)
from facegate.domain.presence.verdicts import Action, Cue, Finding, Reason, Verdict
from facegate.domain.subjects import STRANGER_ID

DOCUMENTED = {
    Finding.NO_FACE: (Action.LOCK_SCREEN, Reason.NO_FACE),
    Finding.COVERED_CAMERA: (Action.LOCK_SCREEN, Reason.NO_FACE),
    Finding.OTHER_PERSON: (Action.LOCK_SCREEN, Reason.WRONG_USER),
    Finding.STRANGER: (Action.LOCK_SCREEN, Reason.WRONG_USER),
    Finding.SECOND_FACE: (Action.LOCK_SCREEN, Reason.WRONG_USER),
    Finding.SPOOF_TEXTURE: (Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
    Finding.DEVICE_AROUND_FACE: (Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
    Finding.RIGID_FACE: (Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
    Finding.FROZEN_PICTURE: (Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
    Finding.LOOPED_PICTURE: (Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
    Finding.CHECK_MISSING: (Action.LOCK_SCREEN, Reason.SPOOF_IMAGE),
    Finding.PHONE: (Action.SIGN_OUT, Reason.PHONE_DETECTION),
}
FINDING_OF = {
    Reason.PHONE_DETECTION: Finding.PHONE,
    Reason.WRONG_USER: Finding.STRANGER,
    Reason.SPOOF_IMAGE: Finding.SPOOF_TEXTURE,
    Reason.NO_FACE: Finding.NO_FACE,
}
ACTIONS = [Action.NONE, Action.WARNING, Action.LOCK_SCREEN, Action.SIGN_OUT]

FINDINGS = st.lists(st.sampled_from(list(Finding)), max_size=5)
RULES = st.builds(
    lambda action, of_frames, share: PresenceRule(action, max(1, round(of_frames * share)), of_frames),
    st.sampled_from(ACTIONS),
    st.integers(1, 8),
    st.floats(0, 1),
)
POLICIES = st.builds(
    lambda rules: default_policy(dict(zip(FINDING_OF, rules, strict=True))),
    st.lists(RULES, min_size=4, max_size=4),
)
EARLIER = st.lists(st.frozensets(st.sampled_from(list(FINDING_OF))), max_size=10)


def decided(
    *findings: Finding,
    policy: PresencePolicy | None = None,
    memory: ClientMemory | None = None,
    at_s: float = 0.0,
) -> Verdict:
    cues = [Cue(finding) for finding in findings]
    return decide("user", cues, memory or ClientMemory(), policy or default_policy(), observed(at_s, seed=0))


def remembered(frames: Sequence[frozenset[Reason]], every_s: float = 1.0) -> ClientMemory:
    """Frames from second 0 on."""
    memory = ClientMemory()
    for number, reasons in enumerate(frames):
        memory.remember(observed(number * every_s, seed=0), reasons)
    return memory


@pytest.mark.parametrize("finding", Finding)
def test_the_documented_table_acts_in_the_same_frame(finding: Finding) -> None:
    verdict = decided(finding)
    assert (verdict.action, verdict.reason) == DOCUMENTED[finding]
    assert verdict.is_violation


@pytest.mark.parametrize(("reason", "action"), list(product(FINDING_OF, ACTIONS)))
def test_every_reason_can_ask_for_every_action(reason: Reason, action: Action) -> None:
    verdict = decided(FINDING_OF[reason], policy=default_policy({reason: PresenceRule(action)}))
    assert verdict.action is action
    assert verdict.reason is (Reason.EMPTY if action is Action.NONE else reason)
    assert verdict.is_violation == (action in (Action.LOCK_SCREEN, Action.SIGN_OUT))


def test_nothing_found_is_no_action() -> None:
    verdict = decided()
    assert (verdict.action, verdict.reason, verdict.actual_username) == (Action.NONE, Reason.EMPTY, "user")
    assert verdict.cues == ()


@pytest.mark.parametrize(
    ("status", "action", "reason"),
    [
        (None, Action.ERROR, Reason.CLIENT_NOT_AVAILABLE),
        (ClientStatus.BLOCKED, Action.ERROR, Reason.BLOCKED_CLIENT),
        (ClientStatus.PAUSED, Action.WARNING, Reason.PAUSED_CLIENT),
    ],
)
def test_some_clients_need_no_picture(status: ClientStatus | None, action: Action, reason: Reason) -> None:
    assert status_verdict(status, "user") == Verdict(action, reason, "user")


@pytest.mark.parametrize("status", [ClientStatus.REGISTERED, ClientStatus.ACTIVE])
def test_others_are_judged_by_their_picture(status: ClientStatus) -> None:
    assert status_verdict(status, "user") is None


@pytest.mark.parametrize(
    ("milder", "harder"), [(a, b) for a in ACTIONS for b in ACTIONS[ACTIONS.index(a) + 1 :]]
)
@pytest.mark.parametrize(("one", "other"), list(permutations(FINDING_OF, 2)))
def test_the_most_severe_action_wins_whichever_reason_has_it(
    one: Reason, other: Reason, milder: Action, harder: Action
) -> None:
    policy = default_policy({one: PresenceRule(milder), other: PresenceRule(harder)})
    verdict = decided(FINDING_OF[one], FINDING_OF[other], policy=policy)
    assert (verdict.action, verdict.reason) == (harder, other)
    assert verdict.cues[0].finding is FINDING_OF[other]


@pytest.mark.parametrize("found", list(permutations(FINDING_OF.values())))
def test_of_equal_actions_the_reason_is_always_the_same(found: tuple[Finding, ...]) -> None:
    policy = default_policy(dict.fromkeys(FINDING_OF, PresenceRule(Action.WARNING)))
    expected = list(FINDING_OF)
    findings = list(found)
    while findings:
        assert decided(*findings, policy=policy).reason is expected[0]
        findings.remove(FINDING_OF[expected.pop(0)])


_P, _NO = frozenset({Reason.PHONE_DETECTION}), frozenset[Reason]()


@pytest.mark.parametrize(
    ("before", "frames", "of_frames", "counted"),
    [
        ([], 2, 3, 1),
        ([_P], 2, 3, 2),
        ([_P, _NO], 2, 3, 2),
        ([_P, _NO, _NO], 2, 3, 1),
        ([_P, _P, _P], 2, 3, 3),
        ([_P, _NO, _P], 3, 3, 2),
        ([_P, _P], 3, 3, 3),
        ([_P] * 5, 1, 1, 1),
        ([_P] * 40, 30, 30, 30),
    ],
)
def test_a_rule_acts_when_enough_of_the_last_frames_agree(
    before: list[frozenset[Reason]], frames: int, of_frames: int, counted: int
) -> None:
    policy = default_policy({Reason.PHONE_DETECTION: PresenceRule(Action.SIGN_OUT, frames, of_frames)})
    memory = remembered(before, every_s=0.5)
    verdict = decided(Finding.PHONE, policy=policy, memory=memory, at_s=len(before) * 0.5)
    assert verdict.action is (Action.SIGN_OUT if counted >= frames else Action.NONE)
    assert (verdict.cues[0].frame_count, verdict.cues[0].of_frames) == (counted, of_frames)


@pytest.mark.parametrize(("silence_s", "action"), [(29, Action.SIGN_OUT), (31, Action.NONE)])
def test_agreement_decays(silence_s: float, action: Action) -> None:
    policy = default_policy({Reason.PHONE_DETECTION: PresenceRule(Action.SIGN_OUT, 2, 3)})
    verdict = decided(Finding.PHONE, policy=policy, memory=remembered([_P]), at_s=silence_s)
    assert verdict.action is action


def test_two_findings_of_one_reason_are_one_frame() -> None:
    policy = default_policy({Reason.SPOOF_IMAGE: PresenceRule(Action.LOCK_SCREEN, 2, 2)})
    assert decided(Finding.SPOOF_TEXTURE, Finding.RIGID_FACE, policy=policy).action is Action.NONE


def test_a_reason_that_is_gone_from_the_frame_does_not_act() -> None:
    policy = default_policy({Reason.PHONE_DETECTION: PresenceRule(Action.SIGN_OUT, 1, 3)})
    assert decided(policy=policy, memory=remembered([_P, _P]), at_s=2).action is Action.NONE


@pytest.mark.parametrize(
    ("findings", "identity", "name"),
    [
        ([], USER, "user"),
        ([Finding.NO_FACE], None, "user"),
        ([Finding.COVERED_CAMERA, Finding.NO_FACE], None, "user"),
        ([Finding.OTHER_PERSON], COLLEAGUE, "colleague"),
        ([Finding.STRANGER], STRANGER, STRANGER_ID),
        ([Finding.SECOND_FACE], USER, "user"),
        ([Finding.SECOND_FACE, Finding.STRANGER], STRANGER, STRANGER_ID),
        ([Finding.PHONE, Finding.OTHER_PERSON], COLLEAGUE, "colleague"),
        ([Finding.PHONE], USER, "user"),
        ([Finding.SPOOF_TEXTURE], USER, "user"),
        ([Finding.CHECK_MISSING], None, "user"),
    ],
)
def test_the_answer_names_whom_the_server_saw(
    findings: list[Finding], identity: SeenIdentity | None, name: str
) -> None:
    cues = [Cue(finding) for finding in findings]
    verdict = decide("user", cues, ClientMemory(), default_policy(), observed(identity=identity))
    assert verdict.actual_username == name


def test_a_verdict_keeps_the_numbers_and_the_checks() -> None:
    cues = [Cue(Finding.STRANGER, 0.1, 0.4), Cue(Finding.PHONE, 0.6)]
    verdict = decide("user", cues, ClientMemory(), default_policy(), observed(identity=STRANGER))
    assert verdict.cues == (Cue(Finding.PHONE, 0.6), Cue(Finding.STRANGER, 0.1, 0.4))
    assert verdict.checks == ALL_RAN


@pytest.mark.parametrize(("frames", "of_frames"), [(0, 1), (2, 1), (1, 31), (-1, 3)])
def test_rules_without_sense_are_refused(frames: int, of_frames: int) -> None:
    with pytest.raises(ValueError, match="agreeing frames"):
        PresenceRule(Action.WARNING, frames, of_frames)


def test_a_policy_has_a_rule_for_each_reason_of_a_picture_and_keeps_it() -> None:
    with pytest.raises(ValueError, match="exactly one rule"):
        PresencePolicy({Reason.NO_FACE: PresenceRule(Action.WARNING)})
    with pytest.raises(ValueError, match="exactly one rule"):
        default_policy({Reason.PAUSED_CLIENT: PresenceRule(Action.NONE)})
    rules = dict(default_policy().rules)
    policy = PresencePolicy(rules)
    rules[Reason.NO_FACE] = PresenceRule(Action.NONE)
    assert policy.rules[Reason.NO_FACE] == PresenceRule(Action.LOCK_SCREEN)


@given(findings=FINDINGS, more=st.sampled_from(list(Finding)), policy=POLICIES, earlier=EARLIER)
def test_another_finding_never_makes_the_action_milder(
    findings: list[Finding], more: Finding, policy: PresencePolicy, earlier: list[frozenset[Reason]]
) -> None:
    memory, at_s = remembered(earlier), float(len(earlier))
    before = decided(*findings, policy=policy, memory=memory, at_s=at_s).action
    after = decided(*findings, more, policy=policy, memory=memory, at_s=at_s).action
    assert after.severity >= before.severity


@given(findings=FINDINGS, policy=POLICIES, earlier=EARLIER, more=st.sampled_from(list(FINDING_OF)))
def test_more_seen_before_never_makes_the_action_milder(
    findings: list[Finding], policy: PresencePolicy, earlier: list[frozenset[Reason]], more: Reason
) -> None:
    at_s = float(len(earlier))
    before = decided(*findings, policy=policy, memory=remembered(earlier), at_s=at_s).action
    worse = remembered([reasons | {more} for reasons in earlier])
    after = decided(*findings, policy=policy, memory=worse, at_s=at_s).action
    assert after.severity >= before.severity


@given(findings=FINDINGS, policy=POLICIES, earlier=EARLIER)
def test_the_action_is_the_one_of_the_reason_that_is_told(
    findings: list[Finding], policy: PresencePolicy, earlier: list[frozenset[Reason]]
) -> None:
    verdict = decided(*findings, policy=policy, memory=remembered(earlier), at_s=len(earlier))
    if verdict.reason is Reason.EMPTY:
        assert verdict.action is Action.NONE
    else:
        assert verdict.action is policy.rules[verdict.reason].action
        assert verdict.cues[0].finding.reason is verdict.reason


@given(findings=FINDINGS.filter(bool), earlier=EARLIER)
def test_the_default_acts_in_the_same_frame_whatever_came_before(
    findings: list[Finding], earlier: list[frozenset[Reason]]
) -> None:
    verdict = decided(*findings, memory=remembered(earlier), at_s=len(earlier))
    hardest = max((DOCUMENTED[finding][0] for finding in findings), key=lambda action: action.severity)
    assert verdict.action is hardest


@given(earlier=EARLIER, findings=FINDINGS, policy=POLICIES)
def test_after_half_a_minute_of_silence_nothing_is_remembered(
    earlier: list[frozenset[Reason]], findings: list[Finding], policy: PresencePolicy
) -> None:
    at_s = len(earlier) + MEMORY_S + 1
    late = decided(*findings, policy=policy, memory=remembered(earlier), at_s=at_s)
    assert late == decided(*findings, policy=policy, at_s=at_s)
