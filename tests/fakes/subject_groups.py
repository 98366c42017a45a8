"""Groups of persons in memory. The store passes the same contract suite as the real one."""

from collections import Counter
from collections.abc import Collection

from tests.fakes.gallery import InMemoryGalleryStore
from tests.fakes.terminal_people import Breakable, refuse_unstorable

from facegate.domain.errors import SubjectNotFound


class FakeSubjectGroups(Breakable):
    """Groups of those who are in the gallery; without one, of anybody."""

    def __init__(self, gallery: InMemoryGalleryStore | None = None) -> None:
        super().__init__()
        self._gallery = gallery
        self._groups: dict[str, frozenset[str]] = {}

    def groups_of(self, subject_id: str) -> frozenset[str]:
        self._check()
        return self._groups.get(subject_id, frozenset()) if self._is_there(subject_id) else frozenset()

    def set_groups(self, subject_id: str, groups: Collection[str]) -> None:
        self._check()
        refuse_unstorable(list(groups))
        if not self._is_there(subject_id):
            raise SubjectNotFound("nobody with this id is enrolled")
        self._groups[subject_id] = frozenset(groups)

    def list_groups(self) -> dict[str, int]:
        self._check()
        there = [names for subject_id, names in self._groups.items() if self._is_there(subject_id)]
        return dict(sorted(Counter(name for names in there for name in names).items()))

    def _is_there(self, subject_id: str) -> bool:
        return self._gallery is None or self._gallery.find_subject(subject_id) is not None
