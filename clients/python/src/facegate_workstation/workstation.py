"""The agent: connects, shows pictures, does what the answers say, comes back after a lost connection."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from facegate_workstation.backoff import Backoff
from facegate_workstation.conversation import Conversation
from facegate_workstation.endings import Ending, EndKind
from facegate_workstation.hooks import HookRun, Hooks
from facegate_workstation.messages import Action, Answer, Reason
from facegate_workstation.settings import WorkstationSettings
from facegate_workstation.sources import PictureSource
from facegate_workstation.states import State, StateChange

_Told = TypeVar("_Told")
Callback = Callable[[_Told], Awaitable[None] | None]
"""A function or a coroutine function. What it raises ends the agent."""

_VERDICTS = (Action.NONE, Action.LOCK_SCREEN, Action.SIGN_OUT, Action.WARNING)


class Workstation:
    """One user's agent. `run` it in an event loop, `stop` it from the same loop."""

    def __init__(  # noqa: PLR0913 - callbacks are given by name
        self,
        settings: WorkstationSettings,
        source: PictureSource,
        *,
        hooks: Hooks | None = None,
        backoff: Backoff | None = None,
        on_action: Callback[Answer] | None = None,
        on_state: Callback[StateChange] | None = None,
        on_hook: Callback[HookRun] | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._hooks = hooks if hooks is not None else Hooks()
        self._backoff = backoff if backoff is not None else Backoff()
        self._on_action = on_action
        self._on_state = on_state
        self._on_hook = on_hook
        self._now = StateChange(State.CONNECTING)
        self._watched_s = time.monotonic()
        self._stopping = asyncio.Event()
        self._hook_turn = asyncio.Lock()

    @property
    def state(self) -> State:
        """Where the agent is."""
        return self._now.state

    def stop(self) -> None:
        """Makes `run` say goodbye to the server and return."""
        self._stopping.set()

    async def run(self) -> Ending | None:
        """Works until it is stopped or the pictures are over, which gives None.

        The one ending that it does not come back from is that another agent has taken over in this name.

        Raises:
            SettingsWrong: the CA file cannot be used.
            SourceUnavailable: there are no pictures.
        """
        self._settings.tls()
        self._watched_s = time.monotonic()
        work = asyncio.create_task(self._work())
        others = [
            asyncio.create_task(self._stopping.wait()),
            asyncio.create_task(self._lock_when_unwatched()),
        ]
        ending = None
        try:
            await asyncio.wait({work, *others}, return_when=asyncio.FIRST_COMPLETED)
            for task in (work, *others):
                if task.done():
                    task.result()
            ending = work.result() if work.done() else None
        finally:
            for task in (work, *others):
                task.cancel()
            await asyncio.gather(work, *others, return_exceptions=True)
            await self._source.close()
        await self._enter(State.STOPPED, ending.why if ending else "")
        return ending

    async def _work(self) -> Ending | None:
        await self._source.open()
        while True:
            await self._enter(State.CONNECTING)
            ending = await Conversation(
                self._settings, self._source, on_sending=self._sending, on_answer=self._answered
            ).run()
            if ending is None:
                return None
            if ending.kind is EndKind.REPLACED:
                await self._enter(State.REJECTED, ending.why)
                return ending
            ending = self._with_smaller_pictures(ending)
            wait_s = self._backoff.wait_s(ending)
            await self._enter(_waiting_state(ending), ending.why, wait_s)
            await asyncio.sleep(wait_s)

    def _with_smaller_pictures(self, ending: Ending) -> Ending:
        if ending.kind is not EndKind.TOO_LARGE:
            return ending
        if self._source.make_smaller():
            return Ending(ending.kind, f"{ending.why}: smaller ones follow")
        return Ending(ending.kind, f"{ending.why}: set a smaller longest side")

    async def _sending(self) -> None:
        if self.state is State.CONNECTED:
            await self._enter(State.PROCESSING)

    async def _answered(self, answer: Answer) -> None:
        if answer.action in _VERDICTS:
            self._watched_s = time.monotonic()
            self._backoff.worked()
            is_paused = answer.reason == Reason.PAUSED_CLIENT
            why = "an administrator has paused this client" if is_paused else ""
            await self._enter(State.PAUSED if is_paused else State.CONNECTED, why)
        elif self.state is State.PROCESSING:
            await self._enter(State.CONNECTED)
        await _tell(self._on_action, answer)
        await self._obey(answer.action)

    async def _obey(self, action: Action) -> None:
        # The watchdog may ask for the lock while an answer does.
        async with self._hook_turn:
            done = await self._hooks.obey(action)
        if done is not None:
            await _tell(self._on_hook, done)

    async def _lock_when_unwatched(self) -> None:
        limit_s = self._settings.lock_when_unwatched_s
        if limit_s is None:
            await asyncio.Event().wait()
            return
        while True:
            left_s = self._watched_s + limit_s - time.monotonic()
            if left_s <= 0:
                await self._obey(Action.LOCK_SCREEN)
            await asyncio.sleep(max(left_s, min(1.0, limit_s)))

    async def _enter(self, state: State, why: str = "", retry_in_s: float | None = None) -> None:
        change = StateChange(state, why, retry_in_s)
        if change != self._now or retry_in_s is not None:
            self._now = change
            await _tell(self._on_state, change)


def _waiting_state(ending: Ending) -> State:
    if ending.kind is EndKind.BLOCKED:
        return State.BLOCKED
    return State.REJECTED if ending.asks_human else State.CONNECTING


async def _tell(callback: Callback[_Told] | None, told: _Told) -> None:
    if callback is None:
        return
    waited_for = callback(told)
    if inspect.isawaitable(waited_for):
        await waited_for
