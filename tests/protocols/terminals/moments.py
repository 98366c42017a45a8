"""Times and small messages for tests of the terminals' door."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from facegate.domain.terminals.devices import AccessEncoding
from facegate.frontends.terminals.messages import Incoming
from facegate.frontends.terminals.states import Moment, TerminalFacts
from facegate.frontends.terminals.translate import read_message

SERIAL_NUMBER = "ZXRB22001001"
NOON = datetime(2024, 5, 2, 12, 0, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NOON_IN_BERLIN = "2024-05-02 14:00:00"


def at(seconds: float) -> Moment:
    """So many seconds after noon, when the monotonic clock stood at zero."""
    return Moment(seconds, NOON + timedelta(seconds=seconds))


def facts_of(
    serial_number: str = SERIAL_NUMBER, encoding: AccessEncoding = AccessEncoding.INTEGER
) -> TerminalFacts:
    """A terminal in Berlin."""
    return TerminalFacts(serial_number, BERLIN, encoding)


def message(**body: object) -> Incoming:
    """What a terminal sends, as it is read."""
    return read_message(json.dumps(body))


def record(enroll_id: object = 4, time: str = NOON_IN_BERLIN, **more: object) -> dict[str, object]:
    """A scan as AiFace writes it."""
    return {
        "enrollid": enroll_id,
        "aliasid": "",
        "name": "Ana",
        "time": time,
        "mode": 8,
        "inout": 0,
        "event": 0,
        "note": {},
        **more,
    }
