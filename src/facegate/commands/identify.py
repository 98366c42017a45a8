"""`facegate identify` and `facegate verify`: who is in a photo, and is it this person."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegate.commands.galleries.connection import Where, gallery_command
from facegate.commands.output.outcomes import CommandRefused
from facegate.commands.output.terminal import cell, note, print_json, result_console, say, table
from facegate.commands.output.whole_files import check_output_path

if TYPE_CHECKING:
    from rich.text import Text

    from facegate.frontends.rest_v1 import answers

Photos = Annotated[list[Path], typer.Argument(metavar="PHOTO", help="Photos with any number of faces.")]
OnePhoto = Annotated[Path, typer.Argument(metavar="PHOTO", help="A photo.")]
SubjectId = Annotated[str, typer.Argument(metavar="ID", help="Whom the photo is said to show.")]
Draw = Annotated[
    Path | None,
    typer.Option("--draw", metavar="OUT.jpg", help="Write the (one) photo with boxes and names."),
]
Force = Annotated[bool, typer.Option("--force", help="Let --draw replace a file that is there.")]
Candidates = Annotated[
    int, typer.Option("--candidates", min=1, max=50, help="How many people to name per face.")
]
CheckLiveness = Annotated[
    bool, typer.Option("--liveness", help="Check that faces look live (needs FACEGATE_ENGINE__LIVENESS).")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON for scripts: one line per photo, as /v1 answers.")
]

_FIGURE_COLUMNS = ("band", "confidence", "similarity", "margin", "at")
_COLUMNS = ("who", *_FIGURE_COLUMNS)


@gallery_command
def identify(  # noqa: PLR0913 - each is an option of the command line
    where: Where,
    photos: Photos,
    draw: Draw = None,
    force: Force = False,
    candidates: Candidates = 1,
    liveness: CheckLiveness = False,
    as_json: AsJson = False,
) -> None:
    """Say who is in photos: match, review (a person should look) or unknown."""
    from facegate.commands.galleries.opening import open_gallery
    from facegate.commands.photo_files import check_photo_paths, read_photo
    from facegate.domain.errors import FaceRefused, InvalidInput

    check_photo_paths(photos)
    if draw is not None and len(photos) != 1:
        raise CommandRefused("--draw takes one photo at a time.")
    if draw is not None:
        check_output_path(draw, inputs=photos, is_forced=force)
    shown = _Shown(as_json=as_json, candidate_count=candidates, has_several_photos=len(photos) > 1)
    with open_gallery(where) as gallery:
        for path in photos:
            photo = read_photo(path)
            try:
                answer = gallery.identify(photo, max_candidates=candidates, check_liveness=liveness)
            except (InvalidInput, FaceRefused) as error:
                shown.refusal(path, error.kind.value, error.message)
                continue
            shown.answer(path, answer)
            if draw is not None:
                from facegate.commands.output.drawn_faces import draw_faces

                for line in draw_faces(photo.encoded, answer.faces, draw):
                    note(line)
    shown.finish()
    if shown.refused_count or not shown.match_count:
        raise typer.Exit(1)


class _Shown:
    """Prints what was found: JSON at once, the table at the end. Counts for the exit code."""

    def __init__(self, *, as_json: bool, candidate_count: int, has_several_photos: bool) -> None:
        self._as_json = as_json
        self._candidate_count = candidate_count
        self._has_several_photos = has_several_photos
        columns = ("photo", *_COLUMNS) if has_several_photos else _COLUMNS
        self._table = table(*columns, whole=_FIGURE_COLUMNS)
        self.match_count = 0
        self.refused_count = 0

    def refusal(self, path: Path, kind: str, message: str) -> None:

        self.refused_count += 1
        if self._as_json:
            print_json({"file": str(path), "error": {"kind": kind, "message": message}}, on_one_line=True)
        else:
            note(f"{path}: {message}")

    def answer(self, path: Path, answer: "answers.IdentifyAnswer") -> None:

        self.match_count += sum(face.match is not None for face in answer.faces)
        if self._as_json:
            print_json({"file": str(path), **answer.model_dump(mode="json")}, on_one_line=True)
            return
        if not answer.faces:
            note(f"{path}: no face was found")
        for face in answer.faces:
            self._add_rows(path, face)

    def _add_rows(self, path: Path, face: "answers.IdentifiedFace") -> None:
        verdict = _verdict(face)
        style = {"match": "green", "review": "yellow"}.get(verdict, "dim")
        shown = face.candidates[: self._candidate_count]
        figures = _figures(shown[0]) if shown else ("", "")
        margin = "" if face.margin is None else f"{face.margin:.3f}"
        who = cell(_who(face), style)
        self._add_row(path, who, cell(verdict, style), *figures, margin, _place(face.box))
        for candidate in shown[1:]:
            self._add_row(None, cell(f"  {candidate.subject_id}", "dim"), "", *_figures(candidate), "", "")

    def _add_row(self, path: Path | None, *cells: "Text | str") -> None:
        """One line; which photo is said only where there are several."""
        photo = [cell("" if path is None else str(path))] if self._has_several_photos else []
        self._table.add_row(*photo, *cells)

    def finish(self) -> None:

        if self._table.row_count:
            result_console().print(self._table)


@gallery_command
def verify(
    where: Where,
    subject_id: SubjectId,
    photo: OnePhoto,
    liveness: CheckLiveness = False,
    as_json: AsJson = False,
) -> None:
    """Check that a photo shows a certain person; the exit code is 0 for yes and 1 for no."""
    from facegate.commands.galleries.opening import open_gallery
    from facegate.commands.photo_files import check_photo_paths, read_photo

    check_photo_paths([photo])
    with open_gallery(where) as gallery:
        answer = gallery.verify(subject_id, read_photo(photo), check_liveness=liveness)
    if as_json:
        print_json({"file": str(photo), **answer.model_dump(mode="json")}, on_one_line=True)
    else:
        say(_verification_sentence(answer))
    if not answer.is_match:
        raise typer.Exit(1)


def _verification_sentence(answer: "answers.VerifyAnswer") -> str:
    word = "yes" if answer.is_match else "no"
    if not answer.faces:
        return f"{word}: no face was found"
    claimed = [face for face in answer.faces if face.is_claimed]
    face = (claimed or answer.faces)[0]
    check = face.verification
    if check is None:
        return f"{word}: {answer.subject_id} has no template of {answer.model_id}; enrol a photo"
    similarity = f"similarity {check.similarity:.3f}, needed {check.min_similarity:.3f}"
    figures = f"confidence {check.confidence:.2f}, {similarity}"
    if answer.is_match:
        return f"{word}: this is {answer.subject_id} ({figures})"
    if face.is_claimed:
        return f"{word}: this looks like {answer.subject_id}, but not live ({figures})"
    other = f", but {face.subject_id}" if face.subject_id is not None else ""
    return f"{word}: this is not {answer.subject_id}{other} ({figures})"


def _verdict(face: "answers.IdentifiedFace") -> str:
    """The band, or `spoof` where the liveness check failed."""
    if face.liveness is not None and not face.liveness.is_live:
        return "spoof"
    return face.band.value


def _who(face: "answers.IdentifiedFace") -> str:
    if face.match is not None:
        name, subject_id = face.match.display_name, face.match.subject_id
        return subject_id if name in ("", subject_id) else f"{subject_id} ({name})"
    if _verdict(face) == "review":
        return f"perhaps {face.candidates[0].subject_id}"
    return "unknown"


def _figures(candidate: "answers.Candidate") -> tuple[str, str]:
    return f"{candidate.confidence:.2f}", f"{candidate.similarity:.3f}"


def _place(box: "answers.Box") -> str:
    width, height = box.right_px - box.left_px, box.bottom_px - box.top_px
    return f"{box.left_px:.0f},{box.top_px:.0f} {width:.0f}x{height:.0f}"


def caption_of(face: "answers.IdentifiedFace") -> str:
    """Who a drawn box shows."""
    return f"{_who(face)} {face.candidates[0].confidence:.2f}" if face.candidates else _who(face)
