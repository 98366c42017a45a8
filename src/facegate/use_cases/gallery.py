"""The gallery in one piece: the durable store and the search index, kept in step.

The one place that writes a template and the one that deletes a person.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence

from facegate.domain.calibration import similarity_of
from facegate.domain.errors import InvalidInput, SubjectNotFound, TemplateNotFound
from facegate.domain.gallery import Enrolment, EnrolmentOutcome, GalleryCounts, NewTemplate
from facegate.domain.matching import Identification, MatchPolicy, Verification
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate, Template, Vector
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.template_index import TemplateIndex

Forget = Callable[[Collection[str]], None]
"""Deletes what is kept elsewhere about these subjects; may raise StoreFailed, may only read the gallery."""


class Gallery:
    """Subjects, templates and the search over them. Safe from several threads.

    Writes go to the store first and to the index after they are durable, both under one lock: without it
    an enrolment and a removal that cross would leave a ghost in the index. Reads take no lock.
    """

    def __init__(
        self, store: GalleryStore, index: TemplateIndex, policy: MatchPolicy, forget: Sequence[Forget] = ()
    ) -> None:
        """`forget` are the places outside the store that hold something about persons, such as evidence."""
        self._forget = tuple(forget)
        self._store = store
        self._index = index
        self._policy = policy
        self._write_lock = threading.Lock()
        self._removal_count = 0

    @property
    def policy(self) -> MatchPolicy:
        """The operator's choice of when two faces are one person."""
        return self._policy

    @property
    def model_id(self) -> str:
        """The model whose templates are searched."""
        return self._index.identity.model_id

    @property
    def removal_count(self) -> int:
        """Grows when persons are removed, before what is kept elsewhere is forgotten for the second time.

        Whoever was enrolled when it was this number still is.
        """
        return self._removal_count

    def load(self) -> int:
        """Fills the index from the store; the number of templates held."""
        with self._write_lock:
            self._index.replace_all(self._index_entries())
        return self._index.template_count()

    def _index_entries(self) -> Iterator[tuple[str, str, Vector]]:
        for stored in self._store.iterate_templates(self.model_id):
            yield stored.template_id, stored.subject_id, stored.template.vector

    def enrol(self, enrolment: Enrolment) -> EnrolmentOutcome:
        """Writes and indexes; durable and searchable on return.

        Raises:
            InvalidInput: a template has not the model's dimension; nothing was written.
        """
        self._check_dimensions(enrolment.templates)
        with self._write_lock:
            outcome = self._store.enrol(enrolment)
            self._index.remove(outcome.removed_template_ids)
            self._add_to_index(outcome.added)
        return outcome

    def add_sister_template(self, template_id: str, sister: NewTemplate) -> StoredTemplate | None:
        """What a newer model made of the same picture; None when the template has gone meanwhile."""
        self._check_dimensions([sister])
        with self._write_lock:
            stored = self._store.add_sister_template(template_id, sister)
            self._add_to_index([stored] if stored else [])
        return stored

    def _check_dimensions(self, templates: Sequence[NewTemplate]) -> None:
        """Before the store is written: what the index cannot hold must never become durable."""
        identity = self._index.identity
        for new in templates:
            size = new.template.vector.size
            if new.template.model_id == identity.model_id and size != identity.dimension:
                raise InvalidInput(
                    f"a template of {identity.model_id} has {identity.dimension} numbers, this one has {size}"
                )

    def _add_to_index(self, templates: Sequence[StoredTemplate]) -> None:
        self._index.add(
            (stored.template_id, stored.subject_id, stored.template.vector)
            for stored in templates
            if stored.template.model_id == self.model_id
        )

    def remove_subject(self, subject_id: str) -> None:
        """Removes the person and everything that belongs to them.

        What is kept elsewhere goes first: when that fails the person is still there, and removing them again
        tries again. Afterwards it is asked for once more, for what was written meanwhile.

        Raises:
            SubjectNotFound: nobody has this id.
            StoreFailed: not everything could be removed.
        """
        with self._write_lock:
            self._remove(subject_id)

    def remove_if_it_has_no_others(self, subject_id: str, template_ids: Collection[str]) -> bool:
        """Removes the person unless they have templates beyond these; False when they have, and stay.

        Raises:
            SubjectNotFound: nobody has this id.
            StoreFailed: not everything could be removed.
        """
        with self._write_lock:
            known = frozenset(template_ids)
            if any(stored.template_id not in known for stored in self._store.templates_of(subject_id)):
                return False
            self._remove(subject_id)
        return True

    def _remove(self, subject_id: str) -> None:
        self.get_subject(subject_id)
        self._forget_elsewhere([subject_id])
        self._index.remove(self._store.remove_subject(subject_id) or ())
        self._removal_count += 1
        self._forget_elsewhere([subject_id])

    def _forget_elsewhere(self, subject_ids: Collection[str]) -> None:
        for forget in self._forget:
            forget(subject_ids)

    def remove_template(self, template_id: str) -> StoredTemplate:
        """Removes one template; its subject stays.

        Raises:
            TemplateNotFound: no template has this id.
        """
        with self._write_lock:
            removed = self._store.remove_template(template_id)
            if removed is None:
                raise TemplateNotFound("no template has this id")
            self._index.remove([template_id])
        return removed

    def rename_subject(self, subject_id: str, display_name: str) -> Subject:
        """Gives the person another display name.

        Raises:
            SubjectNotFound: nobody has this id.
        """
        subject = self._store.rename_subject(subject_id, display_name)
        if subject is None:
            raise SubjectNotFound("nobody with this id is enrolled")
        return subject

    def restore(self, enrolments: Sequence[Enrolment], *, replace: bool) -> int:
        """Writes a whole gallery in one transaction and rebuilds the index; the number of subjects.

        What is kept elsewhere about persons who are gone then goes last: a restore that fails has taken
        nothing away.

        Raises:
            InvalidInput: a template has not the model's dimension; nothing was changed.
            StoreFailed: nothing was written; or the gallery is replaced, but not everything kept elsewhere
                about the persons who are gone could be deleted.
        """
        for enrolment in enrolments:
            self._check_dimensions(enrolment.templates)
        with self._write_lock:
            before = self._subject_ids() if replace and self._forget else set()
            count = self._store.restore(enrolments, replace=replace)
            self._removal_count += replace
            self._index.replace_all(self._index_entries())
            gone = before.difference(enrolment.subject_id for enrolment in enrolments)
            if gone:
                self._forget_elsewhere(gone)
        return count

    def _subject_ids(self) -> set[str]:
        return {subject.subject_id for subject in self._store.list_subjects()}

    def find_subject(self, subject_id: str) -> Subject | None:
        """The person, or None."""
        return self._store.find_subject(subject_id)

    def get_subject(self, subject_id: str) -> Subject:
        """The person.

        Raises:
            SubjectNotFound: nobody has this id.
        """
        subject = self._store.find_subject(subject_id)
        if subject is None:
            raise SubjectNotFound("nobody with this id is enrolled")
        return subject

    def list_subjects(
        self, *, after: str | None = None, limit: int | None = None, containing: str | None = None
    ) -> list[Subject]:
        """Persons in order of id."""
        return self._store.list_subjects(after=after, limit=limit, containing=containing)

    def templates_of(self, subject_id: str) -> list[StoredTemplate]:
        """The person's templates of every model, oldest first."""
        return self._store.templates_of(subject_id)

    def templates_in_use(self) -> Iterator[StoredTemplate]:
        """Everybody's templates of the model that is searched, in order of id; reads the whole gallery."""
        return self._store.iterate_templates(self.model_id)

    def known_template_id(self, subject_id: str, template: Template) -> str | None:
        """The person's template of the very same picture, or None."""
        for stored in self._store.templates_of(subject_id, model_id=template.model_id):
            if stored.template.is_of_same_picture(template):
                return stored.template_id
        return None

    def counts(self) -> GalleryCounts:
        """Subjects and templates, counted now."""
        return self._store.counts()

    def identify(self, template: Template, max_candidates: int = 5) -> Identification:
        """Who in the gallery is closest, judged by the policy."""
        candidates = self._index.search(template.vector, max(2, max_candidates))
        judged = self._policy.identify(candidates, self._index.template_count())
        return _with_candidates(judged, max_candidates)

    def verify(self, subject_id: str, template: Template) -> Verification | None:
        """How close the face is to this person's closest template; None when they have none.

        Raises:
            SubjectNotFound: nobody has this id.
        """
        # Asked of the index: at the presence door this runs on every frame, and must not cost a query each.
        closest = self._index.similarity_to(subject_id, template.vector)
        if closest is None:
            self.get_subject(subject_id)
            return None
        return self._policy.verify(closest)

    def indexed_template_count(self) -> int:
        """How many templates the index holds."""
        return self._index.template_count()

    def index_agrees_with_store(self) -> bool:
        """Whether index and store hold the same template ids; reads the whole gallery."""
        with self._write_lock:
            stored_ids = {stored.template_id for stored in self._store.iterate_templates(self.model_id)}
            return stored_ids == self._index.template_ids()

    def closest_others(self, stored: StoredTemplate, max_candidates: int = 2) -> Identification:
        """Other persons close to a template that is itself in the gallery."""
        found = self._index.search(stored.template.vector, max_candidates + 1)
        others = [candidate for candidate in found if candidate.subject_id != stored.subject_id]
        return self._policy.identify(others, self._index.template_count())

    def similarity_to_sisters(self, stored: StoredTemplate) -> float | None:
        """How close a template is to its own person's closest other one; None when there is no other."""
        sisters = self._store.templates_of(stored.subject_id, model_id=self.model_id)
        metric = self._index.identity.metric
        similarities = [
            similarity_of(sister.template.vector, stored.template.vector, metric)
            for sister in sisters
            if sister.template_id != stored.template_id
        ]
        return max(similarities, default=None)


def _with_candidates(identification: Identification, max_candidates: int) -> Identification:
    """The same verdict with no more candidates than were asked for."""
    return Identification(
        band=identification.band,
        candidates=identification.candidates[: max(1, max_candidates)],
        min_similarity=identification.min_similarity,
        margin=identification.margin,
        searched_template_count=identification.searched_template_count,
    )
