"""Commands about the people on a terminal, with their parameters checked: strict in what is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from facegate.domain.errors import InvalidInput
from facegate.domain.subjects import parse_display_name
from facegate.domain.terminals.commands import DeviceCommand, make_command
from facegate.domain.terminals.enrolment_numbers import MAX_ENROLMENT_NUMBER, RESERVED_NUMBERS
from facegate.domain.terminals.enrolments import (
    CARD_BACKUP_NUMBER,
    PASSWORD_BACKUP_NUMBER,
    PHOTO_BACKUP_NUMBER,
)
from facegate.domain.terminals.photos import encode_photo

ALL_FINGERS_BACKUP_NUMBER = 12
EVERYTHING_BACKUP_NUMBER = 13
"""Both for deleting alone."""

STORED_BACKUP_NUMBERS = frozenset(
    {*range(10), PASSWORD_BACKUP_NUMBER, CARD_BACKUP_NUMBER, *range(20, 28), *range(30, 38)}
    | {PHOTO_BACKUP_NUMBER}
)
"""Fingers, password, card, face templates, palms, photo."""

NO_CREDENTIAL_RECORD = "0"
MAX_TEMPLATE_CHARS = 16_384
MAX_PASSWORD = 99_999_999
MAX_CARD = 2**63 - 1
MAX_NAMES_PER_COMMAND = 50
MAX_LOCKS_PER_COMMAND = 40
MAX_PROFILE_BYTES = 200


@dataclass(frozen=True, slots=True)
class UserCredential:
    """One credential of one person. `record` is a number for password and card, else text.

    `role` is 0 for users, 1 for administrators, 2 for super users.
    """

    enroll_id: int
    name: str
    backup_number: int
    record: str | int = field(repr=False)
    role: int = 0


def photo_credential(enroll_id: int, name: str, photo: bytes, *, role: int = 0) -> UserCredential:
    """A face by its photo, JPEG or PNG. Raises InvalidInput for anything else."""
    return UserCredential(enroll_id, name, PHOTO_BACKUP_NUMBER, encode_photo(photo), role)


def password_credential(enroll_id: int, name: str, password: int, *, role: int = 0) -> UserCredential:
    """Digits, at most 8; terminals take them as a number, so zeros in front are lost."""
    return UserCredential(enroll_id, name, PASSWORD_BACKUP_NUMBER, password, role)


def card_credential(enroll_id: int, name: str, card: int, *, role: int = 0) -> UserCredential:
    """A card by its number."""
    return UserCredential(enroll_id, name, CARD_BACKUP_NUMBER, card, role)


def no_credential(enroll_id: int, name: str, *, role: int = 0) -> UserCredential:
    """A person with nothing but a name."""
    return UserCredential(enroll_id, name, 0, NO_CREDENTIAL_RECORD, role)


@dataclass(frozen=True, slots=True)
class UserLock:
    """When and where somebody may pass; None is not sent. Times are the terminal's wall clock.

    `week_zones` are those of door 1 to 4, `group` is 0 for none, up to 9.
    """

    enroll_id: int
    week_zones: tuple[int, ...] = ()
    group: int | None = None
    starts_text: str | None = None
    ends_text: str | None = None


def get_user(enroll_id: int, backup_number: int | None = None) -> DeviceCommand:
    """One credential; without `backup_number` the terminal chooses, which is enough for the name."""
    fields: dict[str, object] = {"enrollid": check_enroll_id(enroll_id)}
    if backup_number is not None:
        fields["backupnum"] = _parse_stored_number(backup_number)
    return make_command("getuserinfo", fields)


def set_user(credential: UserCredential) -> DeviceCommand:
    """One credential; several are several commands.

    Raises:
        InvalidInput: a number, name, role or record that no terminal takes.
    """
    return make_command(
        "setuserinfo",
        {
            "enrollid": check_enroll_id(credential.enroll_id),
            "name": parse_display_name(credential.name),
            "backupnum": _parse_stored_number(credential.backup_number),
            "admin": check_role(credential.role),
            "record": _parse_record(credential.backup_number, credential.record),
        },
    )


def delete_user(enroll_id: int, backup_number: int = EVERYTHING_BACKUP_NUMBER) -> DeviceCommand:
    """One credential, all fingers (12) or everything (13), as far as the firmware agrees.

    Numbers beyond those that we would set are taken: newer firmware lists some.
    """
    if not 0 <= backup_number <= 255:
        raise InvalidInput("a credential has a number from 0 to 255", field="backup_number")
    return make_command("deleteuser", {"enrollid": check_enroll_id(enroll_id), "backupnum": backup_number})


def get_user_name(enroll_id: int) -> DeviceCommand:
    """The name alone."""
    return make_command("getusername", {"enrollid": check_enroll_id(enroll_id)})


def set_user_names(names: Mapping[int, str]) -> list[DeviceCommand]:
    """As many commands as it takes, 50 names each."""
    records = [
        {"enrollid": check_enroll_id(enroll_id), "name": parse_display_name(name)}
        for enroll_id, name in names.items()
    ]
    return _batches("setusername", records, MAX_NAMES_PER_COMMAND)


def enable_user(enroll_id: int, *, is_enabled: bool) -> DeviceCommand:
    """Lets somebody in, or not, without deleting anything."""
    return make_command("enableuser", {"enrollid": check_enroll_id(enroll_id), "enflag": int(is_enabled)})


def start_enrolment(
    enroll_id: int, backup_number: int = PHOTO_BACKUP_NUMBER, *, role: int = 0
) -> DeviceCommand:
    """The terminal asks the person to stand before it; what it took comes later as an enrolment."""
    return make_command(
        "adduser",
        {
            "enrollid": check_enroll_id(enroll_id),
            "backupnum": _parse_stored_number(backup_number),
            "admin": check_role(role),
        },
    )


def get_user_lock(enroll_id: int) -> DeviceCommand:
    """When and where this person may pass."""
    return make_command("getuserlock", {"enrollid": check_enroll_id(enroll_id)})


def set_user_locks(locks: Sequence[UserLock]) -> list[DeviceCommand]:
    """As many commands as it takes, 40 people each, which every source allows."""
    return _batches("setuserlock", [_lock_record(lock) for lock in locks], MAX_LOCKS_PER_COMMAND)


def delete_user_lock(enroll_id: int) -> DeviceCommand:
    """This person's limits."""
    return make_command("deleteuserlock", {"enrollid": check_enroll_id(enroll_id)})


