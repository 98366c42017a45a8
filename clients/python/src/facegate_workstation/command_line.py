"""`facegate-workstation`: the agent as a program."""

import argparse
import asyncio
import logging
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from facegate_workstation.backoff import Backoff
from facegate_workstation.camera import CameraPictures
from facegate_workstation.endings import EndKind
from facegate_workstation.errors import SettingsWrong, SourceUnavailable, WorkstationError
from facegate_workstation.hooks import Hooks
from facegate_workstation.jpeg import JpegFormat
from facegate_workstation.messages import Action, Answer
from facegate_workstation.platform_commands import Command, HookCommands, commands_of_this_platform
from facegate_workstation.settings import WorkstationSettings
from facegate_workstation.sources import FolderPictures, PictureSource
from facegate_workstation.states import State, StateChange
from facegate_workstation.workstation import Workstation

_LOGGER = logging.getLogger("facegate_workstation")

NO_PICTURES, WRONG_SETTINGS, REPLACED = 1, 2, 3
"""Exit codes; 0 is a stop that was asked for, or the end of the pictures."""

_EPILOGUE = """tokens: FACEGATE_CLIENT_TOKEN and FACEGATE_DOOR_TOKEN in the environment, or files of one line.
exit codes: 0 stopped, 1 no pictures, 2 wrong settings, 3 another agent runs as this user."""


