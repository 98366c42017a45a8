"""Who is looked at closely."""

import numpy as np
from numpy.typing import NDArray
from tests.unit.domain.cameras.people import LIKENESS, face_at, reading, vote, when

from facegate.domain.cameras.face_turns import MAX_FACES_PER_LOOK, choose_faces, expected_quality
from facegate.domain.cameras.people_in_view import PeopleInView, PersonInView
from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import DetectedFace

Points = NDArray[np.float32]

FRONTAL = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.62], [0.34, 0.84], [0.66, 0.84]], np.float32)
PROFILE = np.array([[0.3, 0.4], [0.36, 0.4], [0.62, 0.62], [0.32, 0.84], [0.4, 0.84]], np.float32)


def detected(box: PixelBox, shape: Points = FRONTAL, confidence: float = 0.9) -> DetectedFace:
    points = (shape * box.width_px + np.array([box.left_px, box.top_px])).astype(np.float32)
    return DetectedFace(box, FaceLandmarks(points), confidence)


class Crowd:
    """People side by side, looked at five times a second."""

    def __init__(self, count: int, size_px: float = 120) -> None:
        self.boxes = [face_at(200 * n + 100, size_px=size_px) for n in range(count)]
        self.faces = [detected(box) for box in self.boxes]
        self.view = PeopleInView(LIKENESS, 3)
        self.at_s = 0.0

    def look(self, name: str | None = "person") -> list[int]:
        seen = self.view.see(self.boxes, when(self.at_s), self.at_s)
        chosen = choose_faces(seen, self.faces, self.at_s)
        readings = [
            reading(f"{n}", box, vote(f"{name}{n}" if name else None, self.at_s), int(self.at_s * 10))
            if n in chosen
            else None
            for n, box in enumerate(self.boxes)
        ]
        for n in chosen:
            seen[n].read_s = self.at_s
        self.people: list[PersonInView] = self.view.read(seen, readings, when(self.at_s), self.at_s)
        self.at_s += 0.2
        return chosen


def test_a_plain_face_is_expected_to_be_good_and_a_profile_or_tiny_one_poor() -> None:
    plain = expected_quality(detected(face_at(100, size_px=120)))
    assert plain > 0.9
    assert expected_quality(detected(face_at(100, size_px=120), PROFILE)) < 0.1 * plain
    assert expected_quality(detected(face_at(100, size_px=30))) < 0.1 * plain
    assert expected_quality(detected(face_at(100, size_px=120), confidence=0.4)) < 0.5 * plain


def test_everybody_gets_their_turn_however_many_there_are() -> None:
    crowd = Crowd(12)
    for _ in range(9):
        assert len(crowd.look()) == MAX_FACES_PER_LOOK
    assert all(person.verdict is not None for person in crowd.people)


def test_who_has_a_name_is_looked_at_seldom() -> None:
    crowd = Crowd(1)
    looks = [bool(crowd.look()) for _ in range(103)]
    assert looks[:3] == [True] * 3
    assert 3 <= sum(looks[3:]) <= 6


def test_a_stranger_is_looked_at_now_and_then() -> None:
    crowd = Crowd(1)
    looks = [bool(crowd.look(None)) for _ in range(106)]
    assert all(looks[:6])
    assert 6 <= sum(looks[6:]) <= 11


def test_who_stays_undecided_is_looked_at_once_a_second() -> None:
    crowd = Crowd(1)
    looks = [bool(crowd.look("ab"[step % 2] if step % 3 else None)) for step in range(13)]
    person = crowd.people[0]
    person.votes._verdict = None
    assert all(looks[:12])
    assert sum(looks[12:]) <= 1


def test_a_much_better_face_is_looked_at_before_its_time() -> None:
    crowd = Crowd(1, size_px=45)
    for _ in range(3):
        crowd.look()
    person = crowd.people[0]
    person.best_quality = expected_quality(crowd.faces[0])
    for _ in range(5):
        assert not crowd.look()
    assert choose_faces([person], [detected(face_at(100, size_px=120))], crowd.at_s) == [0]


def test_faces_that_can_say_nothing_are_left_alone() -> None:
    crowd = Crowd(1, size_px=20)
    assert crowd.look() == []


def test_who_is_in_doubt_comes_before_who_is_only_looked_at_again() -> None:
    crowd = Crowd(2)
    for _ in range(3):
        crowd.look()
    crowd.people[1].track.is_doubtful = True
    crowd.at_s += 60
    first = choose_faces(crowd.people, crowd.faces, crowd.at_s, limit=1)
    assert first == [1]
