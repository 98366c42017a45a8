"""A terminal that keeps people, for tests that ask afterwards what is there."""

from typing import Any

from tests.protocols.scripted_terminals import Answering

from facegate.domain.terminals.commands import CommandReply, DeviceCommand


class SmallTerminal:
    """Keeps credentials as a terminal does; `everything` is what number 13 deletes."""

    def __init__(self, *rows: tuple[int, int, int], everything: range = range(256)) -> None:
        self.rows = {(enroll_id, backup_number): admin for enroll_id, backup_number, admin in rows}
        self.records: dict[tuple[int, int], object] = {}
        self.names: dict[int, str] = {}
        self._everything = everything

    @property
    def answers(self) -> dict[str, Answering]:
        return {
            "getuserlist": self._list,
            "getuserinfo": self._get,
            "setuserinfo": self._set,
            "getusername": self._name,
            "setusername": self._set_names,
            "deleteuser": self._delete,
            "enableuser": lambda command: {"ret": command.word, "result": True},
            "adduser": lambda command: {"ret": command.word, "result": True},
        }

    def _list(self, command: DeviceCommand) -> CommandReply:
        rows: list[dict[str, object]] = [
            {"enrollid": enroll_id, "admin": str(admin), "backupnum": backup_number}
            for (enroll_id, backup_number), admin in sorted(self.rows.items())
        ]
        return _page(command, rows if command.fields["stn"] else [])

    def _get(self, command: DeviceCommand) -> CommandReply:
        key = _number(command, "enrollid"), _number(command, "backupnum")
        if key not in self.records:
            return {"ret": command.word, "result": False, "reason": 1, "msg": "have no data"}
        return {"ret": command.word, "result": True, "record": self.records[key]}

    def _set(self, command: DeviceCommand) -> CommandReply:
        key = _number(command, "enrollid"), _number(command, "backupnum")
        self.rows[key] = _number(command, "admin")
        self.records[key] = command.fields["record"]
        self.names[key[0]] = str(command.fields["name"])
        return {"ret": command.word, "result": True}

    def _name(self, command: DeviceCommand) -> CommandReply:
        name = self.names.get(_number(command, "enrollid"))
        if name is None:
            return {"ret": command.word, "result": False, "reason": 1, "msg": "can not find the user"}
        return {"ret": command.word, "result": True, "record": name}

    def _set_names(self, command: DeviceCommand) -> CommandReply:
        records: Any = command.fields["record"]
        self.names.update({one["enrollid"]: one["name"] for one in records})
        return {"ret": command.word, "result": True}

    def _delete(self, command: DeviceCommand) -> CommandReply:
        enroll_id, backup_number = _number(command, "enrollid"), _number(command, "backupnum")
        gone = self._everything if backup_number == 13 else range(backup_number, backup_number + 1)
        for key in [key for key in self.rows if key[0] == enroll_id and key[1] in gone]:
            del self.rows[key]
        return {"ret": command.word, "result": True}


def _page(command: DeviceCommand, rows: list[dict[str, object]]) -> CommandReply:
    return {
        "ret": command.word,
        "result": True,
        "count": len(rows),
        "from": 0,
        "to": len(rows),
        "record": rows,
    }


def _number(command: DeviceCommand, name: str) -> int:
    value = command.fields.get(name, -1)
    assert isinstance(value, int)
    return value