def get_user_profile(enroll_id: int = 0) -> DeviceCommand:
    """A text for this person; for 0 the public notice."""
    return make_command("getuserprofile", {"enrollid": _parse_profile_owner(enroll_id)})


def set_user_profile(profile: str, enroll_id: int = 0) -> DeviceCommand:
    """At most 200 bytes of UTF-8."""
    if len(profile.encode("utf-8", "surrogatepass")) > MAX_PROFILE_BYTES:
        raise InvalidInput(f"a profile has at most {MAX_PROFILE_BYTES} bytes", field="profile")
    return make_command("setuserprofile", {"enrollid": _parse_profile_owner(enroll_id), "profile": profile})


def check_enroll_id(enroll_id: int) -> int:
    """The number, if a person on a terminal can have it.

    Raises:
        InvalidInput: it is reserved or out of range.
    """
    if not 0 < enroll_id <= MAX_ENROLMENT_NUMBER or enroll_id in RESERVED_NUMBERS:
        raise InvalidInput(
            "a person on a terminal has a number from 1 to 999999999999, but not 99999999", field="enroll_id"
        )
    return enroll_id


def check_role(role: int) -> int:
    """0, 1 or 2. Raises InvalidInput for others."""
    if role not in (0, 1, 2):
        raise InvalidInput("a role is 0 (user), 1 (administrator) or 2 (super user)", field="admin")
    return role


def _parse_profile_owner(enroll_id: int) -> int:
    return enroll_id if enroll_id == 0 else check_enroll_id(enroll_id)


def _parse_stored_number(backup_number: int) -> int:
    if backup_number not in STORED_BACKUP_NUMBERS:
        raise InvalidInput(
            "a credential is 0-9 finger, 10 password, 11 card, 20-27 face, 30-37 palm or 50 photo",
            field="backup_number",
        )
    return backup_number


def _parse_record(backup_number: int, record: str | int) -> str | int:
    """What is wrong with a secret is said without it."""
    largest = {PASSWORD_BACKUP_NUMBER: MAX_PASSWORD, CARD_BACKUP_NUMBER: MAX_CARD}.get(backup_number)
    if largest is not None:
        if type(record) is not int or not 0 <= record <= largest:
            raise InvalidInput("a password has at most 8 digits, a card a number", field="record")
        return record
    if not isinstance(record, str) or not record or not record.isascii():
        raise InvalidInput("a template or photo is ASCII text", field="record")
    if backup_number != PHOTO_BACKUP_NUMBER and len(record) > MAX_TEMPLATE_CHARS:
        raise InvalidInput(f"a template has at most {MAX_TEMPLATE_CHARS} characters", field="record")
    return record


def _lock_record(lock: UserLock) -> dict[str, object]:
    if len(lock.week_zones) > 4 or any(not 0 <= zone <= 255 for zone in lock.week_zones):
        raise InvalidInput("at most four doors have a week zone, from 0 to 255", field="week_zones")
    if lock.group is not None and not 0 <= lock.group <= 9:
        raise InvalidInput("a group is 0 to 9", field="group")
    record: dict[str, object] = {"enrollid": check_enroll_id(lock.enroll_id)}
    names = ("weekzone", "weekzone2", "weekzone3", "weekzone4")
    record.update(zip(names, lock.week_zones, strict=False))
    optional = {"group": lock.group, "starttime": lock.starts_text, "endtime": lock.ends_text}
    record.update({name: value for name, value in optional.items() if value is not None})
    return record


def _batches(word: str, records: Sequence[object], size: int) -> list[DeviceCommand]:
    pages = [records[start : start + size] for start in range(0, len(records), size)]
    return [make_command(word, {"count": len(page), "record": list(page)}) for page in pages]
