"""A terminal behind a link that keeps people and logs, and pages them as real firmware does."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from facegate.domain.errors import CommandTimedOut, FacegateError
from facegate.domain.terminals.commands import CommandReply, DeviceCommand

Numbers = Callable[[int, int, int], dict[str, object]]
"""`count`, `from` and `to` of a page by its start, its length and the total."""

NUMBERINGS: dict[str, Numbers] = {
    "rows of the page, to inclusive": lambda start, length, _: _numbers(length, start, start + length - 1),
    "rows of the page, to exclusive": lambda start, length, _: _numbers(length, start, start + length),
    "total, to inclusive": lambda start, length, total: _numbers(total, start, start + length - 1),
    "nothing": lambda start, length, total: {},
}


def _numbers(count: int, start: int, end: int) -> dict[str, object]:
    return {"count": count, "from": start, "to": end}


@dataclass
class Pages:
    """One list and the terminal's place in it."""

    rows: Sequence[object]
    page_size: int = 4
    numbering: Numbers = NUMBERINGS["rows of the page, to exclusive"]
    end_is_refused: bool = False
    place: int = 0

    def reply(self, command: DeviceCommand) -> CommandReply:
        if command.fields["stn"] is True:
            self.place = 0
        start = self.place
        page = self.rows[start : start + self.page_size]
        self.place += len(page)
        if not page and start and self.end_is_refused:
            return {"ret": command.word, "result": False, "reason": 1}
        numbers = self.numbering(start, len(page), len(self.rows)) if page else _numbers(0, 0, 0)
        return {"ret": command.word, "result": True, **numbers, "record": list(page)}


@dataclass(eq=False)
class PagedTerminal:
    """Implements TerminalLink. `troubles` maps the number of a command, from 0, to what is raised instead.

    `spared` is what `deleteuser` 13 leaves, as some firmware does; `unknown_numbers` are refused.
    """

    serial_number: str = "A1"
    users: dict[int, set[int]] = field(default_factory=dict)
    logs: list[dict[str, object]] = field(default_factory=list)
    page_size: int = 4
    numbering: Numbers = NUMBERINGS["rows of the page, to exclusive"]
    troubles: dict[int, FacegateError] = field(default_factory=dict)
    spared: frozenset[int] = frozenset()
    unknown_numbers: frozenset[int] = frozenset()
    commands: list[DeviceCommand] = field(default_factory=list)
    pending_count: int = 0
    _lists: dict[str, Pages] = field(default_factory=dict)

    async def call(self, command: DeviceCommand) -> CommandReply:
        await asyncio.sleep(0)
        number = len(self.commands)
        self.commands.append(command)
        if number in self.troubles:
            raise self.troubles[number]
        if command.word in ("getuserlist", "getnewlog", "getalllog"):
            return self._page(command)
        if command.word == "deleteuser":
            return self._delete(command)
        raise CommandTimedOut("this terminal does not know the word and says nothing")

    def end(self, reason: str) -> None:
        """Nothing hangs on this connection."""

    def words(self) -> list[str]:
        return [command.word for command in self.commands]

    def _page(self, command: DeviceCommand) -> CommandReply:
        if command.fields["stn"] is True or command.word not in self._lists:
            rows = self._user_rows() if command.word == "getuserlist" else list(self.logs)
            self._lists[command.word] = Pages(rows, self.page_size, self.numbering)
        return self._lists[command.word].reply(command)

    def _user_rows(self) -> list[dict[str, object]]:
        return [
            {"enrollid": enroll_id, "aliasid": "", "admin": "0", "backupnum": number}
            for enroll_id, numbers in sorted(self.users.items())
            for number in sorted(numbers)
        ]

    def _delete(self, command: DeviceCommand) -> CommandReply:
        enroll_id, number = command.fields["enrollid"], command.fields["backupnum"]
        assert isinstance(enroll_id, int)
        assert isinstance(number, int)
        held = self.users.get(enroll_id)
        if held is None or number in self.unknown_numbers:
            return {"ret": "deleteuser", "result": False, "reason": 1, "msg": "can not find the user"}
        if number == 13:
            held &= self.spared
        elif number == 12:
            held -= set(range(10))
        else:
            held.discard(number)
        if not held:
            del self.users[enroll_id]
        return {"ret": "deleteuser", "result": True}
