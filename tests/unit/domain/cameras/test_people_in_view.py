"""Who is whom when faces cross, jump and come back."""

from tests.unit.domain.cameras.people import LIKENESS, face_at, reading, template_of, vote, when

from facegate.domain.cameras.people_in_view import FaceReading, PeopleInView, PersonInView
from facegate.domain.geometry import PixelBox


def in_view(lost_after_s: float = 1.5) -> PeopleInView:
    return PeopleInView(LIKENESS, 3, lost_after_s)


class Room:
    """People at places; each look reads every face, or those that are named in `read`."""

    def __init__(self) -> None:
        self.view = in_view()
        self.step = 0

    @property
    def at_s(self) -> float:
        return self.step * 0.2

    def look(self, *there: tuple[str, float], read: bool = True) -> list[PersonInView]:
        self.step += 1
        boxes = [face_at(x) for _, x in there]
        seen = self.view.see(boxes, when(self.at_s), self.at_s)
        readings = [
            self._reading(person, box) if read else None
            for (person, _), box in zip(there, boxes, strict=True)
        ]
        return self.view.read(seen, readings, when(self.at_s), self.at_s)

    def _reading(self, person: str, box: PixelBox) -> FaceReading:
        return reading(person, box, vote(person, self.at_s), self.step)


def name_of(person: PersonInView) -> str | None:
    return person.verdict.subject_id if person.verdict is not None else None


def test_three_faces_name_somebody() -> None:
    room = Room()
    for _ in range(3):
        (ann,) = room.look(("ann", 100))
    assert name_of(ann) == "ann"


def test_two_who_cross_do_not_take_each_others_names() -> None:
    room = Room()
    for step in range(26):
        shown = room.look(("ann", 100 + 20 * step), ("bob", 600 - 20 * step))
        assert name_of(shown[0]) in (None, "ann")
        assert name_of(shown[1]) in (None, "bob")
    assert [name_of(person) for person in shown] == ["ann", "bob"]


def test_two_who_change_places_between_two_looks_keep_their_names() -> None:
    room = Room()
    for _ in range(4):
        ann, bob = room.look(("ann", 100), ("bob", 170))
    for _ in range(3):
        shown = room.look(("bob", 100), ("ann", 170))
        assert name_of(shown[0]) in (None, "bob")
        assert name_of(shown[1]) in (None, "ann")
    assert shown == [bob, ann]


def test_somebody_who_takes_anothers_place_unseen_is_found_out_by_the_second_face() -> None:
    room = Room()
    for _ in range(4):
        (ann,) = room.look(("ann", 100))
    (person,) = room.look(("bob", 100))
    assert person is ann
    assert name_of(person) is None
    (person,) = room.look(("bob", 100))
    assert person is not ann
    assert ann.votes.verdict is not None
    assert ann.votes.verdict.subject_id == "ann"


def test_a_single_strange_face_does_not_take_the_name_for_long() -> None:
    room = Room()
    for _ in range(4):
        (ann,) = room.look(("ann", 100))
    (blurred,) = room.look(("smear", 100))
    assert name_of(blurred) is None
    (again,) = room.look(("ann", 100))
    assert again is ann
    assert name_of(again) == "ann"


def test_a_face_that_jumped_has_no_name_until_it_was_looked_at() -> None:
    room = Room()
    for _ in range(4):
        (ann,) = room.look(("ann", 100))
    (jumped,) = room.look(("ann", 190), read=False)
    assert jumped is ann
    assert name_of(jumped) is None
    (read,) = room.look(("ann", 190))
    assert read is ann
    assert name_of(read) == "ann"


def test_somebody_who_comes_back_elsewhere_soon_is_the_same() -> None:
    room = Room()
    for _ in range(4):
        (ann,) = room.look(("ann", 100))
    room.look()
    (back,) = room.look(("ann", 900))
    assert back is ann
    assert len(room.view.people) == 1


def test_after_long_they_are_somebody_new() -> None:
    room = Room()
    for _ in range(4):
        (ann,) = room.look(("ann", 100))
    for _ in range(9):
        room.look()
    assert room.view.people == ()
    assert room.look(("ann", 100)) != [ann]


def test_a_face_between_same_and_other_leaves_a_doubt_as_it_is() -> None:
    room = Room()
    for _ in range(4):
        (ann,) = room.look(("ann", 100))
    own = template_of("ann", 0).vector
    other = template_of("bob", 0).vector
    mixed = reading("ann", face_at(190), vote("ann", 1.0))
    vector = own / (own @ own) ** 0.5 * 0.4 + other / (other @ other) ** 0.5 * (1 - 0.16) ** 0.5
    mixed = FaceReading(mixed.box, 0.8, type(mixed.template)("model", vector), mixed.vote)
    seen = room.view.see([face_at(190)], when(1.0), 1.0)
    (person,) = room.view.read(seen, [mixed], when(1.0), 1.0)
    assert person is ann
    assert name_of(person) is None
    assert ann.votes.count == 4


def test_who_is_deleted_has_no_name() -> None:
    room = Room()
    for _ in range(4):
        (ann,) = room.look(("ann", 100))
    room.view.forget_subject("ann")
    assert name_of(ann) is None


def test_it_is_told_until_when_somebody_is_followed() -> None:
    room = Room()
    assert room.view.alive_until_s() == float("-inf")
    room.look(("ann", 100))
    assert room.view.alive_until_s() == 0.2 + 1.5


def test_crowds_that_are_others_each_time_leave_little_behind() -> None:
    room = Room()
    for step in range(20):
        room.look(*((f"{step}-{n}", 200 * n) for n in range(64)))
    assert len(room.view.people) <= 128 + 64
