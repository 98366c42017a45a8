"""JPEG pixels: just those of Pillow, at every scale, and nothing where the file is not sound."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facegate.adapters.pillow_images.image_decoder import DecoderLimits, PillowImageDecoder
from facegate.adapters.pillow_images.jpeg_pixels import jpeg_pixels
from facegate.domain.errors import UnreadableImage
from facegate.domain.geometry import ImageSize


def _jpeg(width: int = 181, height: int = 127, mode: str = "RGB", **options: Any) -> bytes:
    """Smooth colours with a little noise, as of a camera."""
    lines, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = [128 + 100 * np.sin((columns * (1 + at) + lines * (3 - at)) / 17) for at in range(3)]
    noise = np.random.default_rng(4).normal(0, 6, (height, width, 3))
    pixels = np.clip(np.stack(planes, axis=2) + noise, 0, 255).astype(np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(encoded, "JPEG", **({"quality": 85} | options))
    return encoded.getvalue()


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("is_progressive", [False, True])
@pytest.mark.parametrize("longest_px", [1920, 181, 150, 91, 90, 46, 20])
def test_they_are_those_of_pillow(*, subsampling: int, is_progressive: bool, longest_px: int) -> None:
    encoded = _jpeg(subsampling=subsampling, progressive=is_progressive)
    picture = Image.open(io.BytesIO(encoded))
    picture.draft(None, (longest_px, max(1, round(127 * longest_px / 181))))

    pixels = jpeg_pixels(encoded, ImageSize(*picture.size))

    assert pixels is not None
    assert np.array_equal(pixels, np.asarray(picture))
    assert not pixels.flags.writeable


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_a_cut_off_file_is_left_to_pillow(keep: float) -> None:
    encoded = _jpeg()
    cut_off = encoded[: int(len(encoded) * keep)]

    assert jpeg_pixels(cut_off, ImageSize(181, 127)) is None
    with pytest.raises(UnreadableImage):
        PillowImageDecoder().decode(cut_off)


def test_what_pillow_reads_all_the_same_is_read() -> None:
    encoded = _jpeg()
    damaged = encoded[:-2] + b"abc" + encoded[-2:]

    assert jpeg_pixels(damaged, ImageSize(181, 127)) is None
    expected = np.asarray(Image.open(io.BytesIO(damaged)))
    assert np.array_equal(PillowImageDecoder().decode(damaged).pixels_rgb, expected)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_printed_pictures_go_the_old_way(mode: str) -> None:
    encoded = _jpeg(mode=mode)

    expected = np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
    assert np.array_equal(PillowImageDecoder().decode(encoded).pixels_rgb, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_and_scaled_as_before(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    encoded = _jpeg(exif=exif)
    frame = PillowImageDecoder(DecoderLimits(decode_max_side_px=60)).decode(encoded)

    picture = Image.open(io.BytesIO(encoded))
    picture.draft(None, (60, 42))
    scaled = picture.resize((60, 42), Image.Resampling.BILINEAR, reducing_gap=2.0)
    turned = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    expected = scaled.transpose(Image.Transpose(turned[orientation])) if orientation > 1 else scaled
    assert np.array_equal(frame.pixels_rgb, np.asarray(expected))
    assert frame.original_size == (ImageSize(127, 181) if orientation >= 5 else ImageSize(181, 127))


def test_the_fast_way_is_taken_for_a_sound_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = _jpeg()

    def refuse(*_: object) -> None:
        raise AssertionError("Pillow has decoded the picture")

    monkeypatch.setattr(Image.Image, "load", refuse)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", refuse)

    assert PillowImageDecoder().decode(encoded).size == ImageSize(181, 127)
