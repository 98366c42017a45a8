"""What the codes of terminals mean, as far as anybody knows. The raw codes are what is stored.

`unsure` marks what one source alone says; docs/protocols/terminals.md has the sources.
"""

from collections.abc import Mapping

from facegate.domain.terminals.activity import DEVICE_EVENT_ENROLL_ID, UNKNOWN_FACE_ENROLL_ID

FACE_MODE = 8

_IN_OUT_LABELS = {
    0: "in",
    1: "out",
    2: "break out, unsure",
    3: "break in, unsure",
    4: "overtime in, unsure",
    # 5 is "overtime out" in one source and a turnstile's direction in another.
    6: "turned in direction A, unsure",
    7: "did not turn, unsure",
}

_DOOR_EVENT_LABELS = {
    0: "door closed",
    1: "door opened",
    2: "exit button",
    3: "opened by software",
    4: "closed by software",
    5: "forced open",
    6: "terminal removed",
    7: "alarm input",
}

_STRANGER_EVENT = 2
_MAX_FUNCTION_KEY = 16

_VERIFY_MODE_LABELS = {
    0: "card, finger or password",
    1: "card and finger",
    2: "password and finger",
    3: "card, finger and password",
    4: "card and password",
    13: "QR code",
}

_BACKUP_NUMBER_LABELS = {
    10: "password",
    11: "card",
    12: "all fingers",
    13: "everything",
    40: "left palm, unsure",
    41: "right palm, unsure",
    50: "photo",
    51: "face template, unsure",
}

_REASON_LABELS = {
    1: "bad or missing parameter, or an unknown command",
    2: "checksum, unsure",
    3: "operation failed, unsure",
    4: "bad format, unsure",
    5: "no face on the photo, or not found, unsure",
    6: "several faces on the photo, unsure",
    7: "the photo has too many pixels, unsure",
    8: "the face is too big, unsure",
    9: "the face is too small, unsure",
    10: "poor quality, unsure",
    11: "the face is partly hidden or turned, unsure",
    12: "the face is enrolled already, unsure",
}


def mode_label(mode: int, overrides: Mapping[int, str], fingerprint_capacity: int | None = None) -> str:
    """How somebody was recognised. Sources contradict each other, so `overrides` of the terminal win.

    `fingerprint_capacity` is the terminal's `fpsize`: one that takes no fingers means faces by 1 and 3.
    """
    if mode in overrides:
        return overrides[mode]
    if mode == FACE_MODE:
        return "face"
    if fingerprint_capacity == 0 and mode in {1, 3}:
        return "face, unsure"
    return unknown_label(mode)


def in_out_label(in_out: int) -> str:
    """The direction."""
    return _IN_OUT_LABELS.get(in_out) or unknown_label(in_out)


def event_label(enroll_id: int, event: int) -> str:
    """What happened: for number 0 at the door, for a person which function key was used."""
    if enroll_id == DEVICE_EVENT_ENROLL_ID:
        return _DOOR_EVENT_LABELS.get(event) or unknown_label(event)
    if event == 0:
        return "normal"
    if enroll_id == UNKNOWN_FACE_ENROLL_ID and event == _STRANGER_EVENT:
        return "unknown person"
    return f"function key {event}" if 1 <= event <= _MAX_FUNCTION_KEY else unknown_label(event)


def verify_mode_label(verify_mode: int) -> str:
    """What the terminal asked for."""
    return _VERIFY_MODE_LABELS.get(verify_mode) or unknown_label(verify_mode)


def backup_number_label(backup_number: int) -> str:
    """Which credential."""
    if 0 <= backup_number <= 9:
        return f"finger {backup_number}"
    if 20 <= backup_number <= 27:
        return f"face template {backup_number - 20}"
    if 30 <= backup_number <= 37:
        return f"palm {backup_number - 30}"
    return _BACKUP_NUMBER_LABELS.get(backup_number) or unknown_label(backup_number)


def reason_label(reason: object) -> str:
    """Why a terminal refused; texts are handed through."""
    if isinstance(reason, str) and not (reason.isdecimal() and len(reason) < 10):
        return reason[:200]
    if isinstance(reason, str | int):
        return _REASON_LABELS.get(int(reason)) or unknown_label(int(reason))
    return "no reason given"


def unknown_label(code: int) -> str:
    """For a code that nobody has explained."""
    return f"unknown ({code})"
