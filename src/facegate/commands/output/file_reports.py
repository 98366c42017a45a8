"""What became of each file of a bulk job: the table for people, the CSV or JSON file for later."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from facegate.commands.output.outcomes import CommandRefused
from facegate.commands.output.terminal import cell, note, result_console, table
from facegate.commands.output.whole_files import check_output_path, whole_file

MAX_SHOWN_LINES = 50


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file: `kind` and `reason` are None when it was accepted, `quality` (0..1) when it was not."""

    subject_id: str
    file: str
    quality: float | None
    kind: str | None = None
    reason: str | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the file was taken."""
        return self.reason is None


def check_report_path(path: Path | None, *, source: Path, is_forced: bool) -> None:
    """Refuses a report that could not be written, before the long work rather than after it.

    Raises:
        CommandRefused: another suffix, a folder that is not there, or a file that is there already.
    """
    if path is None:
        return
    if path.suffix.lower() not in {".csv", ".json"}:
        raise CommandRefused(f"The report {path} has to end in .csv or .json.")
    if not path.absolute().parent.is_dir():
        raise CommandRefused(f"The folder of the report {path} does not exist: make it first.")
    check_output_path(path, inputs=[source], is_forced=is_forced)


def write_report(lines: Sequence[FileLine], path: Path, *, passed_over_count: int = 0) -> None:
    """Writes every line, and one more if files were passed over; the suffix chooses the form.

    Raises:
        CommandRefused: the file cannot be written.
    """
    rows = [{"status": "accepted" if line.is_accepted else "rejected", **as_data(line)} for line in lines]
    if passed_over_count:
        row = as_data(FileLine("", "", None, "passed_over", passed_over_sentence(passed_over_count)))
        rows.append({"status": "passed_over", **row})
    stream = io.StringIO(newline="")
    if path.suffix.lower() == ".json":
        json.dump(rows, stream, ensure_ascii=False, indent=1)
    else:
        writer = csv.DictWriter(stream, ["status", *FileLine.__dataclass_fields__])
        writer.writeheader()
        writer.writerows(rows)
    with whole_file(path) as file:
        # File names need not be valid Unicode; what is not is written as an escape.
        file.write(stream.getvalue().encode("utf-8", errors="backslashreplace"))


def passed_over_sentence(count: int) -> str:
    """What is said of files that are no photos of a person in this layout."""
    files = "1 other file was" if count == 1 else f"{count} other files were"
    return f"{files} passed over: no photos, links, or not directly in a person's folder (person/photo.jpg)"


def as_data(line: FileLine) -> dict[str, object]:
    """The line as plain data; four digits of a quality say all that it knows."""
    quality = None if line.quality is None else round(line.quality, 4)
    return {**asdict(line), "quality": quality}


def show_lines(lines: Sequence[FileLine]) -> None:
    """A table; of a long list only what was rejected, and of that the beginning."""
    shown = lines if len(lines) <= MAX_SHOWN_LINES else [line for line in lines if not line.is_accepted]
    if not shown:
        return
    found = table("file", "person", "result", "quality", "reason")
    for line in shown[:MAX_SHOWN_LINES]:
        result = cell("accepted", "green") if line.is_accepted else cell("rejected", "red")
        quality = "" if line.quality is None else f"{line.quality:.2f}"
        found.add_row(cell(line.file), cell(line.subject_id), result, quality, cell(line.reason or ""))
    result_console().print(found)
    if len(shown) > MAX_SHOWN_LINES:
        note(f"... and {len(shown) - MAX_SHOWN_LINES} more; --report FILE.csv writes all of them.")
