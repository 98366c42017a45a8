"""Which commands lock the screen and sign the user out on each system. Builds them, runs nothing."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from facegate_workstation.errors import SettingsWrong

Command = tuple[str, ...]

_CG_SESSION = "/System/Library/CoreServices/Menu Extras/User.menu/Contents/Resources/CGSession"


@dataclass(frozen=True)
class HookCommands:
    """For each hook the commands to try, in order; the first that ends with 0 is enough."""

    lock: tuple[Command, ...]
    sign_out: tuple[Command, ...]


def commands_of_this_platform() -> HookCommands:
    """Those of the system that the agent runs on."""
    user_id = os.getuid() if hasattr(os, "getuid") else 0
    return platform_commands(sys.platform, os.environ, user_id)


def platform_commands(platform: str, environ: Mapping[str, str], user_id: int) -> HookCommands:
    """Those of a system, named as `sys.platform` does.

    Raises:
        SettingsWrong: the system is not known here; both hooks then need a command of their own.
    """
    if platform.startswith("linux"):
        return _linux(environ.get("XDG_SESSION_ID"), user_id)
    if platform == "darwin":
        return _macos(user_id)
    if platform == "win32":
        return HookCommands(
            lock=(("rundll32.exe", "user32.dll,LockWorkStation"),), sign_out=(("shutdown", "/l"),)
        )
    raise SettingsWrong(f"how to lock a screen on {platform} is not known: give commands of your own")


def _linux(session_id: str | None, user_id: int) -> HookCommands:
    named = (session_id,) if session_id else ()
    return HookCommands(
        # Without an id it is the caller's session; for a user's service, their graphical one.
        lock=(("loginctl", "lock-session", *named), ("xdg-screensaver", "lock")),
        # A service belongs to no session: all of the user's end then.
        sign_out=(
            *((("loginctl", "terminate-session", session_id),) if session_id else ()),
            ("loginctl", "terminate-user", str(user_id)),
        ),
    )


def _macos(user_id: int) -> HookCommands:
    return HookCommands(
        # CGSession left with macOS 11; the display's sleep locks where a password is asked for at once.
        lock=((_CG_SESSION, "-suspend"), ("pmset", "displaysleepnow")),
        # "Really log out": without the dialogue, in which the user could press Cancel.
        sign_out=(
            ("osascript", "-e", 'tell application "loginwindow" to «event aevtrlgo»'),
            ("launchctl", "bootout", f"gui/{user_id}"),
        ),
    )
