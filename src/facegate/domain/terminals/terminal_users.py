"""People as a terminal lists them, read leniently."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.commands import CommandReply
from facegate.domain.terminals.records import clean_text, parse_enroll_id, record_rows, whole_number


@dataclass(frozen=True, slots=True)
class TerminalUser:
    """One person; `backup_numbers` are the credentials, in order. Most terminals list no names.

    `role` is 0 for users, 1 for administrators, 2 for super users.
    """

    enroll_id: int
    role: int = 0
    backup_numbers: tuple[int, ...] = ()
    alias_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """One credential as the terminal gives it; `record` may be a password, a template or a photo."""

    enroll_id: int
    name: str
    backup_number: int | None
    role: int
    alias_id: str = ""
    record: str | int | None = field(default=None, repr=False)


def merge_users(rows: Iterable[Mapping[str, object]]) -> list[TerminalUser]:
    """One per person out of one row per credential, by number. Rows without a number are passed over."""
    users: dict[int, TerminalUser] = {}
    for row in rows:
        try:
            enroll_id = parse_enroll_id(row)
        except InvalidInput:
            continue
        known = users.get(enroll_id, TerminalUser(enroll_id))
        backup_number = _number(row, "backupnum")
        numbers = {*known.backup_numbers, *(() if backup_number is None else (backup_number,))}
        users[enroll_id] = TerminalUser(
            enroll_id,
            max(known.role, _number(row, "admin") or 0),
            tuple(sorted(numbers)),
            known.alias_id or clean_text(row.get("aliasid")),
            known.name or clean_text(row.get("name")),
        )
    return [users[enroll_id] for enroll_id in sorted(users)]


def parse_credential(enroll_id: int, reply: CommandReply) -> HeldCredential:
    """The answer to `getuserinfo` about this person."""
    record = reply.get("record")
    return HeldCredential(
        enroll_id,
        clean_text(reply.get("name")),
        _number(reply, "backupnum"),
        _number(reply, "admin") or 0,
        clean_text(reply.get("aliasid")),
        record if isinstance(record, str | int) and not isinstance(record, bool) else None,
    )


def parse_user_name(reply: CommandReply) -> str:
    """The answer to `getusername`, in either of its forms."""
    record = record_rows(reply)
    return clean_text(record) or clean_text(reply.get("name"))


def _number(row: Mapping[str, object], name: str) -> int | None:
    try:
        return whole_number(row.get(name), field=name)
    except InvalidInput:
        return None
