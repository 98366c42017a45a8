"""Encoded pictures to frames, with Pillow; sound JPEGs by `jpeg_pixels.py`. Nothing about faces."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image, UnidentifiedImageError
from typing_extensions import override

from facegate.adapters.pillow_images.exif_orientation import orientation_of
from facegate.adapters.pillow_images.jpeg_pixels import jpeg_pixels
from facegate.domain.errors import ImageTooLarge, UnreadableImage, UnsupportedImage
from facegate.domain.geometry import ImageSize
from facegate.domain.images import Frame, PixelsRGB
from facegate.ports.image_decoder import ImageDecoder

ACCEPTED_FORMATS = "JPEG, PNG, WebP, BMP and HEIC/HEIF"

_PILLOW_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "HEIF")

# Formats that people do send, told from their first bytes so that the answer can name them. Trying every
# Pillow plugin instead would parse hostile bytes with forty rarely used parsers.
_OTHER_FORMATS = (
    (0, b"GIF8", "GIF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"%PDF", "PDF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"JXL ", "JPEG XL"),
    (4, b"jP  ", "JPEG 2000"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (0, b"<svg", "SVG"),
)

# Everything Pillow's five plugins raise on damaged input, found by mutating files (tests do so too).
_DECODING_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

_START_OF_SCAN = b"\xff\xda"
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class DecoderLimits:
    """What is refused, and the size above which a picture is scaled down.

    `max_pixels` counts the picture as sent, read from its header. Frames have at most
    `decode_max_side_px` on their longer side. `max_jpeg_scans` stops small progressive files that take
    minutes to decode; cameras write about ten scans.
    """

    max_encoded_bytes: int = 20 * 2**20
    max_pixels: int = 50_000_000
    decode_max_side_px: int = 1920
    max_jpeg_scans: int = 100


class PillowImageDecoder(ImageDecoder):
    """Decodes JPEG, PNG, WebP, BMP and HEIC/HEIF; of an animation or a series the first picture.

    Large JPEGs are decoded at 1/2, 1/4 or 1/8 (libjpeg does that for a fraction of the cost), others are
    scaled after decoding. Embedded colour profiles are ignored. Safe to call from several threads.
    """

    def __init__(self, limits: DecoderLimits | None = None) -> None:
        self._limits = limits or DecoderLimits()
        # One thread per call: parallelism belongs to the caller's workers.
        pillow_heif.register_heif_opener(
            decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
        )
        Image.init()
        # Our own limit is checked from the header before any pixel is decoded, so that Pillow's global
        # one, which warns on standard error first, has nothing left to do.
        Image.MAX_IMAGE_PIXELS = None
        warnings.filterwarnings("ignore", category=UserWarning, module=r"(PIL|pillow_heif)\.")

    @override
    def measure(self, encoded: bytes) -> ImageSize:
        with self._opened(encoded) as picture:
            return ImageSize(*picture.size)

    @override
    def decode(self, encoded: bytes, max_side_px: int | None = None) -> Frame:
        limits = self._limits
        longest_px = min(limits.decode_max_side_px, max_side_px or limits.decode_max_side_px)
        with self._opened(encoded) as picture:
            sent = ImageSize(*picture.size)
            pixels = None
            if picture.format in ("JPEG", "MPO"):
                if picture.info.get("progressive") and encoded.count(_START_OF_SCAN) > limits.max_jpeg_scans:
                    raise ImageTooLarge(f"The JPEG has more than {limits.max_jpeg_scans} scans.")
                wanted = _fitted(sent, longest_px)
                picture.draft(None, (wanted.width_px, wanted.height_px))
                if picture.mode == "RGB":
                    pixels = jpeg_pixels(encoded, ImageSize(*picture.size))
            if pixels is None:
                picture.load()
                _check_pixel_count(ImageSize(*picture.size), limits.max_pixels)
            exif = picture.info.get("exif")
            orientation = orientation_of(exif) if isinstance(exif, bytes) else 1
            if pixels is None or orientation != 1 or max(picture.size) > longest_px:
                loaded = picture if pixels is None else Image.fromarray(pixels)
                pixels = _upright_rgb(loaded, orientation, longest_px)
        if orientation >= 5:
            sent = ImageSize(sent.height_px, sent.width_px)
        return Frame(pixels, sent)

    @contextmanager
    def _opened(self, encoded: bytes) -> Iterator[Image.Image]:
        """The picture with its header read and its announced size accepted; errors inside are translated."""
        limits = self._limits
        if not encoded:
            raise UnreadableImage("The picture is empty (0 bytes).")
        if len(encoded) > limits.max_encoded_bytes:
            raise ImageTooLarge(
                f"The picture has {len(encoded):,} bytes; at most {limits.max_encoded_bytes:,} are accepted."
            )
        _refuse_other_formats(encoded)
        _check_pixel_count(_announced_size(encoded), limits.max_pixels)
        with _translated_errors(), Image.open(io.BytesIO(encoded), formats=_PILLOW_FORMATS) as picture:
            _check_pixel_count(ImageSize(*picture.size), limits.max_pixels)
            yield picture


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except (UnreadableImage, ImageTooLarge):
        raise
    except UnidentifiedImageError as error:
        raise UnreadableImage(f"This is no picture that can be read ({ACCEPTED_FORMATS}).") from error
    except Image.DecompressionBombError as error:
        raise ImageTooLarge("The picture unpacks to more than is accepted.") from error
    except _DECODING_ERRORS as error:
        raise UnreadableImage("The picture is damaged or incomplete.") from error


def _refuse_other_formats(encoded: bytes) -> None:
    for offset, marker, name in _OTHER_FORMATS:
        if encoded.startswith(marker, offset):
            raise UnsupportedImage(f"{name} pictures are not accepted; {ACCEPTED_FORMATS} are.")


def _announced_size(encoded: bytes) -> ImageSize:
    """The size in a PNG or extended WebP header, else 0 x 0.

    Pillow allocates two canvases of a WebP's size while it opens the file, and does not tell the size of a
    PNG that ends after its header.
    """
    if encoded.startswith(b"\x89PNG\r\n\x1a\n") and encoded[12:16] == b"IHDR":
        return ImageSize(int.from_bytes(encoded[16:20]), int.from_bytes(encoded[20:24]))
    if encoded.startswith(b"RIFF") and encoded[8:16] == b"WEBPVP8X":
        width, height = (int.from_bytes(encoded[at : at + 3], "little") for at in (24, 27))
        return ImageSize(width + 1, height + 1)
    return ImageSize(0, 0)


def _check_pixel_count(size: ImageSize, max_pixels: int) -> None:
    if size.pixel_count > max_pixels:
        raise ImageTooLarge(
            f"The picture has {size.width_px} x {size.height_px} pixels; at most {max_pixels:,} are accepted."
        )


def _fitted(size: ImageSize, max_side_px: int) -> ImageSize:
    """The size scaled down, never up, so that its longer side has at most `max_side_px`."""
    scale = min(1.0, max_side_px / max(size.width_px, size.height_px))
    return ImageSize(max(1, round(size.width_px * scale)), max(1, round(size.height_px * scale)))


def _upright_rgb(picture: Image.Image, orientation: int, max_side_px: int) -> PixelsRGB:
    flat = _without_palette_or_depth(picture)
    size = ImageSize(*flat.size)
    fitted = _fitted(size, max_side_px)
    if fitted != size:
        # Before the conversion to RGB and the turn, so that both work on the small picture.
        flat = flat.resize((fitted.width_px, fitted.height_px), Image.Resampling.BILINEAR, reducing_gap=2.0)
    if flat.mode in ("LA", "La", "RGBA", "RGBa", "PA"):
        alpha = flat.convert("RGBA")
        flat = Image.new("RGB", alpha.size, (255, 255, 255))
        flat.paste(alpha, mask=alpha.getchannel("A"))
    elif flat.mode != "RGB":
        flat = flat.convert("RGB")
    if orientation in _UPRIGHT:
        flat = flat.transpose(_UPRIGHT[orientation])
    return np.asarray(flat, dtype=np.uint8)


def _without_palette_or_depth(picture: Image.Image) -> Image.Image:
    """The picture in a mode of 8 bits a channel that can be scaled."""
    if picture.mode in ("P", "PA"):
        return picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode.startswith("I"):
        # 16-bit grey; Pillow's own conversion would clip at 255 instead of scaling. Some versions give it
        # as 32-bit integers.
        deep = np.asarray(picture)
        return Image.fromarray(np.clip(deep >> 8, 0, 255).astype(np.uint8))
    if picture.mode in ("L", "RGB") and "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture
