"""`facegate enrol`: one person from a few photos. Many people at once is `import photos`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands.galleries.connection import Where, gallery_command
from facegate.commands.output.file_reports import FileLine, as_data, show_lines
from facegate.commands.output.terminal import counting_bar, print_json, say

if TYPE_CHECKING:
    from facegate.commands.galleries.gallery_access import EnrolmentChoice, GalleryAccess

SubjectId = Annotated[str, typer.Argument(metavar="ID", help="The person's id: text, such as alice or 42.")]
Photos = Annotated[list[Path], typer.Argument(metavar="PHOTO", help="Photos with one clear face each.")]
Name = Annotated[str | None, typer.Option("--name", help="A name for people to read.")]
MinQuality = Annotated[
    float | None,
    typer.Option("--min-quality", min=0.0, max=1.0, help="Least face quality, instead of the setting."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@gallery_command
def enrol(
    where: Where,
    subject_id: SubjectId,
    photos: Photos,
    name: Name = None,
    min_quality: MinQuality = None,
    as_json: AsJson = False,
) -> None:
    """Enrol a person from one or more photos; the person is created if unknown."""
    from facegate.commands.galleries.gallery_access import EnrolmentChoice
    from facegate.commands.galleries.opening import open_gallery
    from facegate.commands.photo_files import check_photo_paths

    check_photo_paths(photos)
    choice = EnrolmentChoice(name, min_quality)
    with open_gallery(where) as gallery:
        lines = _enrol_each(gallery, subject_id, photos, choice)
    accepted_count = sum(line.is_accepted for line in lines)
    if as_json:
        print_json({"subject_id": subject_id, "files": [as_data(line) for line in lines]})
    else:
        show_lines(lines)
        say(f"{subject_id}: {accepted_count} of {len(lines)} photos enrolled")
    if accepted_count < len(lines):
        raise typer.Exit(1)


def _enrol_each(
    gallery: "GalleryAccess", subject_id: str, paths: list[Path], choice: "EnrolmentChoice"
) -> list["FileLine"]:
    from facegate.commands.photo_files import read_photo
    from facegate.domain.errors import FaceRefused, InvalidInput
    from facegate.domain.subjects import parse_subject_id

    parse_subject_id(subject_id)
    lines: list[FileLine] = []
    with counting_bar("enrolling", len(paths)) as on_progress:
        for path in paths:
            try:
                answer = gallery.enrol(subject_id, read_photo(path), choice)
            except (InvalidInput, FaceRefused) as error:
                lines.append(FileLine(subject_id, str(path), None, error.kind.value, error.message))
            else:
                lines.append(FileLine(subject_id, str(path), answer.accepted[0].quality))
            on_progress(len(lines))
    return lines
