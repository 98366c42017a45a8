"""Locking and signing out: when, so that a repeated verdict does not do it again and again, and how."""

import asyncio
import contextlib
import logging
import shlex
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from facegate_workstation.messages import Action
from facegate_workstation.platform_commands import Command, HookCommands, commands_of_this_platform

_LOGGER = logging.getLogger("facegate_workstation")

_COMMAND_LIMIT_S = 10.0

RunCommand = Callable[[Command], Awaitable[bool]]


@dataclass(frozen=True)
class HookRun:
    """A hook's turn came."""

    action: Action
    command: Command
    """What was run, in a dry run what would have been; of several the last one tried."""
    is_dry_run: bool
    has_worked: bool


class Debounce:
    """Once when a violation begins, again after `repeat_after_s` while it lasts, not twice in `least_gap_s`.

    The repetition is for somebody who unlocks the screen while the verdict stays the same.
    """

    def __init__(self, repeat_after_s: float, least_gap_s: float) -> None:
        self._repeat_after_s = repeat_after_s
        self._least_gap_s = least_gap_s
        self._done_s: float | None = None
        self._is_done = False

    def is_due(self, now_s: float) -> bool:
        """Whether it is to be done now."""
        if self._done_s is None:
            return True
        pause_s = self._repeat_after_s if self._is_done else self._least_gap_s
        return now_s - self._done_s >= pause_s

    def done(self, now_s: float, *, has_worked: bool) -> None:
        """It was tried; what did not work is tried again after the least gap."""
        self._done_s, self._is_done = now_s, has_worked

    def ended(self) -> None:
        """The violation is over."""
        self._is_done = False


class Hooks:
    """Carries out `ACTION_LOCK_SCREEN` and `ACTION_SIGN_OUT`; in a dry run, the default, it only says so."""

    def __init__(
        self,
        commands: HookCommands | None = None,
        *,
        dry_run: bool = True,
        repeat_after_s: float = 60.0,
        least_gap_s: float = 5.0,
        run: RunCommand | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        known = commands or commands_of_this_platform()
        self._commands = {Action.LOCK_SCREEN: known.lock, Action.SIGN_OUT: known.sign_out}
        self._debounce = {action: Debounce(repeat_after_s, least_gap_s) for action in self._commands}
        self._dry_run = dry_run
        self._run = run or run_command
        self._clock = clock

    async def obey(self, action: Action) -> HookRun | None:
        """Does what the action asks for, if its turn has come; None where nothing was done."""
        if action is Action.NONE:
            for debounce in self._debounce.values():
                debounce.ended()
        debounce_of_it = self._debounce.get(action)
        if debounce_of_it is None or not debounce_of_it.is_due(self._clock()):
            return None
        done = await self._carry_out(action)
        debounce_of_it.done(self._clock(), has_worked=done.has_worked)
        return done

    async def _carry_out(self, action: Action) -> HookRun:
        if self._dry_run:
            command = self._commands[action][0]
            _LOGGER.info("dry run, would run: %s", shlex.join(command))
            return HookRun(action, command, is_dry_run=True, has_worked=True)
        for command in self._commands[action]:
            if await self._run(command):
                _LOGGER.info("did: %s", shlex.join(command))
                return HookRun(action, command, is_dry_run=False, has_worked=True)
            _LOGGER.warning("did not work: %s", shlex.join(command))
        return HookRun(action, command, is_dry_run=False, has_worked=False)


async def run_command(command: Command) -> bool:
    """Runs a program without a shell; whether it ended with 0 within ten seconds."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        return await asyncio.wait_for(process.wait(), _COMMAND_LIMIT_S) == 0
    except asyncio.TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False
