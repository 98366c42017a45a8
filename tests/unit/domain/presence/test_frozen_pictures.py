"""The same picture again: how long, how often, and that a live camera never gives it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.presence.staged import face, observed

from facegate.domain.presence.frozen_pictures import repetition_of
from facegate.domain.presence.observation import Observation


def clip(text: str) -> list[Observation]:
    """One frame a second; the same letter is the same picture."""
    return [observed(float(second), seed=ord(letter)) for second, letter in enumerate(text)]


def standing_still(last: Observation, past: Sequence[Observation]) -> tuple[int, float]:
    found = repetition_of(last, past)
    return found.same_count, found.held_s


def recurrences(last: Observation, past: Sequence[Observation]) -> int:
    return repetition_of(last, past).recurrences


def still(text: str) -> tuple[int, float]:
    *past, last = clip(text)
    return standing_still(last, past)


def again(text: str) -> int:
    *past, last = clip(text)
    return recurrences(last, past)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("A", (1, 0.0)), ("AB", (1, 0.0)), ("BAAA", (3, 2.0)), ("AAAB", (1, 0.0)), ("ABA", (1, 0.0))],
)
def test_how_long_a_picture_stays(text: str, expected: tuple[int, float]) -> None:
    assert still(text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A", 0),
        ("AAAA", 0),
        ("ABCDEF", 0),
        ("ABA", 1),
        ("AABBAA", 1),
        ("ABAB", 2),
        ("ABCABC", 3),
        ("ABCDEBDC", 3),
        ("ABABC", 0),
    ],
)
def test_how_often_pictures_come_again(text: str, count: int) -> None:
    assert again(text) == count


def test_labelled_anew_a_picture_is_the_same() -> None:
    """Such as another time stamp in the file: the pixels are those of before."""
    frames = [replace(frame, encoded_sha256=bytes([place])) for place, frame in enumerate(clip("AAABA"))]
    assert standing_still(frames[2], frames[:2]) == (3, 2.0)
    assert recurrences(frames[4], frames[:4]) == 1


def test_landmarks_that_move_by_little_are_another_picture() -> None:
    first, second = (observed(float(second), seed=1) for second in range(2))
    second = replace(second, encoded_sha256=b"other", faces=(face(x=320.01),))
    assert standing_still(second, [first]) == (1, 0.0)


def test_another_small_picture_is_another_picture() -> None:
    first, second = (observed(float(second), seed=1) for second in range(2))
    thumbnail = second.thumbnail.copy()
    thumbnail[0, 0] ^= 1
    second = replace(second, encoded_sha256=b"other", thumbnail=thumbnail)
    assert standing_still(second, [first]) == (1, 0.0)


def test_without_a_face_only_the_bytes_count() -> None:
    first, second = (observed(float(second), seed=1, faces=()) for second in range(2))
    assert standing_still(second, [first]) == (2, 1.0)
    assert standing_still(replace(second, encoded_sha256=b"other"), [first]) == (1, 0.0)


@given(st.text("ABCD", min_size=1, max_size=12))
def test_names_of_pictures_do_not_matter(text: str) -> None:
    renamed = text.translate(str.maketrans("ABCD", "WXYZ"))
    assert (still(text), again(text)) == (still(renamed), again(renamed))


@given(st.permutations("ABCDEFGH"))
def test_pictures_that_are_all_new_are_neither_in_any_order(letters: list[str]) -> None:
    assert still("".join(letters)) == (1, 0.0)
    assert again("".join(letters)) == 0


@given(st.permutations("ABCDE"))
def test_the_order_of_a_clip_that_is_shown_again_does_not_matter(letters: list[str]) -> None:
    assert again("ABCDE" + "".join(letters)) == (5 if letters[0] != "E" else 4)


@given(st.text("AB", min_size=1, max_size=12))
def test_a_picture_that_stays_counts_from_its_last_change(text: str) -> None:
    run = len(text) - len(text.rstrip(text[-1]))
    assert still(text) == (run, float(run - 1))
