"""The one seam between the commands and a gallery: in this process, or behind a server's /v1.

Both sides give the answers of /v1, so that `--json` prints the same wherever the gallery is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from facegate.commands.output.file_reports import FileLine
from facegate.domain.access import Door
from facegate.frontends.rest_v1 import admin_answers, answers
from facegate.ports.photo_source import PhotoSource
from facegate.use_cases.enrol_photos import Photo

OnProgress = Callable[[int], None]
"""Is told how many are done."""


@dataclass(frozen=True, slots=True)
class EnrolmentChoice:
    """What the operator chose for these photos; None leaves the quality to the setting."""

    display_name: str | None = None
    min_quality: float | None = None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be made. No doors means every door."""

    name: str
    doors: Sequence[Door] = ()
    expires_in_days: float | None = None


class EnrolmentStopped(Exception):
    """Enrolling many ended early; `lines` tell of the files before, of which the accepted ones are stored."""

    def __init__(self, lines: Sequence[FileLine], cause: Exception) -> None:
        super().__init__("enrolling many ended early")
        self.lines = tuple(lines)
        self.cause = cause


class GalleryAccess(Protocol):
    """Every method raises the errors of `facegate.domain.errors`, the same ones on both sides."""

    def enrol(self, subject_id: str, photo: Photo, choice: EnrolmentChoice) -> answers.EnrolAnswer:
        """Makes a template of one photo; a photo that cannot be used raises its own error."""
        ...

    def enrol_source(
        self, source: PhotoSource, choice: EnrolmentChoice, on_progress: OnProgress
    ) -> list[FileLine]:
        """Enrols many people; one line per photo in the source's order.

        Raises:
            EnrolmentStopped: a server's answer ended it; what was enrolled before stays.
        """
        ...

    def identify(self, photo: Photo, *, max_candidates: int, check_liveness: bool) -> answers.IdentifyAnswer:
        """Names the faces."""
        ...

    def verify(self, subject_id: str, photo: Photo, *, check_liveness: bool) -> answers.VerifyAnswer:
        """Holds the faces against the claim."""
        ...

    def list_subjects(self, containing: str | None) -> Iterator[answers.SubjectAnswer]:
        """All persons in order of id; `containing` looks in id and name."""
        ...

    def show_subject(self, subject_id: str) -> answers.SubjectDetails:
        """A person with templates."""
        ...

    def rename_subject(self, subject_id: str, display_name: str) -> answers.SubjectAnswer:
        """Gives the person another display name."""
        ...

    def remove_subject(self, subject_id: str) -> None:
        """Removes the person with everything that belongs to them."""
        ...

    def remove_template(self, template_id: str) -> None:
        """Removes one template."""
        ...

    def import_encodings(self, path: Path, on_progress: OnProgress) -> admin_answers.ImportEncodingsAnswer:
        """Takes over a file of face_recognition's encodings."""
        ...

    def export_gallery(self, path: Path, on_progress: OnProgress) -> None:
        """Writes the whole gallery to the file; nothing is left there when it fails."""
        ...

    def restore_gallery(self, path: Path, *, replace: bool) -> int:
        """Reads an exported gallery; the number of people in it."""
        ...

    def counts(self) -> admin_answers.StatusAnswer:
        """How much there is."""
        ...

    def list_tokens(self) -> list[admin_answers.TokenAnswer]:
        """All tokens without their secrets."""
        ...

    def create_token(self, wanted: NewToken) -> admin_answers.NewTokenAnswer:
        """Makes a token; the secret is in this answer alone."""
        ...

    def revoke_token(self, token_id: str) -> None:
        """Ends a token at once."""
        ...

    def close(self) -> None:
        """Lets go of the gallery."""
        ...
