"""`facegate import`, `export` and `restore`: many people in, the whole gallery out and back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands.galleries.connection import Where, gallery_command
from facegate.commands.output.file_reports import (
    FileLine,
    as_data,
    check_report_path,
    passed_over_sentence,
    show_lines,
    write_report,
)
from facegate.commands.output.outcomes import CommandRefused
from facegate.commands.output.terminal import counted, counting_bar, note, print_json, say
from facegate.commands.output.whole_files import check_output_path

if TYPE_CHECKING:
    from facegate.frontends.rest_v1.admin_answers import ImportEncodingsAnswer

PhotoSourcePath = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER|ARCHIVE",
        help="One sub-folder of photos per person, named by the person's id; a folder, zip or tar.",
    ),
]
EncodingsPath = Annotated[
    Path, typer.Argument(metavar="FILE", help="Encodings of face_recognition: .npz, .json or .csv.")
]
ArchivePath = Annotated[
    Path, typer.Argument(metavar="FILE", help="The gallery's file, such as gallery.facegate.")
]
MinQuality = Annotated[
    float | None,
    typer.Option("--min-quality", min=0.0, max=1.0, help="Least face quality, instead of the setting."),
]
Report = Annotated[
    Path | None, typer.Option("--report", metavar="FILE.csv|json", help="Write what became of each file.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Make the gallery equal to the file: everybody else is removed.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

import_app = typer.Typer(no_args_is_help=True, help="Many people at once: photos, or encodings.")


@import_app.command("photos")
@gallery_command
def import_photos(
    where: Where,
    source: PhotoSourcePath,
    min_quality: MinQuality = None,
    report: Report = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Enrol many people from a folder or archive laid out as `person/photo.jpg`."""
    from facegate.commands.galleries.gallery_access import EnrolmentChoice, EnrolmentStopped
    from facegate.commands.galleries.opening import open_gallery
    from facegate.composition.gallery_files import open_photos

    check_report_path(report, source=source, is_forced=force)
    photos = open_photos(source)
    photo_count = photos.photo_count()
    choice = EnrolmentChoice(min_quality=min_quality)
    failure: Exception | None = None
    with open_gallery(where) as gallery, counting_bar("enrolling", photo_count) as on_progress:
        try:
            lines: Sequence[FileLine] = gallery.enrol_source(photos, choice, on_progress)
        except EnrolmentStopped as stopped:
            lines, failure = stopped.lines, stopped.cause
    _tell_enrolled(lines, photos.passed_over_count(), report, as_json=as_json)
    if failure is not None:
        note(f"The import ended after {counted(len(lines), 'file')} of {photo_count:,}: run it again.")
        raise failure
    if not all(line.is_accepted for line in lines):
        raise typer.Exit(1)


def _tell_enrolled(
    lines: Sequence[FileLine], passed_over_count: int, report: Path | None, *, as_json: bool
) -> None:
    if report is not None:
        write_report(lines, report, passed_over_count=passed_over_count)
    accepted = [line for line in lines if line.is_accepted]
    if as_json:
        print_json({"files": [as_data(line) for line in lines], "passed_over_count": passed_over_count})
    else:
        show_lines(lines)
        people_count = len({line.subject_id for line in accepted})
        rejected_count = len(lines) - len(accepted)
        photos_text, people = counted(len(accepted), "photo"), counted(people_count, "person", "people")
        say(f"{photos_text} of {people} enrolled, {rejected_count} rejected")
        if passed_over_count:
            note(f"{passed_over_sentence(passed_over_count)}.")


@import_app.command("encodings")
@gallery_command
def import_encodings(
    where: Where, path: EncodingsPath, report: Report = None, force: Force = False, as_json: AsJson = False
) -> None:
    """Take over encodings that `face_recognition` made; they serve the nets `dlib` and `dlib-int8`."""
    from facegate.commands.galleries.opening import open_gallery

    check_report_path(report, source=path, is_forced=force)
    _check_file(path)
    with open_gallery(where, with_nets=False) as gallery, counting_bar("importing", None) as on_progress:
        answer = gallery.import_encodings(path, on_progress)
    rejected = [FileLine("", row.label, None, row.kind.value, row.message) for row in answer.rejected]
    if report is not None:
        write_report(rejected, report)
    if as_json:
        print_json(answer.model_dump(mode="json"))
    else:
        _show_import(answer, rejected)
    if rejected or not answer.imported_count:
        raise typer.Exit(1)


def _show_import(answer: "ImportEncodingsAnswer", rejected: list[FileLine]) -> None:
    show_lines(rejected)
    encodings, people = (
        counted(answer.imported_count, "encoding"),
        counted(answer.subject_count, "person", "people"),
    )
    say(f"{encodings} of {people} imported, {len(rejected)} rejected")
    if not answer.is_searched:
        note(
            "They wait unused: the server's net is another one. Start it with FACEGATE_ENGINE__EMBEDDER=dlib "
            "to search them."
        )


@gallery_command
def export(where: Where, path: ArchivePath, force: Force = False) -> None:
    """Write the whole gallery to one file. It holds biometric data: keep it as you keep passwords."""
    from facegate.commands.galleries.opening import open_gallery

    check_output_path(path, is_forced=force)
    with open_gallery(where, with_nets=False) as gallery:
        counts = gallery.counts()
        with counting_bar("exporting", counts.subject_count) as on_progress:
            gallery.export_gallery(path, on_progress)
    megabytes = path.stat().st_size / 1e6
    people = counted(counts.subject_count, "person", "people")
    say(f"{people}, {counted(counts.template_count, 'template')}: {path} ({megabytes:.1f} MB)")


@gallery_command
def restore(where: Where, path: ArchivePath, replace: Replace = False, yes: Yes = False) -> None:
    """Read an exported gallery: all of it or nothing. Without --replace it is added to what is there."""
    from facegate.commands.galleries.opening import open_gallery
    from facegate.commands.output.questions import ask

    _check_file(path)
    if replace:
        ask("Remove everybody who is not in this file?", is_agreed=yes)
    with open_gallery(where, with_nets=False) as gallery:
        count = gallery.restore_gallery(path, replace=replace)
        counts = gallery.counts()
    say(f"{counted(count, 'person', 'people')} restored")
    unused_count = counts.template_count - counts.templates_by_model.get(counts.model_id, 0)
    if unused_count:
        others = ", ".join(sorted(set(counts.templates_by_model) - {counts.model_id}))
        note(
            f"{counted(unused_count, 'template')} in the gallery {'is' if unused_count == 1 else 'are'} not "
            f"searched: made with another net ({others}) than the one in use ({counts.model_id})."
        )


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise CommandRefused(f"There is no file {path}.")
