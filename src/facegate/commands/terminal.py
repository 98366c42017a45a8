"""`facegate terminal`: terminals in software, to try a server without a device."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands.output.outcomes import CommandRefused, ExitCode, plain_sentences
from facegate.commands.output.terminal import counted, note, say

if TYPE_CHECKING:
    from facegate.commands.simulated_terminals.course import Course
    from facegate.commands.simulated_terminals.device.firmware import Firmware
    from facegate.commands.simulated_terminals.device.habits import Habits
    from facegate.commands.simulated_terminals.fleet import FleetState
    from facegate.commands.simulated_terminals.link import Route
    from facegate.commands.simulated_terminals.plan import FleetPlan

Url = Annotated[str, typer.Argument(metavar="URL", help="Where the server takes terminals.")]
Count = Annotated[int, typer.Option(min=1, help="How many terminals.")]
Serial = Annotated[
    str, typer.Option(help="Serial number of the first; the others count on from its last digits.")
]
Models = Annotated[
    list[str] | None,
    typer.Option("--model", help="aiface (default), ai518, tfs30 or old; repeat it, and they take turns."),
]
PeopleCount = Annotated[int, typer.Option("--people", min=0, help="People that each terminal knows.")]
Photos = Annotated[
    list[Path] | None,
    typer.Option("--photo", help="Photo of its people; repeat it for more. Default: a drawn face."),
]
Scans = Annotated[
    int | None,
    typer.Option(min=0, help="Scans of each; ends when all are acknowledged. 0 only answers commands."),
]
Every = Annotated[float, typer.Option(min=0.001, help="Seconds between two scans of one terminal.")]
Backlog = Annotated[int, typer.Option(min=0, help="Scans that each has made before it first connects.")]
Duration = Annotated[float | None, typer.Option("--for", min=0.001, help="End after so many seconds.")]
Nasty = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="How badly they behave, from 0 to 1; 0.1 is bad enough.")
]
ClockOff = Annotated[
    float, typer.Option(help="Seconds by which clocks are ahead until the server sets them.")
]
Drift = Annotated[float, typer.Option(help="Seconds that clocks gain a day.")]
Ramp = Annotated[float, typer.Option(min=0.0, help="Seconds in which all are switched on.")]
Seed = Annotated[int, typer.Option(help="The same seed makes the same people, scans and mishaps.")]
LedgerFile = Annotated[
    Path | None,
    typer.Option("--ledger", metavar="FILE.csv", help="Write every record that the server acknowledged."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no conversation, only what it came to.")]

app = typer.Typer(no_args_is_help=True, help="Simulated face terminals, to try a server without a device.")

_TALKATIVE_COUNT = 5
"""More terminals than these talk too much to be read."""

_SPARE_FILES = 100


@app.callback()
def _keep_simulate_a_word() -> None:
    """Without a group Typer would take the only command for the whole of it."""


@app.command("simulate")
def simulate(  # noqa: PLR0913 - each is an option of the command line
    url: Url = "ws://127.0.0.1:7788/pub/chat",
    count: Count = 1,
    serial: Serial = "ZXRB22001001",
    models: Models = None,
    people_count: PeopleCount = 6,
    photos: Photos = None,
    scans: Scans = None,
    every: Every = 5.0,
    backlog: Backlog = 0,
    duration_s: Duration = None,
    nasty: Nasty = 0.0,
    clock_off: ClockOff = 0.0,
    drift: Drift = 0.0,
    ramp: Ramp = 0.0,
    seed: Seed = 0,
    ledger: LedgerFile = None,
    quiet: Quiet = False,
) -> None:
    """Be a face terminal, or a thousand: register, scan, answer commands, and misbehave when asked to.

    Prints what both sides say; photos by their size, secrets masked. The exit code is 1 when scans are left
    that the server has not acknowledged.
    """
    # Imported here: `facegate --help` need not wait for asyncio and websockets.
    from facegate.commands.simulated_terminals.course import Course
    from facegate.commands.simulated_terminals.device.habits import Habits, mischief_of
    from facegate.commands.simulated_terminals.plan import FleetPlan

    with plain_sentences():
        plan = FleetPlan(
            count=count,
            first_serial_number=serial,
            models=_models(models),
            people_count=people_count,
            photos=_photos(photos),
            clock_off_s=clock_off,
            drift_s_per_day=drift,
            backlog=backlog,
            seed=seed,
        )
        habits = Habits(stranger_share=0.05, door_event_share=0.05, mischief=mischief_of(nasty))
        course = Course(scans=scans, every_s=every, duration_s=duration_s, ramp_s=ramp)
        state = _run(plan, habits, _route(url), course, ledger, is_quiet=quiet or count > _TALKATIVE_COUNT)
        say("; ".join(_sums(state)))
        if state.waiting:
            raise typer.Exit(ExitCode.NOTHING_FOUND)


def _run(
    plan: "FleetPlan",
    habits: "Habits",
    route: "Route",
    course: "Course",
    ledger: Path | None,
    *,
    is_quiet: bool,
) -> "FleetState":
    """Until the course ends or somebody presses Ctrl-C."""
    import asyncio

    from facegate.commands.simulated_terminals.conversation import Conversation
    from facegate.commands.simulated_terminals.course import run_course
    from facegate.commands.simulated_terminals.fleet import Fleet
    from facegate.commands.simulated_terminals.ledger import Ledger
    from facegate.commands.simulated_terminals.plan import make_terminals
    from facegate.composition.process.open_files import allow_open_files

    allowed = allow_open_files(plan.count + _SPARE_FILES)
    if allowed is not None and allowed < plan.count + _SPARE_FILES:
        raise CommandRefused(
            f"This system allows {allowed:,} open files: simulate fewer terminals, or raise `ulimit -n`.",
            ExitCode.CANNOT_WORK,
        )
    with contextlib.ExitStack() as stack:
        writes = None
        if ledger is not None:
            try:
                writes = stack.enter_context(Ledger(ledger))
            except OSError as error:
                raise CommandRefused(f"{ledger} cannot be written: {error.strerror}.") from error
        observer = None if is_quiet else Conversation(say, names_terminal=plan.count > 1)
        fleet = Fleet(make_terminals(plan, habits, writes), route, observer)
        shows = (
            (lambda state: note("; ".join([f"{state.registered:,} registered", *_sums(state)])))
            if is_quiet
            else (lambda state: None)
        )
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run_course(fleet, course, shows))
        return fleet.state()


def _models(names: Sequence[str] | None) -> "list[Firmware]":
    from facegate.commands.simulated_terminals.device.firmware import FIRMWARES

    if unknown := [name for name in names or () if name not in FIRMWARES]:
        raise CommandRefused(f"{unknown[0]} is no model; there are {', '.join(FIRMWARES)}.")
    return [FIRMWARES[name] for name in names or ["aiface"]]


def _photos(paths: Sequence[Path] | None) -> list[str]:
    from facegate.commands.simulated_terminals.device.photos import drawn_photo, photo_from

    try:
        return [photo_from(path) for path in paths] if paths else [drawn_photo()]
    except OSError as error:
        raise CommandRefused(f"{error.filename} cannot be read: {error.strerror}.") from error


def _route(url: str) -> "Route":
    from websockets.exceptions import InvalidURI

    from facegate.commands.simulated_terminals.link import Route

    try:
        return Route(url)
    except InvalidURI as error:
        raise CommandRefused("An address of terminals looks like ws://127.0.0.1:7788/pub/chat.") from error


def _sums(state: "FleetState") -> list[str]:
    tally = state.tally
    return [
        counted(state.terminals, "terminal"),
        f"{counted(tally.scans, 'scan')}, {tally.acknowledged:,} acknowledged",
        f"{state.waiting:,} waiting",
        f"{tally.sent_again:,} sent again",
        counted(tally.commands, "command"),
        f"{counted(tally.links_lost, 'link')} ended",
    ]
