"""Non-maximum suppression: what stays is sure and apart, what goes overlaps something surer."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.face_nets.box_overlap import surest_boxes
from facegate.domain.geometry import PixelBox

boxes_with_confidence = st.lists(
    st.tuples(
        st.integers(0, 50), st.integers(0, 50), st.integers(0, 30), st.integers(0, 30), st.integers(0, 9)
    ),
    max_size=25,
)


@given(rows=boxes_with_confidence)
def test_kept_boxes_are_apart_and_explain_the_others(rows: list[tuple[int, int, int, int, int]]) -> None:
    boxes = np.array([[x, y, x + w, y + h] for x, y, w, h, _ in rows], dtype=np.float32).reshape(-1, 4)
    confidences = np.array([row[4] / 10 for row in rows], dtype=np.float32)

    kept = surest_boxes(boxes, confidences, 0.3)

    def overlap(one: int, other: int) -> float:
        first, second = (PixelBox(*(float(number) for number in boxes[which])) for which in (one, other))
        return first.intersection_over_union(second)

    assert [float(confidences[one]) for one in kept] == sorted(confidences[kept].tolist(), reverse=True)
    assert all(overlap(one, other) <= 0.3 + 1e-6 for one in kept for other in kept if one != other)
    for gone in set(range(len(rows))) - set(kept):
        assert any(overlap(gone, one) > 0.3 - 1e-6 and confidences[one] >= confidences[gone] for one in kept)


def test_of_equals_the_first_stays() -> None:
    boxes = np.array([[0, 0, 10, 10]] * 3, dtype=np.float32)

    assert surest_boxes(boxes, np.full(3, 0.5, np.float32), 0.3) == [0]
