"""Commands to random terminals through `POST /admin/push`, at a steady pace whatever becomes of them."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
import numpy as np

from benchmarks.server_process import AUTHORIZATION

_WORDS = ("gettime", "getdevinfo", "getuserlist", "getuserinfo")
_LIMIT_S = 30.0
_OUT_OF_REACH = "server out of reach"


@dataclass(slots=True)
class CommandTally:
    """What became of the commands of one phase. Seconds are from when each was due."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    foreign_replies: int = 0


@dataclass(frozen=True, slots=True)
class CommandFigures:
    """The same in figures; None where no command was answered."""

    answered: int
    failures: dict[str, int]
    foreign_replies: int
    median_ms: float | None
    p99_ms: float | None
    greatest_ms: float | None


class CommandLoad:
    """A thread that sends from `start` to `stop`. `base_url` follows the server, None while it is away."""

    def __init__(self, serial_numbers: Sequence[str], commands_per_s: float) -> None:
        self.base_url: str | None = None
        self._serial_numbers = serial_numbers
        self._period_s = 1.0 / commands_per_s
        self._chance = random.Random(0)  # noqa: S311 - no secret is made of it
        self._tally = CommandTally()
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send_all()), name="commands")

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def stop(self) -> None:
        """Returns when every command has its answer."""
        self._is_stopped.set()
        self._thread.join()

    def take_figures(self) -> CommandFigures:
        """Of everything that ended since the last call."""
        tally, self._tally = self._tally, CommandTally()
        return figures_of(tally)

    async def _send_all(self) -> None:
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=20)
        async with (
            httpx.AsyncClient(headers=AUTHORIZATION, timeout=_LIMIT_S, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            due_s = time.perf_counter()
            while not self._is_stopped.is_set():
                group.create_task(self._send(client, due_s))
                due_s += self._period_s
                await asyncio.sleep(max(0.0, due_s - time.perf_counter()))

    async def _send(self, client: httpx.AsyncClient, due_s: float) -> None:
        serial_number, base_url = self._chance.choice(self._serial_numbers), self.base_url
        body: dict[str, object] = {"sn": serial_number, "cmd": self._chance.choice(_WORDS)}
        if body["cmd"] == "getuserinfo":
            body |= {"enrollid": self._chance.randint(1, 20), "backupnum": 50}
        if body["cmd"] == "getuserlist":
            body["stn"] = True
        if base_url is None:
            self._tally.failures[_OUT_OF_REACH] += 1
            return
        try:
            response = await client.post(f"{base_url}/admin/push", json=body)
        except httpx.HTTPError:
            self._tally.failures[_OUT_OF_REACH] += 1
            return
        if response.status_code != httpx.codes.OK:
            self._tally.failures[f"{response.status_code} {_status_in(response)}"] += 1
            return
        try:
            reply = response.json()
        except ValueError:
            self._tally.failures["200 without JSON"] += 1
            return
        self._tally.seconds.append(time.perf_counter() - due_s)
        self._tally.foreign_replies += not is_own_reply(reply, body)


def is_own_reply(reply: dict[str, object], body: dict[str, object]) -> bool:
    """Whether the reply is of this terminal, to this word, about this person."""
    echoes = [reply.get("ret") == body["cmd"], reply.get("sn") == body["sn"]]
    if "enrollid" in body:
        echoes.append(reply.get("enrollid") == body["enrollid"])
    return all(echoes)


def figures_of(tally: CommandTally) -> CommandFigures:
    """Sums up."""
    times_ms = np.asarray(tally.seconds) * 1e3
    quantile = (
        [round(float(np.quantile(times_ms, share)), 1) for share in (0.5, 0.99, 1.0)] if len(times_ms) else []
    )
    median, p99, greatest = quantile or (None, None, None)
    return CommandFigures(
        answered=len(tally.seconds),
        failures=dict(tally.failures.most_common()),
        foreign_replies=tally.foreign_replies,
        median_ms=median,
        p99_ms=p99,
        greatest_ms=greatest,
    )


def _status_in(response: httpx.Response) -> str:
    try:
        return str(response.json().get("status", ""))
    except ValueError:
        return ""
