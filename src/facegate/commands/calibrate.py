"""`facegate calibrate FOLDER`: measure on one's own photos how similar strangers look, and keep the curve."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands.galleries.connection import Where, gallery_command
from facegate.commands.output.outcomes import CommandRefused, ExitCode
from facegate.commands.output.terminal import (
    cell,
    counted,
    counting_bar,
    note,
    print_json,
    result_console,
    say,
    table,
)
from facegate.commands.output.whole_files import check_output_path

if TYPE_CHECKING:
    from facegate.domain.matching import MatchPolicy
    from facegate.use_cases.calibrate_matching import CalibrationReport

Source = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="A folder or archive with one sub-folder of photos per person."),
]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw the ROC curve.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Measure only; keep the curve that is in use.")]
Force = Annotated[bool, typer.Option("--force", help="Let --plot replace a file that is there.")]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Keep the curve even when fewer than 50 people were measured.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

MIN_PERSON_COUNT = 50
"""With fewer, one pair of look-alikes moves the whole curve."""

_TEMPLATE_COUNTS = (100, 10_000)
_DRY = "Nothing was kept (--dry-run)."


@gallery_command
def calibrate(  # noqa: PLR0913 - each is an option of the command line
    where: Where,
    source: Source,
    plot: Plot = None,
    force: Force = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Measure and keep the calibration of the net in use, on 50 or more different people.

    The curve says which share of strangers reaches which similarity; thresholds and confidences follow it.
    """
    from facegate.commands.galleries.opening import open_local_gallery
    from facegate.composition.gallery_files import open_photos
    from facegate.use_cases.saved_calibrations import save_curve

    if plot is not None:
        _check_plot(plot)
        check_output_path(plot, inputs=[source], is_forced=force)
    photos = open_photos(source)
    photo_count = photos.photo_count()
    with open_local_gallery(where, "`facegate calibrate`") as access:
        application = access.application
        with counting_bar("measuring", photo_count) as on_progress:
            measured_on = f"{source.resolve().name}, {date.today().isoformat()}"  # noqa: DTZ011 - the operator's day
            report = application.calibrate_matching(photos, measured_on, on_progress)
        before = application.gallery.policy
        is_enough = report.person_count >= MIN_PERSON_COUNT or yes
        is_kept = is_enough and not dry_run
        if is_kept:
            save_curve(application.store, report.curve)
    if plot is not None:
        from facegate.commands.output.roc_plot import plot_roc

        plot_roc(report, plot)
    changes = _changes(before, replace(before, curve=report.curve))
    if as_json:
        print_json(_as_data(report, changes, is_kept=is_kept))
    else:
        _show(report)
        _show_changes(changes)
        if is_enough:
            say("The curve is kept and used from the next start on." if is_kept else _DRY)
    if not is_enough:
        people = counted(report.person_count, "person", "people")
        note(
            f"These photos show {people}, fewer than {MIN_PERSON_COUNT}: the curve is too uncertain and "
            "is not kept. Take more people, or add --yes to keep it all the same."
        )
        raise typer.Exit(0 if dry_run else 1)


def _check_plot(path: Path) -> None:
    """Refuses before the long work what would fail after it."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise CommandRefused(
            "--plot needs matplotlib: install it with `pip install 'facegate[plots]'`, or leave --plot out.",
            ExitCode.CANNOT_WORK,
        )
    if path.suffix.lower() not in {".png", ".svg", ".pdf"} or not path.absolute().parent.is_dir():
        raise CommandRefused(f"The plot {path} has to end in .png, .svg or .pdf, in a folder that exists.")


def _changes(before: "MatchPolicy", after: "MatchPolicy") -> list[tuple[int, float, float]]:
    """What a match needs in galleries of so many templates, before and after."""
    return [
        (count, before.min_search_similarity(count), after.min_search_similarity(count))
        for count in _TEMPLATE_COUNTS
    ]


def _show_changes(changes: list[tuple[int, float, float]]) -> None:
    needed = table("a match in a gallery of", "needs before", "after")
    for count, before, after in changes:
        needed.add_row(f"{count:,} templates", f"{before:.3f}", f"{after:.3f}")
    result_console().print(needed)


def _show(report: "CalibrationReport") -> None:
    curve = report.curve
    say(
        f"{curve.model_id}: {report.photo_count} photos of {report.person_count} people, "
        f"{curve.genuine_pair_count:,} genuine and {curve.impostor_pair_count:,} impostor pairs"
    )
    measured = table("false accepts", "similarity", "true accepts")
    for rate, share in report.true_accepts.items():
        measured.add_row(f"{rate:.0e}", f"{curve.similarity_at(rate):.3f}", f"{share:.2%}")
    result_console().print(measured)
    if len(report.true_accepts) < 3:
        note(
            "Rarer false accepts cannot be shown with so few photos: a rate needs ten pairs beyond it. "
            "There the curve that comes with facegate goes on, where it has one for this net."
        )
    if report.skipped:
        note(f"{counted(len(report.skipped), 'photo')} skipped:")
        skipped = table("photo", "reason")
        for label, error in report.skipped[:20]:
            skipped.add_row(cell(label), cell(error.message))
        result_console().print(skipped)


def _as_data(
    report: "CalibrationReport", changes: list[tuple[int, float, float]], *, is_kept: bool
) -> dict[str, object]:
    from facegate.domain.calibration import curve_as_data

    return {
        "is_kept": is_kept,
        "photo_count": report.photo_count,
        "person_count": report.person_count,
        "true_accepts": {f"{rate:.0e}": share for rate, share in report.true_accepts.items()},
        "skipped": [
            {"file": label, "kind": error.kind.value, "message": error.message}
            for label, error in report.skipped
        ],
        "min_similarities": [
            {"template_count": count, "before": before, "after": after} for count, before, after in changes
        ],
        "curve": curve_as_data(report.curve),
    }
