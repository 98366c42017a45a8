"""The fleet of the terminals' load, in a process of its own: orders come as JSON lines, so do answers.

`python -m benchmarks.terminal_fleet` reads its plan from the first line. Orders: `scan` with `rate` (0 stops
it), `state`, `latencies` (since the last time), `stop`, after which the ledger is whole and the process ends.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from facegate.commands.simulated_terminals.device.habits import Habits
from facegate.commands.simulated_terminals.device.photos import drawn_photo
from facegate.commands.simulated_terminals.device.scan_log import LogRecord
from facegate.commands.simulated_terminals.fleet import Fleet
from facegate.commands.simulated_terminals.ledger import Ledger
from facegate.commands.simulated_terminals.link import Route
from facegate.commands.simulated_terminals.plan import FleetPlan, make_terminals
from facegate.composition.process.open_files import allow_open_files

FIRST_SERIAL_NUMBER = "SIM000001"
_SPARE_FILES = 200


@dataclass(slots=True)
class _AcknowledgedRecords:
    """Goes into the ledger; how long each took from the scan to the acknowledgement."""

    ledger: Ledger
    seconds: list[float] = field(default_factory=list)

    def __call__(self, serial_number: str, records: Sequence[LogRecord]) -> None:
        self.ledger(serial_number, records)
        now_s = time.monotonic()
        self.seconds += [now_s - record.scanned_s for record in records]


class _Orders:
    """What the other process can ask for."""

    def __init__(self, fleet: Fleet, acknowledged: _AcknowledgedRecords) -> None:
        self._fleet = fleet
        self._acknowledged = acknowledged
        self._scanning: asyncio.Task[None] | None = None

    async def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """The answer to one order."""
        match order["do"]:
            case "scan":
                await self.stop_scanning()
                if order["rate"] > 0:
                    self._scanning = asyncio.create_task(self._fleet.keep_scanning(order["rate"]))
                return {}
            case "state":
                return asdict(self._fleet.state())
            case "latencies":
                seconds, self._acknowledged.seconds = self._acknowledged.seconds, []
                return {"seconds": [round(one, 5) for one in seconds]}
            case "stop":
                await self.stop_scanning()
                return {}
        raise ValueError(f"no such order: {order['do']}")

    async def stop_scanning(self) -> None:
        """No further scans."""
        if self._scanning is not None:
            self._scanning.cancel()
            await asyncio.gather(self._scanning, return_exceptions=True)
            self._scanning = None


async def _serve(plan: dict[str, Any], orders: asyncio.StreamReader) -> None:
    with Ledger(Path(plan["ledger"])) as ledger:
        acknowledged = _AcknowledgedRecords(ledger)
        terminals = make_terminals(
            FleetPlan(
                count=plan["count"],
                first_serial_number=FIRST_SERIAL_NUMBER,
                people_count=20,
                photos=[drawn_photo(quality=plan["photo_quality"])],
                drift_s_per_day=20.0,
            ),
            Habits(picture_share=plan["picture_share"], answer_delay_s=plan["answer_delay_s"]),
            acknowledged,
        )
        fleet = Fleet(terminals, Route(plan["url"], back_after_s=plan["back_after_s"]))
        served = _Orders(fleet, acknowledged)
        async with fleet.running():
            while line := await orders.readline():
                order = json.loads(line)
                sys.stdout.write(json.dumps(await served.obey(order)) + "\n")
                sys.stdout.flush()
                if order["do"] == "stop":
                    break
            await served.stop_scanning()


async def _main() -> None:
    orders = asyncio.StreamReader(limit=2**20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    plan = json.loads(await orders.readline())
    allow_open_files(plan["count"] + _SPARE_FILES)
    await _serve(plan, orders)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
