"""Sending no faster than Telegram allows, so that it seldom has to say so."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Pace:
    """At most `count` messages in any `window_s`."""

    count: int
    window_s: float


# Telegram documents one message a second to a chat, with short bursts allowed; twenty a minute to a group;
# thirty a second in all. The last is kept a little below: other programs may use the same bot.
_CHAT = _Pace(3, 3.0)
_GROUP = _Pace(20, 60.0)
_BOT = _Pace(25, 1.0)

_MAX_REMEMBERED = 1000


class SendingPace:
    """When the next message to a chat may go; safe from several threads. Times are monotonic seconds."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._sent_at: dict[tuple[str, ...], deque[float]] = {}
        self._held_until: dict[tuple[str, str], float] = {}

    def take_turn(self, bot_id: str, chat_id: str) -> float:
        """0 when a message may go now: it is counted then. Else the seconds to wait."""
        now = self._monotonic_s()
        with self._lock:
            paces = _paces_of(bot_id, chat_id)
            waits = [self._wait_s(key, pace, now) for key, pace in paces]
            waits.append(self._held_until.get((bot_id, chat_id), now) - now)
            wait_s = max(waits)
            if wait_s > 0:
                return wait_s
            for key, pace in paces:
                self._sent_at.setdefault(key, deque(maxlen=pace.count)).append(now)
            self._forget_old(now)
        return 0.0

    def hold(self, bot_id: str, chat_id: str, for_s: float) -> None:
        """Telegram asked to wait with this chat."""
        now = self._monotonic_s()
        with self._lock:
            until = now + for_s
            self._held_until[bot_id, chat_id] = max(until, self._held_until.get((bot_id, chat_id), until))

    def _wait_s(self, key: tuple[str, ...], pace: _Pace, now: float) -> float:
        times = self._sent_at.get(key)
        if times is None or len(times) < pace.count:
            return 0.0
        return times[0] + pace.window_s - now

    def _forget_old(self, now: float) -> None:
        if len(self._sent_at) > _MAX_REMEMBERED:
            self._sent_at = {
                key: times for key, times in self._sent_at.items() if now - times[-1] < _GROUP.window_s
            }
        if len(self._held_until) > _MAX_REMEMBERED:
            self._held_until = {key: until for key, until in self._held_until.items() if until > now}


def _paces_of(bot_id: str, chat_id: str) -> list[tuple[tuple[str, ...], _Pace]]:
    paces = [(("bot", bot_id), _BOT), (("chat", bot_id, chat_id), _CHAT)]
    # Ids of groups and channels are negative; names with @ are those of public ones.
    if chat_id.startswith(("-", "@")):
        paces.append((("group", bot_id, chat_id), _GROUP))
    return paces
