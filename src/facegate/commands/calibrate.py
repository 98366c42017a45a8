"""`facegate calibrate FOLDER`: measure on one's own photos how similar strangers look, and keep the curve."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands.connection import Where, gallery_command
from facegate.commands.outcomes import CommandRefused, ExitCode
from facegate.commands.terminal import cell, counting_bar, note, print_json, result_console, say, table

if TYPE_CHECKING:
    from facegate.use_cases.calibrate_matching import CalibrationReport

Source = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="A folder or archive with one sub-folder of photos per person."),
]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw the ROC curve.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Measure only; keep the curve that is in use.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@gallery_command
def calibrate(
    where: Where, source: Source, plot: Plot = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Measure and keep the calibration of the net in use, on 50 or more different people.

    The curve says which share of strangers reaches which similarity; thresholds and confidences follow it.
    """
    from facegate.commands.opening import open_local_gallery
    from facegate.composition.gallery_files import open_photos
    from facegate.use_cases.saved_calibrations import save_curve

    if plot is not None:
        _check_plot(plot)
    photos = open_photos(source)
    photo_count = photos.photo_count()
    with open_local_gallery(where, "`facegate calibrate`") as access:
        application = access.application
        with counting_bar("measuring", photo_count) as on_progress:
            measured_on = f"{source.resolve().name}, {date.today().isoformat()}"  # noqa: DTZ011 - the operator's day
            report = application.calibrate_matching(photos, measured_on, on_progress)
        if not dry_run:
            save_curve(application.store, report.curve)
    if plot is not None:
        from facegate.commands.roc_plot import plot_roc

        plot_roc(report, plot)
    if as_json:
        print_json(_as_data(report, is_kept=not dry_run))
    else:
        _show(report, is_kept=not dry_run)


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


def _show(report: "CalibrationReport", *, is_kept: bool) -> None:
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
        note("Rarer false accepts cannot be shown with so few photos: a rate needs ten pairs beyond it.")
    if report.skipped:
        note(f"{len(report.skipped)} photos were skipped:")
        skipped = table("photo", "reason")
        for label, error in report.skipped[:20]:
            skipped.add_row(cell(label), cell(error.message))
        result_console().print(skipped)
    say("The curve is kept and used from the next start on." if is_kept else "Nothing was kept (--dry-run).")


def _as_data(report: "CalibrationReport", *, is_kept: bool) -> dict[str, object]:
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
        "curve": curve_as_data(report.curve),
    }
