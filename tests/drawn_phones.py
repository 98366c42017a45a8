"""Drawn mobile phones, for tests and measurements that need one where no photo of a phone may be kept.

The phone net takes them for phones, though less surely than photographed ones.
"""

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame, PixelsRGB

Drawing = NDArray[np.uint8]
"""Shape (height, width, 4), uint8: RGB and how opaque."""

_DRAWN_HEIGHT_PX = 480


class PhoneLook(Enum):
    """Which side of which phone is seen."""

    DARK_SCREEN = "a screen with one colour"
    ICONS = "a light screen with coloured squares"
    BACK = "a dark back with cameras"
    KEYS = "a small screen over keys"


def with_phone(
    frame: Frame,
    look: PhoneLook,
    centre_xy_px: tuple[float, float],
    height_px: float,
    turned_degrees: float = 0.0,
) -> tuple[Frame, PixelBox]:
    """The frame with a phone of that height (twice its width) in front, and the box about it."""
    drawing = _turned(_drawn(look), height_px / _DRAWN_HEIGHT_PX, turned_degrees)
    rows, columns = np.nonzero(drawing[:, :, 3] > 127)
    side = drawing.shape[0]
    left, top = round(centre_xy_px[0] - side / 2), round(centre_xy_px[1] - side / 2)
    box = PixelBox(
        float(left + columns.min()),
        float(top + rows.min()),
        float(left + columns.max() + 1),
        float(top + rows.max() + 1),
    )
    return Frame.of(_pasted(frame.pixels_rgb, drawing, left, top)), box.clipped_to(frame.size)


def _drawn(look: PhoneLook) -> Drawing:
    height, width = _DRAWN_HEIGHT_PX, _DRAWN_HEIGHT_PX // 2
    drawing = np.full((height, width, 4), 25, dtype=np.uint8)
    if look is PhoneLook.DARK_SCREEN:
        drawing[48:-48, 14:-14, :3] = (60, 110, 170)
    elif look is PhoneLook.ICONS:
        drawing[48:-48, 14:-14, :3] = (235, 238, 240)
        for row in range(5):
            for column in range(3):
                x, y = 36 + 65 * column, 67 + 72 * row
                drawing[y : y + 34, x : x + 34, :3] = (40 * row + 30, 90 * column + 60, 180)
    elif look is PhoneLook.BACK:
        drawing[16:120, 24:120, :3] = 70
        for x, y in ((60, 43), (60, 96), (96, 68)):
            cv2.circle(drawing, (x, y), 21, (5, 5, 8, 255), -1)
            cv2.circle(drawing, (x, y), 10, (60, 70, 110, 255), -1)
    else:
        drawing[48:-144, 24:-24, :3] = (150, 190, 150)
        for row in range(4):
            for column in range(3):
                x, y = 36 + 65 * column, 346 + 29 * row
                drawing[y : y + 16, x : x + 40, :3] = 200
    drawing[:, :, 3] = _rounded(height, width, 40)
    return drawing


def _rounded(height: int, width: int, radius: int) -> NDArray[np.uint8]:
    opaque = np.zeros((height, width), dtype=np.uint8)
    opaque[radius:-radius, :] = opaque[:, radius:-radius] = 255
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(opaque, (x, y), radius, (255,), -1)
    return opaque


def _turned(drawing: Drawing, scale: float, degrees: float) -> Drawing:
    """Turned about its middle on a clear square that holds it at any angle, then resized."""
    height, width = drawing.shape[:2]
    side = int(np.hypot(height, width)) + 2
    square = np.zeros((side, side, 4), dtype=np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = drawing
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1.0)
    turned = cv2.warpAffine(square, matrix, (side, side))
    wanted = max(1, round(side * scale))
    return np.asarray(cv2.resize(turned, (wanted, wanted), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _pasted(pixels_rgb: PixelsRGB, drawing: Drawing, left: int, top: int) -> PixelsRGB:
    height, width = pixels_rgb.shape[:2]
    right, bottom = min(width, left + drawing.shape[1]), min(height, top + drawing.shape[0])
    inside_left, inside_top = max(0, left), max(0, top)
    piece = drawing[inside_top - top : bottom - top, inside_left - left : right - left].astype(np.float32)
    opaque = piece[:, :, 3:] / 255
    pasted = pixels_rgb.copy()
    under = pasted[inside_top:bottom, inside_left:right]
    under[:] = np.rint(under * (1 - opaque) + piece[:, :, :3] * opaque).astype(np.uint8)
    return pasted
