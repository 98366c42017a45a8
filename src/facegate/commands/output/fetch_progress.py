"""Shows fetches of models in the terminal: bars where there is one, a line per step where there is none."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn


class TerminalFetchProgress:
    """Answers the `FetchProgress` port on a rich console, between `with` and its end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.fields[model_id]:<20} {task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[amount]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Start drawing."""
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop drawing; what is drawn stays."""
        self._bars.stop()

    def begin(self, model_id: str) -> None:
        """See the port."""
        self._show(model_id, "wait")

    def step(self, model_id: str, description: str) -> None:
        """See the port."""
        self._show(model_id, description)
        if not self._console.is_terminal:
            self._console.print(f"{model_id}: {description}", highlight=False, soft_wrap=True)

    def downloaded(self, model_id: str, done_bytes: int, total_bytes: int) -> None:
        """See the port."""
        amount = f"{done_bytes / 1e6:.1f} of {total_bytes / 1e6:.1f} MB"
        self._bars.update(self._tasks[model_id], completed=done_bytes, total=total_bytes, amount=amount)

    def end(self, model_id: str, *, is_ready: bool) -> None:
        """See the port."""
        word = "ready" if is_ready else "not available"
        self._show(model_id, word)
        self._bars.update(self._tasks[model_id], completed=int(is_ready), total=1)
        self._bars.stop_task(self._tasks[model_id])
        if not self._console.is_terminal:
            self._console.print(f"{model_id}: {word}", highlight=False, soft_wrap=True)

    def _show(self, model_id: str, description: str) -> None:
        """A fresh bar without a total, since one that had a total cannot lose it."""
        if model_id in self._tasks:
            self._bars.remove_task(self._tasks[model_id])
        self._tasks[model_id] = self._bars.add_task(description, total=None, model_id=model_id, amount="")
