"""Frames with boxes and names on them, as JPEG."""

import io
import math
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw
from typing_extensions import override

from facegate.adapters.pillow_images.label_fonts import Font, font_for
from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import Frame
from facegate.domain.matching import Band
from facegate.ports.cameras.frame_drawer import DrawnBox, FrameDrawer

_Colour = tuple[int, int, int]

BAND_COLOURS: dict[Band | None, _Colour] = {
    Band.MATCH: (0, 200, 83),
    Band.REVIEW: (255, 193, 7),
    Band.UNKNOWN: (255, 100, 90),
    None: (224, 224, 224),
}
"""Light ones: black is read on each of them, and a dark line beside them shows them on any picture."""

TEXT_COLOUR: _Colour = (0, 0, 0)
_EDGE_COLOUR: _Colour = (20, 20, 20)

_MAX_LABEL_CHARS = 200

_Area = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels, right and bottom exclusive."""


class PillowFrameDrawer(FrameDrawer):
    """JPEG without EXIF or a colour profile. Safe from several threads; the frame stays as it is."""

    def __init__(self, *, jpeg_quality: int = 85) -> None:
        self._jpeg_quality = jpeg_quality

    @override
    def draw(self, frame: Frame, boxes: Sequence[DrawnBox], *, max_side_px: int | None = None) -> bytes:
        picture = Image.fromarray(frame.pixels_rgb)
        scale = 1.0 if max_side_px is None else min(1.0, max_side_px / max(picture.size))
        if scale < 1.0:
            size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        _Drawing(picture).add([_scaled(box, scale) for box in boxes])
        encoded = io.BytesIO()
        picture.save(encoded, "JPEG", quality=self._jpeg_quality)
        return encoded.getvalue()


class _Drawing:
    """Boxes first, labels over them, so that no line goes through a name."""

    def __init__(self, picture: Image.Image) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._size = ImageSize(*picture.size)
        longer_px = max(picture.size)
        self._line_px = max(1, round(longer_px / 400))
        self._font_px = min(48, max(11, round(longer_px / 45)))
        self._taken: list[_Area] = []

    def add(self, boxes: Sequence[DrawnBox]) -> None:
        visible = [(box, area) for box in boxes if (area := self._visible(box.box)) is not None]
        for box, area in visible:
            self._outline(area, BAND_COLOURS[box.band])
        for box, area in visible:
            label = _one_line(box.label)
            if label:
                self._label(label, area, BAND_COLOURS[box.band])

    def _visible(self, box: PixelBox) -> _Area | None:
        """What of it lies in the picture; None when nothing does."""
        if not all(map(math.isfinite, (box.left_px, box.top_px, box.right_px, box.bottom_px))):
            return None
        clipped = box.clipped_to(self._size)
        area = (
            math.floor(clipped.left_px),
            math.floor(clipped.top_px),
            math.ceil(clipped.right_px),
            math.ceil(clipped.bottom_px),
        )
        return area if area[0] < area[2] and area[1] < area[3] else None

    def _outline(self, area: _Area, colour: _Colour) -> None:
        left, top, right, bottom = area
        line_px = min(self._line_px, (right - left + 1) // 2, (bottom - top + 1) // 2)
        inner = (left + line_px, top + line_px, right - line_px, bottom - line_px)
        edges = [(left - 1, top - 1, right + 1, bottom + 1)]
        if inner[0] < inner[2] and inner[1] < inner[3]:
            edges.append(inner)
        for x1, y1, x2, y2 in edges:
            self._draw.rectangle((x1, y1, x2 - 1, y2 - 1), outline=_EDGE_COLOUR)
        self._draw.rectangle((left, top, right - 1, bottom - 1), outline=colour, width=max(1, line_px))

    def _label(self, label: str, area: _Area, colour: _Colour) -> None:
        font, label = font_for(label, self._font_px)
        padding_px = max(2, self._font_px // 5)
        label = _shortened(label, font, self._size.width_px - 2 * padding_px)
        if not label:
            return
        left, top, right, bottom = font.getbbox(label)
        width = math.ceil(right - left) + 2 * padding_px
        height = math.ceil(bottom - top) + 2 * padding_px
        place = self._free_place(area, width, height)
        self._taken.append(place)
        self._draw.rectangle((place[0], place[1], place[2] - 1, place[3] - 1), fill=colour)
        start = (place[0] + padding_px - left, place[1] + padding_px - top)
        self._draw.text(start, label, fill=TEXT_COLOUR, font=font)

    def _free_place(self, area: _Area, width: int, height: int) -> _Area:
        """Above the box, below it or inside, where no other label is; inside the picture in any case."""
        places = list(self._places(area, width, height))
        free = (place for place in places if not any(_overlap(place, other) for other in self._taken))
        return next(free, places[0])

    def _places(self, area: _Area, width: int, height: int) -> Iterator[_Area]:
        left = max(0, min(area[0], self._size.width_px - width))
        lowest = max(0, self._size.height_px - height)
        tops = (area[1] - height, area[3], area[1], area[3] - height)
        inside = [top for top in tops if 0 <= top <= lowest] or [min(max(0, area[1] - height), lowest)]
        for top in inside:
            yield left, top, left + width, top + height


def _scaled(box: DrawnBox, factor: float) -> DrawnBox:
    return DrawnBox(box.box.scaled(factor), box.label, box.band)


def _one_line(label: str) -> str:
    """Without line breaks and what cannot be printed, which fonts draw as boxes or not at all."""
    line = " ".join(label[:_MAX_LABEL_CHARS].split())
    return "".join(char if char.isprintable() else "\ufffd" for char in line)


def _shortened(label: str, font: Font, max_width_px: int) -> str:
    """As much of it as fits, with an ellipsis; empty where not even that fits."""
    if font.getlength(label) <= max_width_px:
        return label
    for length in range(len(label) - 1, 0, -1):
        shorter = f"{label[:length].rstrip()}…"
        if font.getlength(shorter) <= max_width_px:
            return shorter
    return ""


def _overlap(one: _Area, other: _Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