def arguments() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    parser = argparse.ArgumentParser(
        prog="facegate-workstation",
        description="Shows a facegate server what the camera sees; locks or signs out when told to.",
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--user", required=True, help="the user's id at the server")
    parser.add_argument("--server", default="ws://127.0.0.1:8000/ws", metavar="URL", help="(%(default)s)")
    pictures = parser.add_mutually_exclusive_group()
    pictures.add_argument("--camera", default="0", metavar="N", help="number or device path (%(default)s)")
    pictures.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="show a folder's pictures in a loop"
    )
    parser.add_argument("--once", action="store_true", help="with --pictures: each once, then end")
    parser.add_argument("--frames-per-s", type=float, default=1.0, metavar="F", help="at most (%(default)s)")
    parser.add_argument("--longest-side", type=int, default=800, metavar="PX", help="(%(default)s)")
    parser.add_argument("--jpeg-quality", type=int, default=85, metavar="Q", help="1 to 100 (%(default)s)")
    parser.add_argument("--ca-file", type=Path, help="PEM of the authority behind a wss:// server")
    parser.add_argument("--token-file", type=Path, help="the client's token")
    parser.add_argument("--door-token-file", type=Path, help="the door's token, where it needs one")
    parser.add_argument(
        "--really-lock", action="store_true", help="without it hooks only say what they would do"
    )
    parser.add_argument("--lock-command", metavar="COMMAND", help="instead of the system's own")
    parser.add_argument("--sign-out-command", metavar="COMMAND", help="instead of the system's own")
    parser.add_argument("--repeat-after-s", type=float, default=60.0, metavar="S",
                        help="do it again while the violation lasts (%(default)s)")  # fmt: skip
    parser.add_argument("--lock-when-unwatched-s", type=float, metavar="S",
                        help="lock after so long without a verdict (never)")  # fmt: skip
    parser.add_argument("--first-wait-s", type=float, default=5.0, metavar="S",
                        help="before connecting again; doubles (%(default)s)")  # fmt: skip
    parser.add_argument("--longest-wait-s", type=float, default=60.0, metavar="S", help="(%(default)s)")
    parser.add_argument("--refused-wait-s", type=float, default=600.0, metavar="S",
                        help="after being turned away (%(default)s)")  # fmt: skip
    return parser


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Runs the agent until Ctrl+C, SIGTERM or its end."""
    options = arguments().parse_args(words)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO, stream=sys.stdout)
    # The library's own lines hold the address, and so perhaps a token.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    try:
        code = asyncio.run(_run(options))
    except SourceUnavailable as error:
        _fail(error, NO_PICTURES)
    except SettingsWrong as error:
        _fail(error, WRONG_SETTINGS)
    except KeyboardInterrupt:
        code = 0
    raise SystemExit(code)


async def _run(options: argparse.Namespace) -> int:
    settings = _settings(options)
    if settings.is_in_the_clear:
        _LOGGER.warning("pictures cross the network in the clear: use wss://")
    words = _Words()
    workstation = Workstation(
        settings,
        _source(options),
        hooks=_hooks(options),
        backoff=_backoff(options),
        on_action=words.action,
        on_state=words.state,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(workstation.stop))
    ending = await workstation.run()
    return REPLACED if ending is not None and ending.kind is EndKind.REPLACED else 0


class _Words:
    """Says what changed, not every frame."""

    def __init__(self) -> None:
        self._said = ("", "")
        self._was_connected = False

    def action(self, answer: Answer) -> None:
        said = (answer.action.value, answer.reason)
        if said != self._said or answer.action is Action.ERROR:
            _LOGGER.info("%s", " ".join([*said, answer.message]).rstrip())
        self._said = said

    def state(self, change: StateChange) -> None:
        if change.state in (State.CONNECTED, State.PROCESSING):
            if not self._was_connected:
                _LOGGER.info("connected")
            self._was_connected = True
            return
        self._was_connected = False
        parts = [change.state.value, f": {change.why}" if change.why else ""]
        if change.retry_in_s is not None:
            parts.append(f"; again in {change.retry_in_s:.1f} s")
        _LOGGER.info("%s", "".join(parts))


def _settings(options: argparse.Namespace) -> WorkstationSettings:
    return WorkstationSettings(
        server=options.server,
        user=options.user,
        token=_token(options.token_file, "FACEGATE_CLIENT_TOKEN"),
        door_token=_token(options.door_token_file, "FACEGATE_DOOR_TOKEN"),
        ca_file=options.ca_file,
        frames_per_s=options.frames_per_s,
        lock_when_unwatched_s=options.lock_when_unwatched_s,
    )


def _token(path: Path | None, name: str) -> str | None:
    if path is None:
        return os.environ.get(name) or None
    try:
        return path.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"the token file {path} cannot be read: {error}") from error


def _source(options: argparse.Namespace) -> PictureSource:
    wanted = JpegFormat(options.longest_side, options.jpeg_quality)
    if options.pictures is not None:
        return FolderPictures(options.pictures, loop=not options.once, picture_format=wanted)
    if options.once:
        raise SettingsWrong("--once is of use with --pictures only")
    device = int(options.camera) if options.camera.isdecimal() else options.camera
    return CameraPictures(device, picture_format=wanted)


def _backoff(options: argparse.Namespace) -> Backoff:
    if min(options.first_wait_s, options.longest_wait_s, options.refused_wait_s) <= 0:
        raise SettingsWrong("waits have to be above 0 s")
    return Backoff(
        first_s=options.first_wait_s, longest_s=options.longest_wait_s, asks_human_s=options.refused_wait_s
    )


def _hooks(options: argparse.Namespace) -> Hooks:
    lock, sign_out = _command(options.lock_command), _command(options.sign_out_command)
    if lock and sign_out:
        commands = HookCommands(lock=(lock,), sign_out=(sign_out,))
    else:
        known = commands_of_this_platform()
        commands = HookCommands(
            lock=(lock,) if lock else known.lock, sign_out=(sign_out,) if sign_out else known.sign_out
        )
    return Hooks(commands, dry_run=not options.really_lock, repeat_after_s=options.repeat_after_s)


def _command(text: str | None) -> Command | None:
    """Split as the system's shell would; no shell runs it."""
    if text is None:
        return None
    is_windows = sys.platform == "win32"
    try:
        words = shlex.split(text, posix=not is_windows)
    except ValueError as error:
        raise SettingsWrong(f"the command {text!r} cannot be read: {error}") from error
    if not words:
        raise SettingsWrong("a command is empty")
    return tuple(word.strip('"') for word in words) if is_windows else tuple(words)


def _fail(error: WorkstationError, code: int) -> NoReturn:
    sys.stderr.write(f"facegate-workstation: {error}\n")
    raise SystemExit(code)
