"""Parts of the picture that count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.cameras.zones import Zone
from facegate.domain.errors import InvalidInput
from facegate.domain.geometry import ImageSize, PixelBox

LEFT_HALF = Zone(((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
ARROW = Zone(((0.0, 0.0), (1.0, 0.0), (0.5, 0.3), (0.0, 1.0)))
shares = st.floats(0.001, 0.999)


def test_a_point_lies_inside_or_outside() -> None:
    assert LEFT_HALF.holds(0.2, 0.9)
    assert not LEFT_HALF.holds(0.6, 0.9)


def test_what_a_corner_leaves_out_is_outside() -> None:
    assert ARROW.holds(0.2, 0.3)
    assert not ARROW.holds(0.6, 0.4)


@given(x=shares, y=shares)
def test_the_whole_picture_holds_everything(x: float, y: float) -> None:
    assert Zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))).holds(x, y)


@given(x=shares, y=shares)
def test_where_the_corners_begin_does_not_matter(x: float, y: float) -> None:
    turned = Zone((*ARROW.corners[1:], ARROW.corners[0]))
    assert turned.holds(x, y) == ARROW.holds(x, y)


def test_the_middle_of_a_box_counts() -> None:
    size = ImageSize(200, 100)
    assert LEFT_HALF.holds_centre_of(PixelBox(60, 10, 130, 90), size)
    assert not LEFT_HALF.holds_centre_of(PixelBox(80, 10, 130, 90), size)


@pytest.mark.parametrize(
    "corners",
    [
        ((0.0, 0.0), (1.0, 1.0)),
        ((0.0, 0.0), (1.0, 0.0), (1.0, 1.1)),
        ((0.0, 0.0), (1.0, 0.0), (1.0, float("nan"))),
        ((0.1, 0.2),) * 33,
    ],
)
def test_what_is_no_polygon_of_shares_is_refused(corners: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Zone(corners)
    assert refused.value.field == "zone"
