"""How different models write the same protocol: what they leave out, what they write oddly, how they page."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from facegate.commands.simulated_terminals.device.scan_log import LogRecord

Fields = Mapping[str, object]

_LIST_END = re.compile(r"(?<!\[)\](?=\})")


class PageEnd(Enum):
    """What a terminal answers when everything was read and one more page is asked for."""

    EMPTY = "an empty page"
    REPEATED = "the last page once more"
    REFUSED = "result false"


@dataclass(frozen=True, slots=True)
class Firmware:
    """One model. `leaves_out` are keys that it never writes, in messages and in records.

    `fingerprints` is its capacity for them, 0 on face readers. `whole_person_number` is the `backupnum` with
    which `deleteuser` removes a person with photo and all; where it is not 13, 13 leaves biometrics behind.
    """

    model_name: str
    version: str
    mode: int = 8
    fingerprints: int = 0
    leaves_out: frozenset[str] = frozenset()
    writes_trailing_commas: bool = False
    echoes_command: bool = False
    writes_ids_as_text: bool = False
    writes_single_record_bare: bool = False
    writes_data_uri: bool = False
    counts_log_index: bool = False
    temperature: float | None = None
    page_end: PageEnd = PageEnd.EMPTY
    counts_whole_list: bool = False
    to_is_inclusive: bool = False
    users_per_page: int = 40
    logs_per_page: int = 50
    whole_person_number: int = 13

    def text_of(self, message: Fields) -> str:
        """A message as this model writes it."""
        # Without its number in `reg` a terminal would be nobody.
        left_out = self.leaves_out - {"sn"} if message.get("cmd") == "reg" else self.leaves_out
        kept = {key: value for key, value in message.items() if key not in left_out}
        if self.echoes_command and "ret" in kept and kept["ret"] not in ("reg", "sendlog", "senduser"):
            kept = {"cmd": kept.pop("ret"), **kept}
        text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
        return _LIST_END.sub(",]", text, count=1) if self.writes_trailing_commas else text

    def record_of(self, record: LogRecord) -> dict[str, object]:
        """One record of a scan in this model's form."""
        fields: dict[str, object] = {
            "enrollid": str(record.enroll_id) if self.writes_ids_as_text else record.enroll_id,
            "aliasid": "",
            "name": record.name,
            "time": record.time_text,
            "mode": record.mode,
            "inout": record.in_out,
            "event": record.event,
            "note": {},
        }
        if self.temperature is not None:
            fields["temp"] = self.temperature
        if record.picture is not None:
            fields["image"] = ("data:image/jpeg;base64," if self.writes_data_uri else "") + record.picture
        return {key: value for key, value in fields.items() if key not in self.leaves_out}


FIRMWARES: Mapping[str, Firmware] = {
    "aiface": Firmware("AiFace", "AiF43V_v4.40"),
    "ai518": Firmware(
        "AI518",
        "ai518_fp26v_v2.16",
        fingerprints=3000,
        writes_data_uri=True,
        counts_log_index=True,
        temperature=365,
        counts_whole_list=True,
        to_is_inclusive=True,
        whole_person_number=12,
    ),
    "tfs30": Firmware(
        "tfs30",
        "TH900_click V5.0",
        mode=1,
        fingerprints=3000,
        leaves_out=frozenset({"aliasid", "name", "note", "logindex"}),
        page_end=PageEnd.REPEATED,
    ),
    "old": Firmware(
        "AiFace",
        "AiF43V_v3.02",
        leaves_out=frozenset({"aliasid", "logindex", "sn", "msg"}),
        writes_trailing_commas=True,
        echoes_command=True,
        writes_ids_as_text=True,
        writes_single_record_bare=True,
        page_end=PageEnd.REFUSED,
    ),
}
"""By the name that the command line takes. `aiface` writes as the one that was captured in the field."""
