"""Which commands lock and sign out, and when. Nothing is run but what these tests bring themselves."""

import asyncio
import sys

import pytest

from facegate_workstation import Action, HookCommands, Hooks, SettingsWrong
from facegate_workstation.hooks import run_command
from facegate_workstation.platform_commands import Command, platform_commands

LOCK, SIGN_OUT = ("lock",), ("sign out",)
COMMANDS = HookCommands(lock=(LOCK, ("lock otherwise",)), sign_out=(SIGN_OUT,))


class Recorder:
    """Stands where programs would be run."""

    def __init__(self, *, broken: tuple[Command, ...] = ()) -> None:
        self.ran: list[Command] = []
        self.now_s = 1000.0
        self.broken = broken

    async def run(self, command: Command) -> bool:
        self.ran.append(command)
        return command not in self.broken

    def hooks(self, *, dry_run: bool = False) -> Hooks:
        return Hooks(COMMANDS, dry_run=dry_run, run=self.run, clock=lambda: self.now_s)

    def after(self, hooks: Hooks, seconds: float, action: Action) -> list[Command]:
        """What was run when this action came so much later."""
        self.now_s += seconds
        self.ran.clear()
        asyncio.run(hooks.obey(action))
        return list(self.ran)


def test_linux_with_a_session() -> None:
    commands = platform_commands("linux", {"XDG_SESSION_ID": "c2"}, 1000)
    assert commands.lock == (("loginctl", "lock-session", "c2"), ("xdg-screensaver", "lock"))
    assert commands.sign_out[0] == ("loginctl", "terminate-session", "c2")


def test_linux_in_a_service_of_the_user() -> None:
    commands = platform_commands("linux", {}, 1000)
    assert commands.lock[0] == ("loginctl", "lock-session")
    assert commands.sign_out == (("loginctl", "terminate-user", "1000"),)


def test_macos() -> None:
    commands = platform_commands("darwin", {}, 501)
    assert commands.lock[0][-1] == "-suspend"
    assert commands.lock[1] == ("pmset", "displaysleepnow")
    assert commands.sign_out[0][:2] == ("osascript", "-e")
    assert "aevtrlgo" in commands.sign_out[0][2]


def test_windows() -> None:
    commands = platform_commands("win32", {}, 0)
    assert commands.lock == (("rundll32.exe", "user32.dll,LockWorkStation"),)
    assert commands.sign_out == (("shutdown", "/l"),)


def test_elsewhere_commands_have_to_be_given() -> None:
    with pytest.raises(SettingsWrong, match="commands of your own"):
        platform_commands("plan9", {}, 0)


def test_a_repeated_verdict_locks_once_a_minute() -> None:
    recorder = Recorder()
    hooks = recorder.hooks()
    assert recorder.after(hooks, 0, Action.LOCK_SCREEN) == [LOCK]
    assert [recorder.after(hooks, 1, Action.LOCK_SCREEN) for _ in range(59)] == [[]] * 59
    assert recorder.after(hooks, 1, Action.LOCK_SCREEN) == [LOCK]


def test_a_new_violation_locks_at_once_but_not_twice_in_five_seconds() -> None:
    recorder = Recorder()
    hooks = recorder.hooks()
    recorder.after(hooks, 0, Action.LOCK_SCREEN)
    recorder.after(hooks, 1, Action.NONE)
    assert recorder.after(hooks, 1, Action.LOCK_SCREEN) == []
    assert recorder.after(hooks, 3, Action.LOCK_SCREEN) == [LOCK]
    recorder.after(hooks, 10, Action.NONE)
    assert recorder.after(hooks, 0, Action.LOCK_SCREEN) == [LOCK]


@pytest.mark.parametrize("between", [Action.WARNING, Action.ERROR])
def test_only_the_users_return_ends_a_violation(between: Action) -> None:
    recorder = Recorder()
    hooks = recorder.hooks()
    recorder.after(hooks, 0, Action.LOCK_SCREEN)
    assert recorder.after(hooks, 10, between) == []
    assert recorder.after(hooks, 1, Action.LOCK_SCREEN) == []


def test_a_sign_out_does_not_wait_for_a_lock() -> None:
    recorder = Recorder()
    hooks = recorder.hooks()
    recorder.after(hooks, 0, Action.LOCK_SCREEN)
    assert recorder.after(hooks, 0, Action.SIGN_OUT) == [SIGN_OUT]
    assert recorder.after(hooks, 1, Action.SIGN_OUT) == []


def test_the_second_way_is_tried_where_the_first_does_not_work() -> None:
    recorder = Recorder(broken=(LOCK,))
    assert recorder.after(recorder.hooks(), 0, Action.LOCK_SCREEN) == [LOCK, ("lock otherwise",)]


def test_what_did_not_work_is_tried_again_soon() -> None:
    recorder = Recorder(broken=(SIGN_OUT,))
    hooks = recorder.hooks()
    assert recorder.after(hooks, 0, Action.SIGN_OUT) == [SIGN_OUT]
    assert recorder.after(hooks, 4, Action.SIGN_OUT) == []
    assert recorder.after(hooks, 1, Action.SIGN_OUT) == [SIGN_OUT]


def test_a_dry_run_runs_nothing_and_says_what_it_would() -> None:
    recorder = Recorder()
    hooks = recorder.hooks(dry_run=True)
    done = asyncio.run(hooks.obey(Action.LOCK_SCREEN))
    assert done is not None
    assert (done.command, done.is_dry_run) == (LOCK, True)
    assert recorder.ran == []
    assert asyncio.run(hooks.obey(Action.LOCK_SCREEN)) is None


def test_hooks_are_a_dry_run_unless_told_otherwise() -> None:
    recorder = Recorder()
    asyncio.run(Hooks(COMMANDS, run=recorder.run).obey(Action.SIGN_OUT))
    assert recorder.ran == []


def test_how_a_program_ended() -> None:
    assert asyncio.run(run_command((sys.executable, "-c", "")))
    assert not asyncio.run(run_command((sys.executable, "-c", "raise SystemExit(3)")))
    assert not asyncio.run(run_command(("no such program",)))
