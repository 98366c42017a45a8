"""The whole gallery out to one file and back."""

from collections.abc import Callable, Iterator

from facegate.domain.gallery import Enrolment, NewTemplate
from facegate.ports.gallery_archive import ArchivedSubject, ArchivedTemplate, GalleryArchive
from facegate.ports.gallery_store import GalleryStore
from facegate.use_cases.gallery import Gallery

_PAGE_SIZE = 500


class ExportGallery:
    """Writes every subject with all templates, of every model, and the kept cutouts."""

    def __init__(self, store: GalleryStore) -> None:
        self._store = store

    def subject_count(self) -> int:
        """How many subjects there are, for the progress bar."""
        return self._store.counts().subject_count

    def __call__(self, archive: GalleryArchive, on_progress: Callable[[int], None] | None = None) -> int:
        """Writes the archive; the number of subjects in it."""
        return archive.write(self._subjects(), on_progress)

    def _subjects(self) -> Iterator[ArchivedSubject]:
        after: str | None = None
        while page := self._store.list_subjects(after=after, limit=_PAGE_SIZE):
            for subject in page:
                templates = tuple(
                    ArchivedTemplate(
                        stored, self._store.cutout_of(stored.template_id) if stored.has_cutout else None
                    )
                    for stored in self._store.templates_of(subject.subject_id)
                )
                yield ArchivedSubject(subject, templates)
            after = page[-1].subject_id


class RestoreGallery:
    """Reads a checked archive into the gallery: all of it or nothing."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery

    def __call__(self, archive: GalleryArchive, *, replace: bool) -> int:
        """Adds the archive's subjects, or with `replace` makes the gallery equal to it; the count.

        Templates that are in the gallery already (same id) are kept as they are.

        Raises:
            InvalidInput: the archive is damaged, not ours or too new; nothing was changed.
        """
        with archive.open() as subjects:
            enrolments = [enrolment for subject in subjects for enrolment in _enrolments_of(subject)]
        return self._gallery.restore(enrolments, replace=replace)


def _enrolments_of(archived: ArchivedSubject) -> Iterator[Enrolment]:
    """One enrolment per moment of time, so that every template keeps its own date."""
    subject = archived.subject
    by_time: dict[object, list[ArchivedTemplate]] = {}
    for template in archived.templates:
        by_time.setdefault(template.stored.created_at, []).append(template)
    yield Enrolment(subject.subject_id, (), enrolled_at=subject.created_at, display_name=subject.display_name)
    for templates in by_time.values():
        yield Enrolment(
            subject.subject_id,
            tuple(_new_template(template) for template in templates),
            enrolled_at=templates[0].stored.created_at,
            display_name=subject.display_name,
        )


def _new_template(archived: ArchivedTemplate) -> NewTemplate:
    stored = archived.stored
    return NewTemplate(stored.template_id, stored.template, stored.source, stored.quality, archived.cutout)
