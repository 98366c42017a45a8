"""The cutter: size, place and quality of what is kept."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facegate.adapters.pillow_images.face_cutter import CutterOptions, PillowFaceCutter
from facegate.domain.errors import UnreadableImage
from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import DetectedFace, FaceCutout, Frame


def face(left: float, top: float, side: float) -> DetectedFace:
    points = np.array([[0.3, 0.35], [0.7, 0.35], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]]) * side + [left, top]
    return DetectedFace(
        PixelBox(left, top, left + side, top + side), FaceLandmarks(points.astype(np.float32)), 0.9
    )


def frame_with_marks(found: DetectedFace, width: int, height: int, radius: int) -> Frame:
    pixels = np.full((height, width, 3), 128, dtype=np.uint8)
    for x, y in found.landmarks.points_xy_px:
        pixels[int(y) - radius : int(y) + radius + 1, int(x) - radius : int(x) + radius + 1] = (250, 20, 20)
    return Frame.of(pixels)


@pytest.mark.parametrize("side", [60.0, 150.0, 600.0])
def test_landmarks_move_with_the_piece(side: float) -> None:
    found = face(300, 200, side)
    frame = frame_with_marks(found, 1200, 1000, radius=max(2, int(side / 40)))
    cutter = PillowFaceCutter()

    cutout = cutter.cut(frame, found)
    piece = cutter.open(cutout)

    for x, y in cutout.landmarks.points_xy_px:
        red, green, _ = (int(number) for number in piece.pixels_rgb[int(y), int(x)])
        assert red - green > 100


def test_the_piece_has_a_margin_and_at_most_256_pixels_a_side() -> None:
    cutter = PillowFaceCutter()

    small = cutter.open(cutter.cut(Frame.of(np.zeros((500, 500, 3), np.uint8)), face(100, 100, 100)))
    large = cutter.open(cutter.cut(Frame.of(np.zeros((900, 900, 3), np.uint8)), face(100, 100, 600)))

    assert (small.size.width_px, small.size.height_px) == (170, 170)
    assert max(large.size.width_px, large.size.height_px) == 256


def test_what_is_kept_is_a_jpeg_of_a_few_kilobytes() -> None:
    noise = np.random.default_rng(2).integers(100, 160, (600, 600, 3), dtype=np.uint8)

    kept = PillowFaceCutter().cut(Frame.of(noise), face(100, 100, 400)).encoded_image

    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.format == "JPEG"
    assert len(kept) < 64 * 1024


def test_the_size_is_an_option() -> None:
    cutter = PillowFaceCutter(CutterOptions(max_side_px=96))

    piece = cutter.open(cutter.cut(Frame.of(np.zeros((500, 500, 3), np.uint8)), face(100, 100, 300)))

    assert max(piece.size.width_px, piece.size.height_px) == 96


@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    left=st.floats(-200, 200),
    top=st.floats(-200, 200),
    side=st.floats(0, 300),
)
def test_any_face_in_any_frame_can_be_cut(
    width: int, height: int, left: float, top: float, side: float
) -> None:
    cutter = PillowFaceCutter()

    piece = cutter.open(cutter.cut(Frame.of(np.zeros((height, width, 3), np.uint8)), face(left, top, side)))

    assert 1 <= piece.size.width_px <= width
    assert 1 <= piece.size.height_px <= height


@pytest.mark.parametrize("damaged", [b"", b"GIF89a" + bytes(20), b"\xff\xd8\xff\xe0 nothing more"])
def test_damaged_pieces_are_unreadable(damaged: bytes) -> None:
    with pytest.raises(UnreadableImage):
        PillowFaceCutter().open(FaceCutout(damaged, face(0, 0, 50).landmarks))
