"""Workstations in one asyncio process: as fast as answers come, or one frame per period each."""

import asyncio
import base64
import contextlib
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.lean_socket import ConnectionLost, LeanSocket, opened

_OPEN_LIMIT_S = 30.0


SECOND = 29
"""Frames of the clip between two that are sent: about a second, and all of them before one comes again."""

SITTING_STILL = 1
"""The same person in slow motion: in ten seconds they move as much as in a third of one."""


@dataclass(frozen=True, slots=True, eq=False)
class Workstation:
    """A user and the pictures (base64) that their camera sends, from `first` on."""

    user_name: str
    pictures: Sequence[bytes]
    first: int = 0
    stride: int = SECOND

    def message(self, number: int) -> tuple[bytes, bytes, bytes]:
        """The n-th message, in parts of which the long one is shared."""
        picture = self.pictures[(self.first + number * self.stride) % len(self.pictures)]
        return f'{{"user_name": "{self.user_name}", "image": "'.encode(), picture, b'"}'


def encoded_pictures(frames: Sequence[bytes]) -> list[bytes]:
    """JPEGs as the messages hold them; shared by all workstations."""
    return [base64.b64encode(frame) for frame in frames]


@dataclass(slots=True)
class LoadTally:
    """What all workstations together sent and heard. `seconds` are from sending to the answer."""

    sent_count: int = 0
    superseded_count: int = 0
    dropped_connections: int = 0
    seconds: list[float] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def answered_count(self) -> int:
        """Frames with an answer."""
        return len(self.seconds)

    def hear(self, answer: str | bytes, sent_s: float) -> None:
        """Counts one answer."""
        self.seconds.append(time.perf_counter() - sent_s)
        message = json.loads(answer)
        self.reasons[f"{message.get('action')} {message.get('reason')}"] += 1


async def drive_closed_loop(
    url: str, stations: Sequence[Workstation], duration_s: float, *, first: int = 0
) -> LoadTally:
    """Each sends its next frame when the last one is answered, from the `first` one on."""
    tally = LoadTally()
    end_s = time.perf_counter() + duration_s

    async def one(station: Workstation) -> None:
        async with _connected(url, tally) as socket:
            number = first
            while time.perf_counter() < end_s:
                sent_s = time.perf_counter()
                socket.send(station.message(number))
                tally.sent_count += 1
                tally.hear(await socket.receive(), sent_s)
                number += 1

    await asyncio.gather(*(one(station) for station in stations))
    return tally


async def drive_paced(
    url: str,
    stations: Sequence[Workstation],
    *,
    period_s: float,
    duration_s: float,
    ramp_s: float = 30.0,
    on_second: Callable[[int], None],
) -> LoadTally:
    """Each sends one frame per period, at its own point of the period, answered or not.

    They connect one after the other within `ramp_s`, as people come to work; frames count from then on, and
    half as long again after.
    """
    tally = LoadTally()
    first_s = time.perf_counter() + 1.0
    start_s = first_s + 1.5 * ramp_s

    async def one(station: Workstation, position: int) -> None:
        opens_s = first_s + position * ramp_s / len(stations)
        await asyncio.sleep(max(0.0, opens_s - time.perf_counter()))
        async with _connected(url, tally) as socket:
            outstanding: deque[float] = deque()
            listener = asyncio.create_task(_listen(socket, outstanding, tally, start_s))
            # A lost connection is counted by the one who sends.
            listener.add_done_callback(lambda done: done.cancelled() or done.exception())
            number = 0
            while (due_s := opens_s + number * period_s) < start_s + duration_s:
                await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
                # From when it was due: a client that lags behind must not make the server look fast.
                outstanding.append(due_s)
                socket.send(station.message(number))
                tally.sent_count += due_s >= start_s
                number += 1
            await asyncio.sleep(2 * period_s)
            listener.cancel()

    async def tick() -> None:
        for second in range(round(duration_s)):
            await asyncio.sleep(max(0.0, start_s + second - time.perf_counter()))
            on_second(second)

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(one(station, position) for position, station in enumerate(stations)))
    await ticking
    return tally


async def _listen(socket: LeanSocket, outstanding: deque[float], tally: LoadTally, start_s: float) -> None:
    """Answers belong to the oldest frame; of those that waited behind it only the newest is worked on.

    A frame that gave way to a newer one while it waited for its turn counts as the older one: slower than
    the server was.
    """
    while True:
        answer = await socket.receive()
        if not outstanding:
            continue
        due_s = outstanding.popleft()
        if due_s >= start_s:
            tally.hear(answer, due_s)
        while len(outstanding) > 1:
            outstanding.popleft()
            tally.superseded_count += due_s >= start_s


@contextlib.asynccontextmanager
async def _connected(url: str, tally: LoadTally) -> AsyncIterator[LeanSocket]:
    try:
        async with opened(url, _OPEN_LIMIT_S) as socket:
            yield socket
    except (ConnectionLost, OSError, TimeoutError):
        tally.dropped_connections += 1
