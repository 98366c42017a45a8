"""The words of a verdict: what a workstation is told to do, why, and what the finer cause was."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What the agent on the workstation shall do; the values are those of the contract."""

    NONE = "NO_ACTION"
    LOCK_SCREEN = "ACTION_LOCK_SCREEN"
    SIGN_OUT = "ACTION_SIGN_OUT"
    WARNING = "ACTION_WARNING"
    ERROR = "ACTION_ERROR"

    @property
    def severity(self) -> int:
        """Of several actions the one with the highest number wins."""
        return _SEVERITIES[self]


_SEVERITIES = {
    Action.NONE: 0,
    Action.WARNING: 1,
    Action.LOCK_SCREEN: 2,
    Action.SIGN_OUT: 3,
    Action.ERROR: 4,
}


class Reason(StrEnum):
    """Why; the values are those of the contract."""

    EMPTY = "EMPTY_REASON"
    NO_FACE = "REASON_NO_FACE"
    SPOOF_IMAGE = "REASON_SPOOF_IMAGE"
    WRONG_USER = "REASON_WRONG_USER"
    PHONE_DETECTION = "REASON_PHONE_DETECTION"
    PAUSED_CLIENT = "REASON_PAUSED_CLIENT"
    BLOCKED_CLIENT = "REASON_BLOCKED_CLIENT"
    CLIENT_NOT_AVAILABLE = "REASON_CLIENT_NOT_AVAILABLE"


class Finding(StrEnum):
    """The finer cause, told to administrators only; `reason_of` gives the contract's word for it."""

    NO_FACE = "no_face"
    COVERED_CAMERA = "covered_camera"
    OTHER_PERSON = "other_person"
    STRANGER = "stranger"
    SECOND_FACE = "second_face"
    SPOOF_TEXTURE = "spoof_texture"
    DEVICE_AROUND_FACE = "device_around_face"
    RIGID_FACE = "rigid_face"
    FROZEN_PICTURE = "frozen_picture"
    LOOPED_PICTURE = "looped_picture"
    PHONE = "phone"
    CHECK_MISSING = "check_missing"

    @property
    def reason(self) -> Reason:
        """The contract's word."""
        return _REASONS[self]


_REASONS = {
    Finding.NO_FACE: Reason.NO_FACE,
    Finding.COVERED_CAMERA: Reason.NO_FACE,
    Finding.OTHER_PERSON: Reason.WRONG_USER,
    Finding.STRANGER: Reason.WRONG_USER,
    Finding.SECOND_FACE: Reason.WRONG_USER,
    Finding.SPOOF_TEXTURE: Reason.SPOOF_IMAGE,
    Finding.DEVICE_AROUND_FACE: Reason.SPOOF_IMAGE,
    Finding.RIGID_FACE: Reason.SPOOF_IMAGE,
    Finding.FROZEN_PICTURE: Reason.SPOOF_IMAGE,
    Finding.LOOPED_PICTURE: Reason.SPOOF_IMAGE,
    Finding.PHONE: Reason.PHONE_DETECTION,
    Finding.CHECK_MISSING: Reason.SPOOF_IMAGE,
}


class Check(StrEnum):
    """The checks of a frame."""

    FACE = "face"
    CHANGE = "change"
    IDENTITY = "identity"
    LIVENESS = "liveness"
    PHONE = "phone"


class CheckState(StrEnum):
    """What became of a check in this frame."""

    RAN = "ran"
    REUSED = "reused"
    NOT_NEEDED = "not_needed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Cue:
    """One finding with the number behind it. `frame_count` of the last `of_frames` frames showed its reason.

    `value` and `threshold` are on the scale of the finding (a similarity, a probability, seconds, pixels);
    None where there is no number.
    """

    finding: Finding
    value: float | None = None
    threshold: float | None = None
    frame_count: int = 1
    of_frames: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one frame, with what explains it.

    `actual_username` is whom the server saw: the claimed name when it is they or nobody is seen, another
    person's id, or `unknown`. `cues` are all findings of the frame, those that decided first.
    """

    action: Action
    reason: Reason
    actual_username: str
    cues: tuple[Cue, ...] = ()
    checks: Mapping[Check, CheckState] | None = None

    @property
    def is_violation(self) -> bool:
        """Whether the user is to be locked or signed out because of what was seen."""
        return self.action in (Action.LOCK_SCREEN, Action.SIGN_OUT)
