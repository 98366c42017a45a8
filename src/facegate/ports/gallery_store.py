"""The durable gallery: subjects and their templates."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from facegate.domain.gallery import Enrolment, EnrolmentOutcome, GalleryCounts, NewTemplate
from facegate.domain.images import FaceCutout
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate


class GalleryStore(Protocol):
    """Every write is durable when the method returns, and is one transaction: all of it or nothing.

    Safe to call from several threads. Every method may raise StoreFailed. Deleting what is absent is
    not an error: the answer says that nothing was there.
    """

    def enrol(self, enrolment: Enrolment) -> EnrolmentOutcome:
        """Adds templates, creating the subject if unknown and dropping surplus ones by the domain's rule.

        An enrolment without templates creates or renames the subject only.
        """
        ...

    def find_subject(self, subject_id: str) -> Subject | None:
        """The subject, or None."""
        ...

    def list_subjects(
        self, *, after: str | None = None, limit: int | None = None, containing: str | None = None
    ) -> list[Subject]:
        """Subjects in order of id (code points), those after `after`; `containing` looks in id and name."""
        ...

    def rename_subject(self, subject_id: str, display_name: str) -> Subject | None:
        """The renamed subject, or None when there is none."""
        ...

    def remove_subject(self, subject_id: str) -> tuple[str, ...] | None:
        """Removes the subject with all that belongs to it; the removed template ids, or None if unknown."""
        ...

    def find_template(self, template_id: str) -> StoredTemplate | None:
        """The template, or None."""
        ...

    def templates_of(self, subject_id: str, *, model_id: str | None = None) -> list[StoredTemplate]:
        """The subject's templates, oldest first; an empty list for an unknown subject."""
        ...

    def remove_template(self, template_id: str) -> StoredTemplate | None:
        """The template that was removed, or None. The subject stays, even without templates."""
        ...

    def iterate_templates(self, model_id: str | None = None) -> Iterator[StoredTemplate]:
        """All templates (of one model), in batches from one consistent snapshot, ordered by template id."""
        ...

    def counts(self) -> GalleryCounts:
        """Subjects and templates, counted now."""
        ...

    def cutout_of(self, template_id: str) -> FaceCutout | None:
        """The kept piece of picture behind a template, or None."""
        ...

    def templates_to_reembed(self, model_id: str, limit: int) -> list[StoredTemplate]:
        """Templates of other models that have a cutout and no sister made from it by `model_id`."""
        ...

    def add_sister_template(self, template_id: str, sister: NewTemplate) -> StoredTemplate | None:
        """Stores what a newer model made of the same cutout; None when the template has gone meanwhile."""
        ...

    def change_number(self) -> int:
        """Grows with every change of templates; equal numbers mean an equal set of templates."""
        ...

    def save_report(self, kind: str, report_json: str) -> None:
        """Keeps the newest report of a kind (`nightly`, `calibration` ...)."""
        ...

    def load_report(self, kind: str) -> str | None:
        """The newest report of a kind, or None."""
        ...

    def restore(self, enrolments: Sequence[Enrolment], *, replace: bool) -> int:
        """Writes many enrolments in one transaction, first emptying the gallery if `replace`.

        A template whose id is there already is passed over. The number of distinct subjects written.
        """
        ...

    def close(self) -> None:
        """Flushes and releases the store; further calls raise StoreFailed."""
        ...
