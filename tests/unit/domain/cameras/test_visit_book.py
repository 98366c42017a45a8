"""From who is in view to visits."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.unit.domain.cameras.people import LIKENESS, face_at, reading, vote, when

from facegate.domain.cameras.people_in_view import PeopleInView
from facegate.domain.cameras.visit_book import VisitBook
from facegate.domain.cameras.visits import VisitChange, VisitChangeKind, VisitShot
from facegate.domain.images import Frame
from facegate.domain.matching import Band

BEGAN, NAMED, ENDED = VisitChangeKind.BEGAN, VisitChangeKind.NAMED, VisitChangeKind.ENDED
PIXELS = np.zeros((8, 8, 3), np.uint8)


@dataclass
class Gate:
    """A camera with leave-after 5 s, looked at five times a second.

    Who is there is (face, place, whom the search says): `ann=ann` looks like Ann and is found as Ann.
    """

    known: frozenset[str] = frozenset({"ann", "bob"})
    at_s: float = 0.0
    view: PeopleInView = field(default_factory=lambda: PeopleInView(LIKENESS, 3))
    book: VisitBook = field(default_factory=lambda: VisitBook("gate", 5.0, LIKENESS.join_from))
    is_live: bool | None = None

    def look(self, *there: tuple[str, float], shows: bool = False) -> list[VisitChange]:
        self.at_s = round(self.at_s + 0.2, 1)
        boxes = [face_at(x) for _, x in there]
        seen = self.view.see(boxes, when(self.at_s), self.at_s)
        readings = [
            reading(
                face,
                box,
                vote(face if face in self.known else None, self.at_s, is_live=self.is_live),
                int(self.at_s * 10),
            )
            for (face, _), box in zip(there, boxes, strict=True)
        ]
        seen = self.view.read(seen, readings, when(self.at_s), self.at_s)
        for person, box in zip(seen, boxes, strict=True):
            if shows and self.book.shot_score(person) < 0.5:
                person.shot = VisitShot(Frame.of(PIXELS.copy()), box, 0.5, when(self.at_s))
                person.shot_score = 0.5
        return self.book.update(seen, when(self.at_s), self.at_s)

    def looks(self, count: int, *there: tuple[str, float], shows: bool = False) -> list[VisitChange]:
        return [change for _ in range(count) for change in self.look(*there, shows=shows)]


def kinds(changes: list[VisitChange]) -> list[tuple[VisitChangeKind, str | None]]:
    return [(change.kind, change.visit.subject_id) for change in changes]


def test_somebody_comes_stays_and_goes() -> None:
    gate = Gate()
    (began,) = gate.looks(20, ("ann", 100))
    assert (began.kind, began.visit.subject_id, began.visit.band) == (BEGAN, "ann", Band.MATCH)
    assert began.visit.began_at == when(0.2)
    assert (began.visit.confidence, began.visit.similarity) == (0.9, 0.7)
    assert gate.looks(23) == []
    (ended,) = gate.looks(3)
    assert ended.kind is ENDED
    assert ended.visit.visit_id == began.visit.visit_id
    assert ended.visit.ended_at == ended.visit.last_seen_at == when(4.0)
    assert gate.book.visits == ()


def test_a_stranger_is_told_after_a_second() -> None:
    gate = Gate()
    assert gate.looks(5, ("eve", 100)) == []
    (began,) = gate.looks(2, ("eve", 100))
    assert (began.kind, began.visit.subject_id, began.visit.band) == (BEGAN, None, Band.UNKNOWN)


def test_a_track_that_breaks_goes_on_as_the_same_visit() -> None:
    gate = Gate()
    began = gate.looks(10, ("ann", 100), ("eve", 400))
    assert len(began) == 2
    assert gate.looks(12) == []
    assert gate.looks(10, ("ann", 800), ("eve", 1200)) == []
    assert len(gate.book.visits) == 2


def test_two_at_once_are_two_visits_and_several_strangers_as_many() -> None:
    gate = Gate()
    changes = gate.looks(10, ("ann", 100), ("bob", 300), ("eve", 500), ("mallory", 700), ("oscar", 900))
    assert sorted(kinds(changes), key=str) == sorted(
        [(BEGAN, "ann"), (BEGAN, "bob"), (BEGAN, None), (BEGAN, None), (BEGAN, None)], key=str
    )


def test_two_strangers_in_view_together_are_two_however_alike() -> None:
    gate = Gate()
    assert kinds(gate.looks(10, ("twin", 100), ("twin", 400))) == [(BEGAN, None)] * 2


def test_one_person_in_two_tracks_is_one_visit() -> None:
    gate = Gate()
    assert kinds(gate.looks(10, ("ann", 100), ("ann", 400))) == [(BEGAN, "ann")]


def test_a_stranger_who_turns_out_to_be_somebody_is_named_once() -> None:
    gate = Gate(known=frozenset())
    (began,) = gate.looks(10, ("ann", 100))
    gate.known = frozenset({"ann"})
    (named,) = gate.looks(10, ("ann", 100))
    assert (named.kind, named.visit.subject_id) == (NAMED, "ann")
    assert named.visit.visit_id == began.visit.visit_id


def test_a_stranger_of_a_broken_track_who_is_named_after_it_is_the_same_visit() -> None:
    gate = Gate(known=frozenset())
    (began,) = gate.looks(10, ("ann", 100))
    gate.looks(12)
    gate.known = frozenset({"ann"})
    (named,) = gate.looks(6, ("ann", 900))
    assert (named.kind, named.visit.visit_id) == (NAMED, began.visit.visit_id)


def test_a_known_person_whom_the_search_does_not_find_again_goes_on_being_the_same_visit() -> None:
    gate = Gate()
    gate.looks(10, ("ann", 100))
    gate.looks(12)
    gate.known = frozenset()
    assert gate.looks(10, ("ann", 900)) == []
    (visit,) = gate.book.visits
    assert visit.subject_id == "ann"
    assert visit.last_seen_at == when(gate.at_s)


def test_a_stranger_who_is_somebody_whose_visit_goes_on_ends_as_one() -> None:
    gate = Gate()
    gate.looks(10, ("ann", 100))
    gate.known = frozenset({"bob"})
    gate.looks(10, ("ann", 100), ("disguise", 500))
    assert len(gate.book.visits) == 2
    gate.known = frozenset({"ann"})
    person = next(one for one in gate.view.people if one.track.box.left_px > 300)
    for step in range(3):
        person.votes.add(vote("ann", gate.at_s + step))
    assert kinds(gate.look(("ann", 100), ("disguise", 500))) == [(ENDED, None)]
    assert [visit.subject_id for visit in gate.book.visits] == ["ann"]


def test_somebody_in_doubt_holds_the_visit_open_but_not_for_ever() -> None:
    gate = Gate()
    gate.looks(10, ("ann", 100))
    (person,) = gate.view.people
    person.track.is_doubtful = True
    (visit,) = gate.book.visits
    for step in range(1, 40):
        at_s = gate.at_s + step * 0.2
        assert gate.book.update([person], when(at_s), at_s) == []
        assert gate.book.visits == (visit,)
    ended = gate.book.update([person], when(gate.at_s + 10.1), gate.at_s + 10.1)
    assert kinds(ended) == [(ENDED, "ann")]


def test_pictures_of_people_are_not_the_people() -> None:
    gate = Gate()
    gate.looks(10, ("ann", 100))
    gate.looks(10)
    gate.is_live = False
    (fake,) = gate.looks(10, ("ann", 900))
    assert (fake.kind, fake.visit.subject_id, fake.visit.is_live) == (BEGAN, None, False)


def test_the_visit_of_who_is_deleted_ends_as_nobodys() -> None:
    gate = Gate()
    began = gate.looks(10, ("ann", 100), ("bob", 400), shows=True)
    gate.book.forget_subject("ann")
    assert [visit.subject_id for visit in gate.book.visits] == ["bob"]
    changes = gate.looks(40)
    assert kinds(changes) == [(ENDED, None), (ENDED, "bob")]
    visit = changes[0].visit
    assert visit.visit_id in {change.visit.visit_id for change in began if change.visit.subject_id == "ann"}
    assert (visit.band, visit.candidates, visit.shot) == (Band.UNKNOWN, (), None)
    assert visit.ended_at == visit.last_seen_at
    assert gate.book.end_all() == []


def test_the_visit_of_who_is_deleted_ends_also_where_nobody_looks_any_more() -> None:
    gate = Gate()
    gate.looks(10, ("ann", 100))
    gate.book.forget_subject("ann")
    assert kinds(gate.book.pass_time(gate.at_s)) == [(ENDED, None)]
    gate.looks(10, ("ann", 100))
    gate.book.forget_subject("ann")
    assert kinds(gate.book.end_all()) == [(ENDED, None)]


def test_it_says_whose_names_are_about_to_be_told() -> None:
    gate = Gate()
    gate.looks(10, ("ann", 100))
    (person,) = gate.view.people
    assert gate.book.subjects_to_tell([person], gate.at_s) == {"ann"}
    assert gate.book.subjects_to_tell([], gate.at_s) == set()
    assert gate.book.subjects_to_tell([], gate.at_s + 5) == {"ann"}


def test_time_in_which_nobody_could_look_ends_no_visit() -> None:
    gate = Gate()
    gate.looks(10, ("ann", 100))
    gate.book.postpone(60.0)
    assert gate.book.pass_time(gate.at_s + 61) == []
    assert kinds(gate.book.pass_time(gate.at_s + 65.1)) == [(ENDED, "ann")]


def test_everything_ends_with_the_watching() -> None:
    gate = Gate()
    gate.looks(10, ("ann", 100), ("eve", 400))
    assert {change.kind for change in gate.book.end_all()} == {ENDED}
    assert gate.book.end_all() == []


def test_the_visit_keeps_the_better_picture() -> None:
    gate = Gate()
    (began,) = gate.looks(10, ("ann", 100), shows=True)
    assert began.visit.shot is not None
    (person,) = gate.view.people
    better = VisitShot(Frame.of(PIXELS), face_at(100), 0.9, when(3.0))
    person.shot, person.shot_score = better, 0.9
    gate.look(("ann", 100))
    assert gate.book.visits[0].shot is better
    person.shot, person.shot_score = began.visit.shot, 0.4
    gate.look(("ann", 100))
    assert gate.book.visits[0].shot is better


@pytest.mark.parametrize("count", [40, 230])
def test_visits_and_pictures_are_bounded(count: int) -> None:
    gate = Gate()
    changes = []
    for number in range(0, count, 10):
        there = [(f"passer-{n}", 100 + 200.0 * (n - number)) for n in range(number, number + 10)]
        changes += gate.looks(7, *there, shows=True)
        gate.at_s -= 1.2  # so fast that nobody's visit ends
    began = {change.visit.visit_id for change in changes if change.kind is BEGAN}
    ended = [change.visit.visit_id for change in changes if change.kind is ENDED]
    assert len(began) >= 0.9 * count
    assert len(gate.book.visits) == len(began) - len(ended) <= 200
    assert len(ended) == len(set(ended))
    frames = {id(visit.shot.frame) for visit in gate.book.visits if visit.shot is not None}
    assert len(frames) <= 12
