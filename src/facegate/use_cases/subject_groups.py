"""Groups of persons, by which alerts are chosen."""

import unicodedata
from collections.abc import Sequence

from facegate.domain.errors import InvalidInput
from facegate.ports.subject_groups import SubjectGroupStore
from facegate.use_cases.gallery import Gallery

MAX_GROUP_CHARS = 64
MAX_GROUPS = 50


class SubjectGroups:
    """Who is in which groups. A group is there as long as somebody is in it."""

    def __init__(self, store: SubjectGroupStore, gallery: Gallery) -> None:
        self._store = store
        self._gallery = gallery

    def groups_of(self, subject_id: str) -> frozenset[str]:
        """Names of the person's groups.

        Raises:
            SubjectNotFound: nobody has this id.
            StoreFailed: they could not be read.
        """
        self._gallery.get_subject(subject_id)
        return self._store.groups_of(subject_id)

    def set_groups(self, subject_id: str, names: Sequence[str]) -> frozenset[str]:
        """Replaces the person's groups; they are then in these, each once.

        Raises:
            InvalidInput: a name that is none, or too many.
            SubjectNotFound: nobody has this id.
            StoreFailed: nothing was changed.
        """
        groups = frozenset(parse_group_name(name) for name in names)
        if len(groups) > MAX_GROUPS:
            raise InvalidInput(f"a person is in at most {MAX_GROUPS} groups", field="groups")
        self._store.set_groups(subject_id, groups)
        return groups

    def list_groups(self) -> dict[str, int]:
        """Every group and how many are in it.

        Raises:
            StoreFailed: they could not be read.
        """
        return self._store.list_groups()


def parse_group_name(text: str) -> str:
    """The name in its one spelling: trimmed, Unicode NFC, 1..64 printable characters.

    Raises:
        InvalidInput: it is none.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > MAX_GROUP_CHARS or not name.isprintable() or "\ufffd" in name:
        raise InvalidInput(
            f"the name of a group is 1 to {MAX_GROUP_CHARS} printable characters", field="groups"
        )
    return name
