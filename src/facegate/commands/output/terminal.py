"""Where output goes: results to stdout, the rest to stderr; colours and bars only for people."""

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

_WIDTH_WITHOUT_TERMINAL = 200
"""In a pipe nobody sees a right edge: tables are not folded at 80 columns there."""


def printable(text: str) -> str:
    """The text without what could steer a terminal or cannot be encoded."""
    return "".join("\ufffd" if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)


def local_time(moment: datetime) -> str:
    """An aware time as people here read it."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """`1 photo`, `1,200 photos`; `plural` where an s does not make it."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def result_console() -> Console:
    """Stdout. NO_COLOR, COLUMNS and a missing terminal are respected."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_WITHOUT_TERMINAL
    return Console(highlight=False, markup=False, emoji=False, width=width)


def note_console() -> Console:
    """Stderr, where a result in a pipe is not disturbed."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def say(sentence: str) -> None:
    """One line of result."""
    typer.echo(printable(sentence))


def note(sentence: str) -> None:
    """One line beside the result."""
    typer.echo(printable(sentence), err=True)


def table(*columns: str, whole: Collection[str] = ()) -> Table:
    """An empty table whose cells fold rather than lose text; columns named in `whole` are never folded."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column in whole)
    return made


def cell(text: str, style: str = "") -> Text:
    """Somebody else's text as it is: brackets are no markup, control characters do nothing."""
    return Text(printable(text), style=style)


def print_json(data: Any, *, on_one_line: bool = False) -> None:
    """One JSON document, or one line of JSON Lines."""
    text = json.dumps(data, ensure_ascii=False, indent=None if on_one_line else 2)
    typer.echo(text.encode("utf-8", "backslashreplace").decode("utf-8"))


@contextmanager
def counting_bar(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr; the callable is told how many are done. Without a terminal nothing is drawn."""
    console = note_console()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(description, total=total)
        yield lambda done_count: bar.update(task, completed=done_count)
