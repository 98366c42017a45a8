"""Makes a fleet's terminals out of a few wishes."""

import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from facegate.commands.simulated_terminals.device.drifting_clock import DriftingClock, local_wall_time
from facegate.commands.simulated_terminals.device.firmware import FIRMWARES, Firmware
from facegate.commands.simulated_terminals.device.habits import Habits
from facegate.commands.simulated_terminals.device.log_push import Acknowledged
from facegate.commands.simulated_terminals.device.memory import Memory
from facegate.commands.simulated_terminals.device.people import sample_people
from facegate.commands.simulated_terminals.device.photos import SAMPLE_PHOTO
from facegate.commands.simulated_terminals.device.terminal import SimulatedTerminal

SAMPLE_SERIAL_NUMBER = "ZXRB22001001"

_BACKLOG_STEP_S = 60.0
_LAST_DIGITS = re.compile(r"[0-9]*$")


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What terminals are wanted.

    Models take turns when there are several. Clocks are wrong by `clock_off_s` until a server sets them, and
    gain `drift_s_per_day`. `backlog` scans were made before the first connection, one a minute.
    """

    count: int = 1
    first_serial_number: str = SAMPLE_SERIAL_NUMBER
    models: Sequence[Firmware] = (FIRMWARES["aiface"],)
    people_count: int = 6
    photos: Sequence[str] = field(default=(SAMPLE_PHOTO,), repr=False)
    clock_off_s: float = 0.0
    drift_s_per_day: float = 0.0
    backlog: int = 0
    seed: int = 0


def serial_numbers(first: str, count: int) -> list[str]:
    """The first and those that follow it by its last digits: X7, X8, X9, X10."""
    digits = _LAST_DIGITS.search(first)
    text = digits.group() if digits is not None else ""
    stem, start = first[: len(first) - len(text)], int(text or 0)
    if count == 1:
        return [first]
    return [f"{stem}{start + position:0{len(text)}d}" for position in range(count)]


def make_terminals(
    plan: FleetPlan, habits: Habits | None = None, on_acknowledged: Acknowledged | None = None
) -> list[SimulatedTerminal]:
    """The terminals of the plan. The same seed makes the same people, scans and mishaps."""
    now_s = time.monotonic()
    wall = local_wall_time() + timedelta(seconds=plan.clock_off_s)
    made = []
    for position, serial_number in enumerate(serial_numbers(plan.first_serial_number, plan.count)):
        memory = Memory(
            serial_number,
            plan.models[position % len(plan.models)],
            DriftingClock(wall, now_s, drift_s_per_day=plan.drift_s_per_day),
            sample_people(plan.people_count, plan.photos),
        )
        chance = random.Random(f"{plan.seed} {serial_number}")  # noqa: S311 - no secret is made of it
        terminal = SimulatedTerminal(memory, habits, chance, on_acknowledged)
        for step in range(plan.backlog, 0, -1):
            terminal.scan(now_s - step * _BACKLOG_STEP_S)
        made.append(terminal)
    return made
