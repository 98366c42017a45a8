"""Everything a terminal keeps: people, scans, settings, clock. What happens to it is elsewhere."""

from dataclasses import dataclass, field

from facegate.commands.simulated_terminals.device.drifting_clock import DriftingClock
from facegate.commands.simulated_terminals.device.firmware import Firmware
from facegate.commands.simulated_terminals.device.paging import PageCursor
from facegate.commands.simulated_terminals.device.people import CARD, FINGERS, PASSWORD, PHOTO, People
from facegate.commands.simulated_terminals.device.scan_log import ScanLog

_USER_CAPACITY = 5000
_LOG_CAPACITY = 100_000


def _default_parameters() -> dict[str, object]:
    return {
        "deviceid": 1,
        "language": 0,
        "volume": 6,
        "screensaver": 0,
        "verifymode": 0,
        "reverifytime": 0,
        "logphoto": 1,
        "strangerphoto": 0,
        "livedetect": 1,
        "facetreshold": 72,
        "netipaddress": 3_232_235_876,
        "netdhcp": 1,
        "usewlan": 1,
        "wlanssid": "office",
        "wlanpassword": "correct horse",
        "compassword": 0,
        "serverport": 7788,
        "servertimeout": 3,
        "serververify": 0,
        "dooropentime": 5,
        "doorsensor": 0,
    }


def _default_door() -> dict[str, object]:
    return {
        "opendelay": 5,
        "doorsensor": 0,
        "alarmdelay": 0,
        "InputAlarm": 0,
        "antpass": 0,
        "interlock": 0,
        "mutiopen": 0,
        "tryalarm": 0,
        "tamper": 0,
        "wgformat": 0,
        "wgoutput": 0,
        "dayzone": [{"day": [{"section": "00:00~23:59"}]}],
        "weekzone": [{"week": [{"day": 0} for _ in range(7)]}],
        "lockgroup": [{"group": 0} for _ in range(5)],
    }


@dataclass(slots=True)
class Memory:
    """The state of one terminal. `parameters` hold secrets, as real ones do."""

    serial_number: str
    firmware: Firmware
    clock: DriftingClock
    people: People = field(default_factory=People)
    log: ScanLog = field(default_factory=ScanLog)
    cursor: PageCursor = field(default_factory=PageCursor)
    parameters: dict[str, object] = field(default_factory=_default_parameters, repr=False)
    door: dict[str, object] = field(default_factory=_default_door)
    holidays: list[object] = field(default_factory=list)
    questionnaire: dict[str, object] = field(default_factory=dict)
    public_notice: str = ""
    is_enabled: bool = True

    def device_info(self, now_s: float) -> dict[str, object]:
        """`devinfo` of `reg`, with the keys of the real capture in its order."""
        firmware, people = self.firmware, self.people
        return {
            "modelname": firmware.model_name,
            "usersize": _USER_CAPACITY,
            "facesize": _USER_CAPACITY,
            "fpsize": firmware.fingerprints,
            "cardsize": _USER_CAPACITY,
            "pwdsize": _USER_CAPACITY,
            "logsize": _LOG_CAPACITY,
            "useduser": len(people),
            "usedface": people.count_of(PHOTO),
            "usedfp": people.count_of(*FINGERS),
            "usedcard": people.count_of(CARD),
            "usedpwd": people.count_of(PASSWORD),
            "usedlog": self.log.kept_count,
            "usednewlog": self.log.waiting_count,
            "netinuse": 0,
            "fpalgo": "thbio3.0",
            "firmware": firmware.version,
            "time": self.clock.text(now_s),
            "mac": mac_address(self.serial_number),
        }


def mac_address(serial_number: str) -> str:
    """A locally administered address that belongs to this serial number."""
    number = sum((position + 1) * ord(char) for position, char in enumerate(serial_number))
    digits = "".join(filter(str.isdigit, serial_number))[-6:].rjust(6, "0")
    return f"02-00-{number % 256:02X}-{digits[0:2]}-{digits[2:4]}-{digits[4:6]}"
