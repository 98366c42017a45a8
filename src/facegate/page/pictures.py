"""Pictures on their way to the visitor: faces marked with boxes and names."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

MAX_PIXELS = 64_000_000
"""Beyond it a picture is not decoded for show: 200 MB as RGB."""

MAX_PICTURE_MB = 32

_SHOWN_SIDE_PX = 1600
_BAND_COLOURS = {"match": "#0f766e", "review": "#c2620c", "unknown": "#334155"}

PICTURE_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "heic", "heif"]

register_heif_opener()


@dataclass(frozen=True, slots=True)
class Mark:
    """A box in pixels of the picture as it was sent, upright, and what is written at it."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float
    label: str
    band: str


def marked(encoded: bytes, marks: Sequence[Mark]) -> bytes | None:
    """The picture as JPEG with the marks on it, made smaller where it is large.

    None for what cannot be shown: nothing that Pillow reads, or too many pixels.
    """
    try:
        picture = _upright(encoded)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if picture is None:
        return None
    width_px = picture.width
    picture.thumbnail((_SHOWN_SIDE_PX, _SHOWN_SIDE_PX))
    scale = picture.width / width_px
    for mark in marks:
        _draw(picture, mark, scale)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=88)
    return written.getvalue()


def _upright(encoded: bytes) -> Image.Image | None:
    with Image.open(io.BytesIO(encoded)) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            return None
        return ImageOps.exif_transpose(opened).convert("RGB")


def _draw(picture: Image.Image, mark: Mark, scale: float) -> None:
    draw = ImageDraw.Draw(picture)
    colour = _BAND_COLOURS.get(mark.band, _BAND_COLOURS["unknown"])
    line_px = max(2, round(picture.width / 320))
    left, top, right, bottom = (
        side * scale for side in (mark.left_px, mark.top_px, mark.right_px, mark.bottom_px)
    )
    # A white edge around it, for faces before a dark wall.
    draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline="white", width=line_px + 2)
    draw.rectangle((left, top, right, bottom), outline=colour, width=line_px)
    font = ImageFont.load_default(max(13, round(picture.width / 55)))
    text = _fitting(mark.label, font)
    box = draw.textbbox((0, 0), text, font=font)
    width_px, height_px = box[2] - box[0], box[3] - box[1]
    pad = max(3, line_px)
    at_x = min(max(0.0, left), max(0.0, picture.width - width_px - 2 * pad))
    # Above the box, or inside it where there is no room.
    at_y = top - height_px - 2 * pad if top - height_px - 2 * pad >= 0 else top
    draw.rectangle((at_x, at_y, at_x + width_px + 2 * pad, at_y + height_px + 2 * pad), fill=colour)
    draw.text((at_x + pad - box[0], at_y + pad - box[1]), text, font=font, fill="white")


def _fitting(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Short, and only with letters that the font has: another one would be a box."""
    text = label if len(label) <= 24 else f"{label[:23]}."
    if isinstance(font, ImageFont.FreeTypeFont):
        return text if all(ord(letter) < 0x250 for letter in text) else _number_of(text)
    return text.encode("latin-1", "ignore").decode("latin-1")


def _number_of(text: str) -> str:
    """Labels begin with the face's number, which the list beside the picture has too."""
    return text.split(" ", 1)[0]
