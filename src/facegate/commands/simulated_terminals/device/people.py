"""The people a terminal knows, each with credentials: photo, password, card, fingerprints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PASSWORD, CARD, PHOTO = 10, 11, 50
FINGERS = range(10)

_NAMES = ("Ana", "Bo", "Chloé", "Дмитрий", "Emeka", "فاطمة", "Gül", "李雷")


class Refusal(Exception):
    """The terminal does not do it; `message` is the text that newer firmware adds."""

    def __init__(self, reason: int = 1, message: str | None = None) -> None:
        super().__init__(message or f"reason {reason}")
        self.reason = reason
        self.message = message


@dataclass(slots=True)
class Person:
    """One person. `credentials` hold what came with `setuserinfo`; they are secrets."""

    enroll_id: int
    name: str = ""
    admin: int = 0
    is_enabled: bool = True
    credentials: dict[int, str | int] = field(default_factory=dict, repr=False)
    lock: dict[str, object] = field(default_factory=dict)
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `getuserlist`: a credential, not a person."""

    enroll_id: int
    admin: int
    backup_number: int


class People:
    """Whom the terminal knows, in the order of their numbers."""

    def __init__(self, people: Mapping[int, Person] | None = None) -> None:
        self._people = dict(people or {})

    def __iter__(self) -> Iterator[Person]:
        return iter([self._people[number] for number in sorted(self._people)])

    def __len__(self) -> int:
        return len(self._people)

    def find(self, enroll_id: int) -> Person | None:
        """The person, or None."""
        return self._people.get(enroll_id)

    def get(self, enroll_id: int) -> Person:
        """The person.

        Raises:
            Refusal: there is none.
        """
        person = self._people.get(enroll_id)
        if person is None:
            raise Refusal(1, "can not find the user")
        return person

    def get_or_add(self, enroll_id: int) -> Person:
        """The person, made when new."""
        return self._people.setdefault(enroll_id, Person(enroll_id))

    def rows(self) -> list[Row]:
        """One per credential."""
        return [
            Row(person.enroll_id, person.admin, number)
            for person in self
            for number in sorted(person.credentials)
        ]

    def count_of(self, *backup_numbers: int) -> int:
        """How many credentials of these kinds there are."""
        return sum(number in backup_numbers for person in self for number in person.credentials)

    def delete(self, enroll_id: int, backup_number: int, *, whole_person_number: int) -> None:
        """Removes a credential, or everything; a person without any credential is gone.

        Raises:
            Refusal: nobody has this number.
        """
        person = self.get(enroll_id)
        if backup_number == whole_person_number:
            doomed = set(person.credentials)
        elif backup_number == 13:
            doomed = {number for number in person.credentials if number in (PASSWORD, CARD)}
        elif backup_number == 12:
            doomed = set(FINGERS)
        else:
            doomed = {backup_number}
        for number in doomed:
            person.credentials.pop(number, None)
        if not person.credentials:
            del self._people[enroll_id]

    def clear(self) -> None:
        """Forgets everybody."""
        self._people.clear()


def sample_people(count: int, photos: Sequence[str]) -> People:
    """So many people with a photo each; the first is an administrator and has a password and a card too."""
    people: dict[int, Person] = {}
    for number in range(1, count + 1):
        name = _NAMES[(number - 1) % len(_NAMES)]
        person = Person(number, name if number <= len(_NAMES) else f"{name} {number}")
        person.credentials[PHOTO] = photos[(number - 1) % len(photos)]
        people[number] = person
    if count:
        people[1].admin = 1
        people[1].credentials.update({PASSWORD: 1234, CARD: 6_543_210})
    return People(people)
