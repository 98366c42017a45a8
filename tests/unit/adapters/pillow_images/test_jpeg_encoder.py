"""Frames to JPEG: what is seen stays, what nobody needs does not."""

import io

import numpy as np
import pytest
from PIL import Image

from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.adapters.pillow_images.jpeg_encoder import EncoderOptions, PillowJpegEncoder
from facegate.domain.images import Frame


def a_slope(width_px: int, height_px: int) -> Frame:
    """Red grows to the right, green downwards."""
    red = np.linspace(0, 255, width_px)[None, :].repeat(height_px, axis=0)
    green = np.linspace(0, 255, height_px)[:, None].repeat(width_px, axis=1)
    return Frame.of(np.stack([red, green, np.zeros_like(red)], axis=2).astype(np.uint8))


def test_the_picture_is_the_frame() -> None:
    frame = a_slope(320, 240)
    again = PillowImageDecoder().decode(PillowJpegEncoder().encode(frame))
    assert again.size == frame.size
    difference = np.abs(again.pixels_rgb.astype(int) - frame.pixels_rgb.astype(int))
    assert difference.mean() < 2.0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ((1280, 720), (1280, 720)),
        ((1920, 1080), (1280, 720)),
        ((100, 2560), (50, 1280)),
        ((1, 9000), (1, 1280)),
    ],
)
def test_large_frames_are_scaled_down_and_small_ones_are_not(
    sent: tuple[int, int], kept: tuple[int, int]
) -> None:
    encoded = PillowJpegEncoder().encode(a_slope(*sent))
    with Image.open(io.BytesIO(encoded)) as picture:
        assert (picture.format, picture.size) == ("JPEG", kept)
        assert len(picture.getexif()) == 0
        assert "icc_profile" not in picture.info


def test_options_are_used() -> None:
    frame = Frame.of(np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8))
    small = PillowJpegEncoder(EncoderOptions(max_side_px=50)).encode(frame)
    poor = PillowJpegEncoder(EncoderOptions(jpeg_quality=20)).encode(frame)
    plain = PillowJpegEncoder().encode(frame)
    assert len(small) < len(poor) < len(plain)
