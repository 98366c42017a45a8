"""A photo with boxes and names, since people would rather look than read coordinates."""

import io
from collections.abc import Sequence
from pathlib import Path

import pillow_heif
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from facegate.commands.identify import caption_of
from facegate.commands.outcomes import CommandRefused
from facegate.commands.terminal import printable
from facegate.domain.matching import Band
from facegate.frontends.rest_v1 import answers

_COLOURS = {Band.MATCH: (38, 166, 91), Band.REVIEW: (232, 170, 20), Band.UNKNOWN: (120, 120, 120)}
_SPOOF_COLOUR = (200, 40, 40)


def draw_faces(encoded: bytes, faces: Sequence[answers.IdentifiedFace], path: Path) -> None:
    """Writes the upright picture with a box and a caption per face; the suffix chooses the format.

    Nothing of the photo's metadata (place, device) is carried over.

    Raises:
        CommandRefused: the file cannot be written in this form.
    """
    try:
        picture = _upright(encoded)
        pen = ImageDraw.Draw(picture)
        stroke_px = max(2, round(max(picture.size) / 400))
        for face in faces:
            _draw_face(pen, picture.size, face, stroke_px)
        picture.save(path)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise CommandRefused("The photo is too large to draw on.") from error
    except (OSError, ValueError, KeyError) as error:
        raise CommandRefused(
            f"{path} cannot be written: use a name that ends in .jpg or .png in a folder that exists."
        ) from error


def _upright(encoded: bytes) -> Image.Image:
    pillow_heif.register_heif_opener()
    with Image.open(io.BytesIO(encoded)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    # A copy of the pixels alone: `info` of a converted picture still holds EXIF.
    upright.info.clear()
    return upright


def _draw_face(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], face: answers.IdentifiedFace, stroke_px: int
) -> None:
    box = face.box
    is_spoof = face.liveness is not None and not face.liveness.is_live
    colour = _SPOOF_COLOUR if is_spoof else _COLOURS[face.band]
    corners = (box.left_px, box.top_px, max(box.left_px, box.right_px), max(box.top_px, box.bottom_px))
    pen.rectangle(corners, outline=colour, width=stroke_px)
    font = ImageFont.load_default(size=max(12, round(max(size) / 50)))
    caption = printable(caption_of(face))
    left, top, right, bottom = pen.textbbox((0, 0), caption, font=font)
    width, height = right - left + 2 * stroke_px, bottom - top + 2 * stroke_px
    x = min(max(0.0, box.left_px), max(0.0, size[0] - width))
    y = box.top_px - height if box.top_px >= height else min(box.bottom_px, size[1] - height)
    pen.rectangle((x, y, x + width, y + height), fill=colour)
    pen.text((x + stroke_px - left, y + stroke_px - top), caption, fill="white", font=font)
