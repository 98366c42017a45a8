"""A terminal's answers to commands about people."""

import base64
import binascii
from collections.abc import Callable, Mapping

from facegate.commands.simulated_terminals.device.firmware import Fields
from facegate.commands.simulated_terminals.device.memory import Memory
from facegate.commands.simulated_terminals.device.people import CARD, PASSWORD, PHOTO, Refusal, Row

Answer = Callable[[Fields, float], dict[str, object]]
"""From a command's fields and the moment to what the answer holds beyond `ret` and `result`."""

_NOT_FOUND_DATA = "have no data"
_UNDECODABLE_PHOTO = 13
_MAX_PHOTO_BYTES = 400_000
_MAX_NAMES = 50
_MAX_LOCKS = 50


def number_in(fields: Fields, key: str, default: int | None = None) -> int:
    """A whole number, as text too.

    Raises:
        Refusal: it is missing or none.
    """
    value = fields.get(key, default)
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Refusal(1)


def objects_in(fields: Fields, key: str) -> list[Mapping[str, object]]:
    """A list of objects.

    Raises:
        Refusal: it is something else.
    """
    value = fields.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Refusal(1)
    return value


class AnswersAboutPeople:
    """`words` has the answers by command."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._people = memory.people
        self.words: Mapping[str, Answer] = {
            "getuserlist": self._list,
            "getuserinfo": self._show,
            "setuserinfo": self._set,
            "deleteuser": self._delete,
            "getusername": self._show_name,
            "setusername": self._set_names,
            "enableuser": self._enable,
            "cleanuser": self._clean,
            "cleanadmin": self._clean_admins,
            "getuserlock": self._show_lock,
            "setuserlock": self._set_locks,
            "deleteuserlock": self._delete_lock,
            "cleanuserlock": self._clean_locks,
            "getuserprofile": self._show_profile,
            "setuserprofile": self._set_profile,
        }

    def _list(self, fields: Fields, now_s: float) -> dict[str, object]:
        cursor, firmware = self._memory.cursor, self._memory.firmware
        if fields.get("stn") or not cursor.is_reading("getuserlist"):
            cursor.begin("getuserlist", [self._row(row) for row in self._people.rows()])
        return cursor.next_page(firmware, firmware.users_per_page)

    def _row(self, row: Row) -> dict[str, object]:
        """`admin` is text here on real terminals, and a number in `getuserinfo`."""
        fields: dict[str, object] = {
            "enrollid": row.enroll_id,
            "aliasid": "",
            "admin": str(row.admin),
            "backupnum": row.backup_number,
        }
        return {key: value for key, value in fields.items() if key not in self._memory.firmware.leaves_out}

    def _show(self, fields: Fields, now_s: float) -> dict[str, object]:
        person = self._people.get(number_in(fields, "enrollid"))
        backup_number = number_in(fields, "backupnum", 0)
        record = person.credentials.get(backup_number)
        # Without the number real ones tell the name, whatever credentials there are.
        if record is None and "backupnum" in fields:
            raise Refusal(1, _NOT_FOUND_DATA)
        return {
            "enrollid": person.enroll_id,
            "aliasid": "",
            "name": person.name,
            "backupnum": backup_number,
            "admin": person.admin,
            "record": "" if record is None else record,
        }

    def _set(self, fields: Fields, now_s: float) -> dict[str, object]:
        enroll_id = number_in(fields, "enrollid")
        if enroll_id <= 0:
            raise Refusal(1)
        backup_number = number_in(fields, "backupnum", 0)
        record = fields.get("record")
        if backup_number == PHOTO:
            _check_photo(record)
        elif backup_number in (PASSWORD, CARD) and not isinstance(record, int):
            raise Refusal(1)
        person = self._people.get_or_add(enroll_id)
        if isinstance(name := fields.get("name"), str):
            person.name = name
        person.admin = number_in(fields, "admin", person.admin)
        if isinstance(record, str | int):
            person.credentials[backup_number] = record
        return {"enrollid": enroll_id, "aliasid": "", "backupnum": backup_number}

    def _delete(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._people.delete(
            number_in(fields, "enrollid"),
            number_in(fields, "backupnum"),
            whole_person_number=self._memory.firmware.whole_person_number,
        )
        return {}

    def _show_name(self, fields: Fields, now_s: float) -> dict[str, object]:
        return {"record": self._people.get(number_in(fields, "enrollid")).name}

    def _set_names(self, fields: Fields, now_s: float) -> dict[str, object]:
        named = objects_in(fields, "record")
        if len(named) > _MAX_NAMES:
            raise Refusal(1)
        for one in named:
            self._people.get(number_in(one, "enrollid")).name = str(one.get("name", ""))
        return {}

    def _enable(self, fields: Fields, now_s: float) -> dict[str, object]:
        person = self._people.get(number_in(fields, "enrollid"))
        person.is_enabled = bool(number_in(fields, "enflag"))
        return {"enrollid": person.enroll_id, "aliasid": ""}

    def _clean(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._people.clear()
        return {}

    def _clean_admins(self, fields: Fields, now_s: float) -> dict[str, object]:
        for person in self._people:
            person.admin = 0
        return {}

    def _show_lock(self, fields: Fields, now_s: float) -> dict[str, object]:
        person = self._people.get(number_in(fields, "enrollid"))
        unlimited = {"weekzone": 0, "group": 0, "starttime": "2000-01-01 00:00:00"}
        return {
            "enrollid": person.enroll_id,
            **unlimited,
            "endtime": unlimited["starttime"],
            **person.lock,
        }

    def _set_locks(self, fields: Fields, now_s: float) -> dict[str, object]:
        locks = objects_in(fields, "record")
        if len(locks) > _MAX_LOCKS:
            raise Refusal(1)
        for lock in locks:
            person = self._people.get(number_in(lock, "enrollid"))
            person.lock.update({key: value for key, value in lock.items() if key != "enrollid"})
        return {}

    def _delete_lock(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._people.get(number_in(fields, "enrollid")).lock.clear()
        return {}

    def _clean_locks(self, fields: Fields, now_s: float) -> dict[str, object]:
        for person in self._people:
            person.lock.clear()
        return {}

    def _show_profile(self, fields: Fields, now_s: float) -> dict[str, object]:
        enroll_id = number_in(fields, "enrollid")
        notice = self._memory.public_notice
        return {
            "enrollid": enroll_id,
            "profile": self._people.get(enroll_id).profile if enroll_id else notice,
        }

    def _set_profile(self, fields: Fields, now_s: float) -> dict[str, object]:
        enroll_id, text = number_in(fields, "enrollid"), str(fields.get("profile", ""))
        if enroll_id:
            self._people.get(enroll_id).profile = text
        else:
            self._memory.public_notice = text
        return {}


def _check_photo(record: object) -> None:
    """A photo must be base64 without prefix of something that looks like a JPEG or a PNG."""
    if not isinstance(record, str):
        raise Refusal(1)
    try:
        content = base64.b64decode(record, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(_UNDECODABLE_PHOTO) from error
    if len(content) > _MAX_PHOTO_BYTES:
        raise Refusal(1)
    if not content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n")):
        raise Refusal(_UNDECODABLE_PHOTO)
