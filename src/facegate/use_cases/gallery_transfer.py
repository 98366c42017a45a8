"""The whole gallery out to one file and back."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from facegate.domain.errors import SubjectNotFound
from facegate.domain.gallery import Enrolment, NewTemplate
from facegate.ports.gallery_archive import ArchivedSubject, ArchivedTemplate, GalleryArchive
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.subject_groups import SubjectGroupStore
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.saved_calibrations import keep_curves, kept_curves
from facegate.use_cases.subject_groups import parse_group_name

_PAGE_SIZE = 500


class ExportGallery:
    """Writes every subject with all templates of every model, kept cutouts, groups and measured curves."""

    def __init__(
        self, store: GalleryStore, model_ids: Iterable[str] = (), groups: SubjectGroupStore | None = None
    ) -> None:
        """`model_ids` are models whose curves are wanted beside those that have templates."""
        self._store = store
        self._groups = groups
        self._model_ids = tuple(model_ids)

    def subject_count(self) -> int:
        """How many subjects there are, for the progress bar."""
        return self._store.counts().subject_count

    def __call__(self, archive: GalleryArchive, on_progress: Callable[[int], None] | None = None) -> int:
        """Writes the archive; the number of subjects in it."""
        model_ids = {*self._model_ids, *self._store.counts().templates_by_model}
        return archive.write(
            self._subjects(), on_progress, calibrations=kept_curves(self._store, sorted(model_ids))
        )

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
                groups = None if self._groups is None else self._groups.groups_of(subject.subject_id)
                yield ArchivedSubject(subject, templates, groups)
            after = page[-1].subject_id


class RestoreGallery:
    """Reads a checked archive into the gallery: all of it or nothing."""

    def __init__(
        self, gallery: Gallery, store: GalleryStore, groups: SubjectGroupStore | None = None
    ) -> None:
        self._gallery = gallery
        self._store = store
        self._groups = groups

    def __call__(self, archive: GalleryArchive, *, replace: bool) -> int:
        """Adds the archive's subjects, or with `replace` makes the gallery equal to it; the count.

        Templates that are in the gallery already (same id) are kept as they are. Calibrations of the
        archive replace those that were measured here, and are used from the next start on. Without `replace`
        groups are added to those that persons are in; an archive that knows of none changes none.

        Raises:
            InvalidInput: the archive is damaged, not ours or too new; nothing was changed.
        """
        with archive.open() as subjects:
            enrolments: list[Enrolment] = []
            groups: dict[str, frozenset[str]] = {}
            for archived in subjects:
                enrolments += _enrolments_of(archived)
                if archived.groups is not None:
                    groups[archived.subject.subject_id] = frozenset(map(parse_group_name, archived.groups))
        curves = archive.calibrations()
        count = self._gallery.restore(enrolments, replace=replace)
        keep_curves(self._store, curves)
        self._put_into_groups(groups, replace=replace)
        return count

    def _put_into_groups(self, groups: Mapping[str, frozenset[str]], *, replace: bool) -> None:
        if self._groups is None:
            return
        for subject_id, names in groups.items():
            known = self._groups.groups_of(subject_id)
            wanted = names if replace else known | names
            if wanted != known:
                # Somebody may be removed as soon as they are restored.
                with contextlib.suppress(SubjectNotFound):
                    self._groups.set_groups(subject_id, wanted)


def _enrolments_of(archived: ArchivedSubject) -> Iterator[Enrolment]:
    """One enrolment per moment of time, so that every template keeps its own date."""
    subject = archived.subject
    by_time: dict[object, list[ArchivedTemplate]] = {}
    for template in archived.templates:
        by_time.setdefault(template.stored.created_at, []).append(template)
    yield Enrolment(
        subject.subject_id,
        (),
        enrolled_at=subject.created_at,
        display_name=subject.display_name,
        enrolment_number=subject.enrolment_number,
    )
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
