"""What every image decoder promises, over the real one and the fake."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.fakes.engine import FakeDecoder, FakeFace, fake_picture

from facegate.adapters.pillow_images.image_decoder import DecoderLimits, PillowImageDecoder
from facegate.domain.errors import ImageTooLarge, InvalidInput, UnreadableImage, UnsupportedImage
from facegate.ports.image_decoder import ImageDecoder


@dataclass(frozen=True)
class Case:
    make: Callable[[int], ImageDecoder]
    picture: bytes


def _jpeg() -> bytes:
    pixels = np.random.default_rng(1).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG")
    return encoded.getvalue()


CASES = {
    "pillow": Case(lambda limit: PillowImageDecoder(DecoderLimits(max_encoded_bytes=limit)), _jpeg()),
    "fake": Case(FakeDecoder, fake_picture(FakeFace("ann"))),
}


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_a_picture_becomes_a_contiguous_rgb_frame(case: Case) -> None:
    frame = case.make(10**6).decode(case.picture)

    assert frame.pixels_rgb.dtype == np.uint8
    assert frame.pixels_rgb.flags["C_CONTIGUOUS"]
    assert frame.original_size == frame.size


def test_the_header_tells_the_size(case: Case) -> None:
    decoder = case.make(10**6)

    assert decoder.measure(case.picture) == decoder.decode(case.picture).original_size


def test_the_same_bytes_give_the_same_frame(case: Case) -> None:
    decoder = case.make(10**6)

    assert np.array_equal(decoder.decode(case.picture).pixels_rgb, decoder.decode(case.picture).pixels_rgb)


@pytest.mark.parametrize("encoded", [b"", b"\0", b"hello", b"\xff\xd8\xff", b"{}"])
def test_what_is_no_picture_is_unreadable(case: Case, encoded: bytes) -> None:
    with pytest.raises(UnreadableImage):
        case.make(10**6).decode(encoded)
    with pytest.raises(UnreadableImage):
        case.make(10**6).measure(encoded)


def test_a_truncated_picture_is_unreadable(case: Case) -> None:
    with pytest.raises(UnreadableImage):
        case.make(10**6).decode(case.picture[:-9])


def test_a_gif_is_unsupported(case: Case) -> None:
    with pytest.raises(UnsupportedImage):
        case.make(10**6).decode(b"GIF89a" + bytes(40))
    with pytest.raises(UnsupportedImage):
        case.make(10**6).measure(b"GIF89a" + bytes(40))


def test_more_bytes_than_allowed_are_refused(case: Case) -> None:
    with pytest.raises(ImageTooLarge):
        case.make(len(case.picture) - 1).decode(case.picture)
    with pytest.raises(ImageTooLarge):
        case.make(len(case.picture) - 1).measure(case.picture)


@given(encoded=st.binary(max_size=200))
@pytest.mark.parametrize("name", list(CASES))
def test_any_bytes_decode_or_are_invalid_input(name: str, encoded: bytes) -> None:
    decoder = CASES[name].make(10**6)
    try:
        frame = decoder.decode(encoded)
    except InvalidInput:
        return
    assert frame.size.pixel_count > 0
