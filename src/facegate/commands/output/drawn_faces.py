"""A photo with boxes and names, since people would rather look than read coordinates."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pillow_heif
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from facegate.commands.identify import caption_of
from facegate.commands.output.outcomes import CommandRefused
from facegate.commands.output.terminal import printable
from facegate.commands.output.whole_files import whole_file
from facegate.domain.matching import Band
from facegate.frontends.rest_v1 import answers

_COLOURS = {Band.MATCH: (38, 166, 91), Band.REVIEW: (232, 170, 20), Band.UNKNOWN: (120, 120, 120)}
_SPOOF_COLOUR = (200, 40, 40)


@dataclass(frozen=True, slots=True)
class _Caption:
    """What is written at a box, and how; `stroke_px` is the width of the box's lines."""

    text: str
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont
    stroke_px: int


def draw_faces(encoded: bytes, faces: Sequence[answers.IdentifiedFace], path: Path) -> list[str]:
    """Writes the upright picture with a box and a caption per face; the suffix chooses the format.

    Nothing of the photo's metadata (place, device) is carried over. The font that is always there holds
    little more than ASCII: a name in others is numbered in the picture, and the answer is the legend to it.

    Raises:
        CommandRefused: the file cannot be written in this form.
    """
    try:
        picture = _upright(encoded)
        pen = ImageDraw.Draw(picture)
        stroke_px = max(2, round(max(picture.size) / 400))
        font = ImageFont.load_default(size=max(12, round(max(picture.size) / 50)))
        legend: list[str] = []
        for number, face in enumerate(faces, start=1):
            caption = _drawable_caption(face, number, font)
            if caption == f"#{number}":
                legend.append(f"#{number} in {path.name}: {caption_of(face)}")
            _draw_face(pen, picture.size, face, _Caption(caption, font, stroke_px))
        image_format = Image.registered_extensions()[path.suffix.lower()]
        with whole_file(path) as file:
            picture.save(file, format=image_format)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise CommandRefused("The photo is too large to draw on.") from error
    except (OSError, ValueError, KeyError) as error:
        raise CommandRefused(
            f"{path} cannot be written: use a name that ends in .jpg or .png in a folder that exists."
        ) from error
    return legend


def _upright(encoded: bytes) -> Image.Image:
    pillow_heif.register_heif_opener()
    with Image.open(io.BytesIO(encoded)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    # A copy of the pixels alone: `info` of a converted picture still holds EXIF.
    upright.info.clear()
    return upright


def _draw_face(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], face: answers.IdentifiedFace, caption: _Caption
) -> None:
    box, stroke_px = face.box, caption.stroke_px
    is_spoof = face.liveness is not None and not face.liveness.is_live
    colour = _SPOOF_COLOUR if is_spoof else _COLOURS[face.band]
    corners = (box.left_px, box.top_px, max(box.left_px, box.right_px), max(box.top_px, box.bottom_px))
    pen.rectangle(corners, outline=colour, width=stroke_px)
    left, top, right, bottom = pen.textbbox((0, 0), caption.text, font=caption.font)
    width, height = right - left + 2 * stroke_px, bottom - top + 2 * stroke_px
    x = min(max(0.0, box.left_px), max(0.0, size[0] - width))
    y = box.top_px - height if box.top_px >= height else min(box.bottom_px, size[1] - height)
    pen.rectangle((x, y, x + width, y + height), fill=colour)
    pen.text((x + stroke_px - left, y + stroke_px - top), caption.text, fill="white", font=caption.font)


def _drawable_caption(
    face: answers.IdentifiedFace, number: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> str:
    """Id and name, else the id alone, else the face's number."""
    whole = printable(caption_of(face))
    if _can_draw(whole, font):
        return whole
    if face.match is not None and _can_draw(face.match.subject_id, font):
        return f"{face.match.subject_id} {face.match.confidence:.2f}"
    return f"#{number}"


def _can_draw(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> bool:
    """Whether the font has every letter; one that it lacks looks like a code point that nobody may use."""
    lacking = bytes(font.getmask("\uffff"))
    return not any(
        ord(char) > 126 and (unicodedata.combining(char) or bytes(font.getmask(char)) == lacking)
        for char in text
    )
