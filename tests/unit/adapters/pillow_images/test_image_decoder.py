"""The Pillow decoder: formats, orientation, colour modes, limits, and damage."""

import base64
import io
import struct
import warnings
import zlib
from contextlib import suppress

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facegate.adapters.pillow_images.image_decoder import DecoderLimits, PillowImageDecoder
from facegate.domain.errors import ImageTooLarge, InvalidInput, UnreadableImage, UnsupportedImage
from facegate.domain.geometry import ImageSize
from facegate.domain.images import Frame

pillow_heif.register_heif_opener()


def decode(encoded: bytes, limits: DecoderLimits | None = None) -> Frame:
    return PillowImageDecoder(limits).decode(encoded)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def halves(width: int = 64, height: int = 32) -> Image.Image:
    """Red on the left, blue on the right: coarse enough to survive JPEG."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = 250
    pixels[:, width // 2 :, 2] = 250
    return Image.fromarray(pixels)


def colour_at(frame: Frame, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(number) for number in frame.pixels_rgb[y, x])


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "HEIF", "MPO"])
def test_accepted_formats(kind: str) -> None:
    frame = decode(encoded(halves(), kind))

    assert frame.size == ImageSize(64, 32)
    left, right = colour_at(frame, 8, 16), colour_at(frame, 56, 16)
    assert left[0] > 200
    assert max(left[1:]) < 60
    assert right[2] > 200
    assert max(right[:2]) < 60


@pytest.mark.parametrize(
    ("kind", "name"), [("GIF", "GIF"), ("TIFF", "TIFF"), ("ICO", "ICO"), ("JPEG2000", "JPEG 2000")]
)
def test_other_formats_are_named(kind: str, name: str) -> None:
    with pytest.raises(UnsupportedImage, match=rf"^{name} pictures .* JPEG, PNG, WebP, BMP and HEIC/HEIF"):
        decode(encoded(halves(), kind))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(orientation: int) -> None:
    upright = np.asarray(halves())
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation

    frame = decode(encoded(Image.fromarray(np.ascontiguousarray(stored)), "PNG", exif=exif))

    assert np.array_equal(frame.pixels_rgb, upright)
    assert frame.original_size == ImageSize(64, 32)


def test_orientation_of_a_scaled_jpeg_swaps_its_original_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    frame = decode(encoded(halves(800, 400), "JPEG", exif=exif), DecoderLimits(decode_max_side_px=200))

    assert frame.size == ImageSize(100, 200)
    assert frame.original_size == ImageSize(400, 800)
    assert frame.scale_to_original == 4.0
    assert frame.pixels_rgb.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize(
    "exif", [b"", b"Exif\0\0", b"MM\0*\0\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"]
)
def test_damaged_exif_does_no_harm(exif: bytes) -> None:
    assert decode(encoded(halves(), "JPEG", exif=exif)).size == ImageSize(64, 32)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_modes_become_rgb(mode: str) -> None:
    if mode == "I;16":
        picture = Image.fromarray(np.full((8, 8), 0xC000, dtype=np.uint16))
    else:
        picture = Image.new("RGB", (8, 8), (192, 192, 192)).convert(mode)

    frame = decode(encoded(picture, "PNG"))

    assert frame.pixels_rgb.shape == (8, 8, 3)
    expected = float(np.asarray(picture.convert("RGB")).mean()) if mode == "1" else 192.0
    assert abs(float(frame.pixels_rgb.mean()) - expected) < 8


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_alpha_is_laid_on_white(kind: str) -> None:
    clear = Image.new("RGBA", (16, 16), (0, 0, 0, 0))

    assert colour_at(decode(encoded(clear, kind, lossless=True)), 8, 8) == (255, 255, 255)


def test_a_transparent_palette_colour_is_white() -> None:
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([10, 20, 30] * 256)

    assert colour_at(decode(encoded(picture, "PNG", transparency=0)), 4, 4) == (255, 255, 255)
    assert colour_at(decode(encoded(picture, "PNG", transparency=bytes([0, 255]))), 4, 4) == (255, 255, 255)


def test_cmyk_jpeg_keeps_its_colours() -> None:
    left = colour_at(decode(encoded(halves().convert("CMYK"), "JPEG", quality=95)), 8, 16)

    assert left[0] > 200
    assert max(left[1:]) < 60


def test_grey_jpeg_has_equal_channels() -> None:
    frame = decode(encoded(halves().convert("L"), "JPEG"))

    assert np.array_equal(frame.pixels_rgb[:, :, 0], frame.pixels_rgb[:, :, 2])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_counts(kind: str) -> None:
    first, second = Image.new("RGB", (16, 16), (250, 0, 0)), Image.new("RGB", (16, 16), (0, 250, 0))
    animation = encoded(first, kind, save_all=True, append_images=[second], lossless=True)

    assert colour_at(decode(animation), 8, 8) == (250, 0, 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "HEIF"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_truncated_files_are_unreadable(kind: str, kept: float) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    whole = encoded(Image.fromarray(pixels), kind)

    with pytest.raises(UnreadableImage):
        decode(whole[: int(len(whole) * kept)])


def test_an_empty_file_says_so() -> None:
    with pytest.raises(UnreadableImage, match="0 bytes"):
        decode(b"")


def test_a_huge_header_is_refused_before_decoding() -> None:
    with warnings.catch_warnings(record=True) as caught, pytest.raises(ImageTooLarge, match="50000 x 50000"):
        decode(png_header(50_000, 50_000))

    assert not caught


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "HEIF"])
def test_the_pixel_limit_counts_in_every_format(kind: str) -> None:
    with pytest.raises(ImageTooLarge):
        decode(encoded(halves(100, 100), kind), DecoderLimits(max_pixels=9_999))


def test_a_huge_webp_canvas_is_refused_before_it_is_allocated() -> None:
    canvas = (16_383 - 1).to_bytes(3, "little") * 2
    header = b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas

    with pytest.raises(ImageTooLarge, match="16383 x 16383"):
        decode(header + bytes(8))


def test_a_jpeg_with_too_many_scans_is_refused() -> None:
    progressive = encoded(halves(), "JPEG", progressive=True)
    assert decode(progressive).size == ImageSize(64, 32)

    with pytest.raises(ImageTooLarge, match="scans"):
        decode(progressive, DecoderLimits(max_jpeg_scans=3))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_large_pictures_are_scaled_and_remember_their_size(kind: str) -> None:
    frame = decode(encoded(halves(1000, 500), kind), DecoderLimits(decode_max_side_px=320))

    assert frame.size == ImageSize(320, 160)
    assert frame.original_size == ImageSize(1000, 500)
    assert colour_at(frame, 20, 80)[0] > 200


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
def test_thin_pictures_decode(size: tuple[int, int]) -> None:
    frame = decode(encoded(Image.new("RGB", size), "PNG"))

    assert max(frame.size.width_px, frame.size.height_px) == min(1920, max(size))
    assert min(frame.size.width_px, frame.size.height_px) == 1


def test_broken_pixels_do_not_hide_the_size() -> None:
    """The example of the old presence door's document is such a picture."""
    documented = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChAI9jU77wgAAAABJRU5ErkJggg=="
    )

    assert PillowImageDecoder().measure(documented) == ImageSize(1, 1)
    with pytest.raises(UnreadableImage):
        decode(documented)


SEEDS = [encoded(halves(), kind) for kind in ("JPEG", "PNG", "WEBP", "BMP", "HEIF")]


@settings(max_examples=300)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_mutated_files_decode_or_are_invalid_input(seed: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(seed)
    for position, value in changes:
        damaged[position % len(damaged)] = value
    decoder = PillowImageDecoder(DecoderLimits(max_pixels=1_000_000))
    for look in (decoder.measure, decoder.decode):
        with suppress(InvalidInput):
            look(bytes(damaged))


def test_a_small_picture_is_decoded_on_demand() -> None:
    picture = encoded(halves(640, 480), "JPEG")
    frame = PillowImageDecoder().decode(picture, max_side_px=320)
    assert frame.size == ImageSize(320, 240)
    assert frame.original_size == ImageSize(640, 480)
    assert PillowImageDecoder().decode(picture, max_side_px=4000).size == ImageSize(640, 480)
