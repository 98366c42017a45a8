"""A terminal's answers to commands about its log, its door, its settings and itself."""

from collections.abc import Mapping

from facegate.commands.simulated_terminals.device.answers_about_people import Answer, objects_in
from facegate.commands.simulated_terminals.device.firmware import Fields
from facegate.commands.simulated_terminals.device.memory import Memory
from facegate.commands.simulated_terminals.device.people import Refusal
from facegate.commands.simulated_terminals.device.scan_log import LogRecord, Scanned

_MAX_HOLIDAYS = 30
_OPENED_BY_SOFTWARE = 3
_NOT_PARAMETERS = frozenset({"cmd", "sn", "devinfo"})


class AnswersAboutDevice:
    """`words` has the answers by command."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._handed_out: list[LogRecord] = []
        self.words: Mapping[str, Answer] = {
            "getnewlog": self._new_log,
            "getalllog": self._whole_log,
            "cleanlog": self._clean_log,
            "initsys": self._initialise,
            "settime": self._set_time,
            "gettime": self._show_time,
            "getdevinfo": self._show_parameters,
            "setdevinfo": self._set_parameters,
            "getdevcap": self._show_capacities,
            "opendoor": self._open_door,
            "lockctrl": self._done,
            "getdevlock": self._show_door,
            "setdevlock": self._set_door,
            "disabledevice": self._disable,
            "enabledevice": self._enable,
            "getholiday": self._show_holidays,
            "setholiday": self._set_holidays,
            "getquestionnaire": self._show_questionnaire,
            "setquestionnaire": self._set_questionnaire,
        }

    def _new_log(self, fields: Fields, now_s: float) -> dict[str, object]:
        """What was handed out counts as collected once the next page is asked for."""
        cursor, log = self._memory.cursor, self._memory.log
        if fields.get("stn") or not cursor.is_reading("getnewlog"):
            self._handed_out = log.waiting()
            cursor.begin("getnewlog", self._rows(self._handed_out))
        elif self._handed_out:
            size = self._memory.firmware.logs_per_page
            log.settle(self._handed_out[:size])
            self._handed_out = self._handed_out[size:]
        return cursor.next_page(self._memory.firmware, self._memory.firmware.logs_per_page)

    def _whole_log(self, fields: Fields, now_s: float) -> dict[str, object]:
        cursor, firmware = self._memory.cursor, self._memory.firmware
        if fields.get("stn") or not cursor.is_reading("getalllog"):
            first, last = str(fields.get("from") or ""), str(fields.get("to") or "9")
            wanted = [
                record
                for record in self._memory.log.everything()
                if first <= record.time_text and record.time_text[: len(last)] <= last
            ]
            cursor.begin("getalllog", self._rows(wanted))
        return cursor.next_page(firmware, firmware.logs_per_page)

    def _rows(self, records: list[LogRecord]) -> list[dict[str, object]]:
        """Without pictures, as real terminals."""
        rows = [self._memory.firmware.record_of(record) for record in records]
        return [{key: value for key, value in row.items() if key != "image"} for row in rows]

    def _clean_log(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._memory.log.clear()
        return {}

    def _initialise(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._memory.people.clear()
        self._memory.log.clear()
        return {}

    def _set_time(self, fields: Fields, now_s: float) -> dict[str, object]:
        if not self._memory.clock.set(fields.get("cloudtime"), now_s):
            raise Refusal(1)
        return {}

    def _show_time(self, fields: Fields, now_s: float) -> dict[str, object]:
        return {"result": None, "time": self._memory.clock.text(now_s)}

    def _show_parameters(self, fields: Fields, now_s: float) -> dict[str, object]:
        return dict(self._memory.parameters)

    def _set_parameters(self, fields: Fields, now_s: float) -> dict[str, object]:
        nested = fields.get("devinfo")
        changes = nested if isinstance(nested, dict) else fields
        known = self._memory.parameters
        for key, value in changes.items():
            if key not in _NOT_PARAMETERS and key in known:
                known[key] = int(value) if isinstance(value, bool) else value
        return {}

    def _show_capacities(self, fields: Fields, now_s: float) -> dict[str, object]:
        info = self._memory.device_info(now_s)
        return {key: value for key, value in info.items() if key.endswith("size")}

    def _open_door(self, fields: Fields, now_s: float) -> dict[str, object]:
        """A door that was opened shows in the log, with the number of nobody."""
        memory = self._memory
        opened = Scanned(enroll_id=0, mode=memory.firmware.mode, event=_OPENED_BY_SOFTWARE)
        memory.log.add(opened, memory.clock.read(now_s), now_s)
        return {}

    def _done(self, fields: Fields, now_s: float) -> dict[str, object]:
        return {}

    def _show_door(self, fields: Fields, now_s: float) -> dict[str, object]:
        return dict(self._memory.door)

    def _set_door(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._memory.door.update({key: value for key, value in fields.items() if key not in _NOT_PARAMETERS})
        return {}

    def _disable(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._memory.is_enabled = False
        return {}

    def _enable(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._memory.is_enabled = True
        return {}

    def _show_holidays(self, fields: Fields, now_s: float) -> dict[str, object]:
        return {"holidays": list(self._memory.holidays)}

    def _set_holidays(self, fields: Fields, now_s: float) -> dict[str, object]:
        holidays = objects_in(fields, "holidays")
        if len(holidays) > _MAX_HOLIDAYS:
            raise Refusal(1)
        self._memory.holidays = list(holidays)
        return {}

    def _show_questionnaire(self, fields: Fields, now_s: float) -> dict[str, object]:
        empty = {"title": "", "radio": True, "usequestion": False, "items": [], "schedules": []}
        return {**empty, **self._memory.questionnaire}

    def _set_questionnaire(self, fields: Fields, now_s: float) -> dict[str, object]:
        self._memory.questionnaire.update(
            {key: value for key, value in fields.items() if key not in ("cmd", "sn", "stn")}
        )
        return {}
