"""What every FrameDrawer promises, run over Pillow's."""

import io
import math
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facegate.adapters.pillow_images.frame_drawer import PillowFrameDrawer
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame, PixelsRGB
from facegate.domain.matching import Band
from facegate.ports.cameras.frame_drawer import DrawnBox, FrameDrawer

BACKGROUND = 128


@pytest.fixture
def drawer() -> FrameDrawer:
    return PillowFrameDrawer()


def a_frame(width_px: int = 640, height_px: int = 480) -> Frame:
    return Frame.of(np.full((height_px, width_px, 3), BACKGROUND, dtype=np.uint8))


def pixels_of(jpeg: bytes) -> PixelsRGB:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"))


def drawn_part(jpeg: bytes) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what differs from the background."""
    differs = np.abs(pixels_of(jpeg).astype(int) - BACKGROUND).max(axis=2) > 40
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


BOX = PixelBox(200.0, 150.0, 300.0, 280.0)


def test_a_frame_without_boxes_is_itself(drawer: FrameDrawer) -> None:
    frame = a_frame()
    assert np.abs(pixels_of(drawer.draw(frame, [])).astype(int) - BACKGROUND).max() <= 2


def test_a_box_is_drawn_around_what_it_means(drawer: FrameDrawer) -> None:
    left, top, right, bottom = drawn_part(drawer.draw(a_frame(), [DrawnBox(BOX, "")]))
    assert (left, top, right, bottom) == pytest.approx((200, 150, 300, 280), abs=2)
    inside = pixels_of(drawer.draw(a_frame(), [DrawnBox(BOX, "")]))[170:260, 220:280]
    assert np.abs(inside.astype(int) - BACKGROUND).max() <= 2


def test_a_label_stands_at_its_box(drawer: FrameDrawer) -> None:
    left, top, _, bottom = drawn_part(drawer.draw(a_frame(), [DrawnBox(BOX, "Anna 0.93", Band.MATCH)]))
    assert 120 <= top < 150
    assert left == pytest.approx(200, abs=2)
    assert bottom == pytest.approx(280, abs=2)


def test_bands_have_colours_of_their_own(drawer: FrameDrawer) -> None:
    bands: list[Band | None] = [*Band, None]
    pictures = [pixels_of(drawer.draw(a_frame(), [DrawnBox(BOX, "Anna", band)])) for band in bands]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert np.abs(one.astype(int) - other).max() > 60


def test_the_picture_is_made_smaller_with_its_boxes(drawer: FrameDrawer) -> None:
    jpeg = drawer.draw(a_frame(), [DrawnBox(BOX, "")], max_side_px=320)
    assert pixels_of(jpeg).shape == (240, 320, 3)
    assert drawn_part(jpeg) == pytest.approx((100, 75, 150, 140), abs=2)
    assert pixels_of(drawer.draw(a_frame(), [], max_side_px=5000)).shape == (480, 640, 3)
    assert pixels_of(drawer.draw(a_frame(10, 1000), [], max_side_px=20)).shape == (20, 1, 3)


def test_the_frame_stays_as_it_is(drawer: FrameDrawer) -> None:
    frame = a_frame()
    frame.pixels_rgb.flags.writeable = False
    drawer.draw(frame, [DrawnBox(BOX, "Anna", Band.MATCH)])
    assert (frame.pixels_rgb == BACKGROUND).all()


def test_the_jpeg_holds_no_metadata(drawer: FrameDrawer) -> None:
    jpeg = drawer.draw(a_frame(), [DrawnBox(BOX, "Anna", Band.MATCH)])
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert len(picture.getexif()) == 0
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(picture.info)
    assert b"Anna" not in jpeg


@pytest.mark.parametrize(
    "box",
    [
        PixelBox(-100, -50, 60, 40),
        PixelBox(600, 440, 900, 700),
        PixelBox(-10, -10, 650, 490),
        PixelBox(0, 0, 1, 1),
        PixelBox(639, 479, 640, 480),
        PixelBox(300, 470, 310, 480),
    ],
)
def test_a_label_is_kept_inside_the_picture(drawer: FrameDrawer, box: PixelBox) -> None:
    with_label = pixels_of(drawer.draw(a_frame(), [DrawnBox(box, "Anna", Band.REVIEW)])).astype(int)
    without = pixels_of(drawer.draw(a_frame(), [DrawnBox(box, "", Band.REVIEW)])).astype(int)
    rows, columns = np.nonzero(np.abs(with_label - without).max(axis=2) > 40)
    # Whole letters on a whole plate, wherever the box lies.
    assert np.ptp(rows) >= 12
    assert np.ptp(columns) >= 30


@pytest.mark.parametrize(
    "box",
    [
        PixelBox(700, 10, 800, 50),
        PixelBox(-80, 10, -5, 50),
        PixelBox(50, 50, 50, 90),
        PixelBox(90, 50, 50, 90),
        PixelBox(math.nan, 0, 10, 10),
        PixelBox(0, 0, math.inf, 10),
    ],
)
def test_what_is_not_in_the_picture_is_not_drawn(drawer: FrameDrawer, box: PixelBox) -> None:
    assert drawer.draw(a_frame(), [DrawnBox(box, "Anna")]) == drawer.draw(a_frame(), [])


def test_labels_of_people_side_by_side_do_not_cover_each_other(drawer: FrameDrawer) -> None:
    beside = DrawnBox(PixelBox(210, 155, 310, 285), "Bob", Band.UNKNOWN)
    pixels = pixels_of(drawer.draw(a_frame(), [DrawnBox(BOX, "Anna", Band.MATCH), beside])).astype(int)
    red, green = pixels[..., 0] - pixels[..., 1], pixels[..., 1] - pixels[..., 0]
    assert (red > 80).sum() > 600
    assert (green > 80).sum() > 600


@pytest.mark.parametrize(
    "label",
    [
        "Müller-Łukasz ßøæ",
        "Ярослав",
        "张伟",
        "مرحبا",
        "नमस्ते",
        "\U0001f600 \U0010ffff",
        "two\nlines\ttab",
        "nul\0 \x1b[31m",
        "half \ud800",
        "x" * 10_000,
        "\u0301\u202e",
        "   ",
    ],
)
def test_a_label_in_any_script_is_drawn(drawer: FrameDrawer, label: str) -> None:
    for width_px in (640, 40, 3, 1):
        assert (
            pixels_of(drawer.draw(a_frame(width_px, width_px), [DrawnBox(BOX, label)])).shape[0] == width_px
        )


@given(
    edges=st.lists(st.tuples(*[st.floats(-2000, 2000)] * 4), max_size=4),
    label=st.text(max_size=20),
    size=st.tuples(st.integers(1, 80), st.integers(1, 80)),
    max_side_px=st.none() | st.integers(1, 100),
)
def test_anything_can_be_drawn(
    edges: list[tuple[float, float, float, float]],
    label: str,
    size: tuple[int, int],
    max_side_px: int | None,
) -> None:
    boxes = [DrawnBox(PixelBox(*edge), label, Band.MATCH) for edge in edges]
    jpeg = PillowFrameDrawer().draw(a_frame(*size), boxes, max_side_px=max_side_px)
    assert max(pixels_of(jpeg).shape[:2]) == min(max(size), max_side_px or 1000)


def test_several_threads(drawer: FrameDrawer) -> None:
    drawn: list[bytes] = []

    def draw() -> None:
        drawn.extend(drawer.draw(a_frame(), [DrawnBox(BOX, "Müller", Band.MATCH)]) for _ in range(5))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 20
    assert len(set(drawn)) == 1
