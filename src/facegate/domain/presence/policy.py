"""From findings to the answer: which reason asks for which action, after how many agreeing frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from facegate.domain.presence.clients import ClientStatus
from facegate.domain.presence.memory import ClientMemory, RememberedFrame
from facegate.domain.presence.observation import Observation
from facegate.domain.presence.verdicts import Action, Cue, Finding, Reason, Verdict
from facegate.domain.subjects import STRANGER_ID

MAX_AGREEING_FRAMES = 30

_ORDER = (Reason.PHONE_DETECTION, Reason.WRONG_USER, Reason.SPOOF_IMAGE, Reason.NO_FACE)
"""Of reasons whose actions are equally severe the first decides: what is seen before what is in doubt."""


@dataclass(frozen=True, slots=True)
class PresenceRule:
    """What a reason asks for, once `frames` of the last `of_frames` frames have shown it."""

    action: Action
    frames: int = 1
    of_frames: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.frames <= self.of_frames <= MAX_AGREEING_FRAMES:
            raise ValueError(
                f"agreeing frames are 1 to {MAX_AGREEING_FRAMES} of at least as many, "
                f"not {self.frames}/{self.of_frames}"
            )


_DEFAULT_RULES = MappingProxyType(
    {
        Reason.NO_FACE: PresenceRule(Action.LOCK_SCREEN),
        Reason.WRONG_USER: PresenceRule(Action.LOCK_SCREEN),
        Reason.SPOOF_IMAGE: PresenceRule(Action.LOCK_SCREEN),
        Reason.PHONE_DETECTION: PresenceRule(Action.SIGN_OUT),
    }
)


@dataclass(frozen=True, slots=True)
class PresencePolicy:
    """A rule for each reason that a picture can give."""

    rules: Mapping[Reason, PresenceRule] = field(default_factory=lambda: _DEFAULT_RULES)

    def __post_init__(self) -> None:
        if set(self.rules) != set(_DEFAULT_RULES):
            raise ValueError("there is exactly one rule for each reason that a picture can give")
        object.__setattr__(self, "rules", MappingProxyType(dict(self.rules)))


def default_policy(changed: Mapping[Reason, PresenceRule] | None = None) -> PresencePolicy:
    """The documented table, with the operator's own rules in place of some of its rows."""
    return PresencePolicy({**_DEFAULT_RULES, **(changed or {})})


def decide(
    claimed: str,
    cues: Sequence[Cue],
    memory: ClientMemory,
    policy: PresencePolicy,
    observation: Observation,
) -> Verdict:
    """The verdict on this frame; `memory` holds the frames before it. Changes nothing.

    A rule acts only in a frame that shows its reason. Nothing is lost by it: agreement is reached for the
    first time in such a frame, and a user who is back is not locked out for what was seen before.
    """
    reasons = frozenset(cue.finding.reason for cue in cues)
    past = memory.frames(observation.at_s)
    counted = {reason: _agreeing(reason, past, rule) for reason, rule in policy.rules.items()}
    acting = [
        reason
        for reason in _ORDER
        if reason in reasons
        and counted[reason] >= policy.rules[reason].frames
        and policy.rules[reason].action is not Action.NONE
    ]
    # `max` keeps the first of equals: the order above decides.
    decided = max(acting, key=lambda reason: policy.rules[reason].action.severity, default=Reason.EMPTY)
    action = policy.rules[decided].action if decided in policy.rules else Action.NONE
    explained = [
        replace(
            cue,
            frame_count=counted[cue.finding.reason],
            of_frames=policy.rules[cue.finding.reason].of_frames,
        )
        for cue in cues
    ]
    explained.sort(key=lambda cue: cue.finding.reason is not decided)
    return Verdict(
        action=action,
        reason=decided,
        actual_username=actual_username(claimed, cues, observation),
        cues=tuple(explained),
        checks=observation.checks,
    )


def status_verdict(status: ClientStatus | None, claimed: str) -> Verdict | None:
    """The answer that needs no picture: to paused, blocked and unknown (None) clients; else None."""
    match status:
        case None:
            return Verdict(Action.ERROR, Reason.CLIENT_NOT_AVAILABLE, claimed)
        case ClientStatus.PAUSED:
            return Verdict(Action.WARNING, Reason.PAUSED_CLIENT, claimed)
        case ClientStatus.BLOCKED:
            return Verdict(Action.ERROR, Reason.BLOCKED_CLIENT, claimed)
        case _:
            return None


def actual_username(claimed: str, cues: Sequence[Cue], observation: Observation) -> str:
    """Whom the server saw: the claimed user if it is they or nobody is seen, else the other or `unknown`."""
    findings = {cue.finding for cue in cues}
    identity = observation.identity
    if Finding.OTHER_PERSON in findings and identity is not None and identity.best_subject_id is not None:
        return identity.best_subject_id
    if Finding.STRANGER in findings:
        return STRANGER_ID
    return claimed


def _agreeing(reason: Reason, past: Sequence[RememberedFrame], rule: PresenceRule) -> int:
    """How many of the last frames showed the reason, this one, which does, included."""
    before = past[-(rule.of_frames - 1) :] if rule.of_frames > 1 else []
    return 1 + sum(reason in frame.reasons for frame in before)
