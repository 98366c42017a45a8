"""Staged camera pictures out of real photos: noise, motion, faces beside and over faces, phones, prints."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.real_pictures import RealPictures, default_picture_folder
from tests.real_video import as_jpeg, moving_person_pixels

from benchmarks.engine_parts import open_detector
from facegate.domain.images import Frame

Pixels = NDArray[np.uint8]
"""uint8 BGR, shape (height, width, 3)."""

WIDTH_PX, HEIGHT_PX = 640, 480
FRAMES_PER_S_OF_CLIP = 30

_NOISE = 3.0
_QUALITIES = (60, 96)
_SCREEN = (214, 380)
"""A phone's screen in pixels, 9:16."""

PHONES = {
    "angry17.jpg": (83, 213, 205, 465),
    "angry4.jpg": (526, 231, 697, 482),
}
"""A phone and the hand that holds it in photos of the set `phones`: left, top, right, bottom in pixels."""


class Camera:
    """Encodes pictures as a web camera does: light that flickers, noise, another JPEG quality each time."""

    def __init__(self, seed: int = 0) -> None:
        self._generator = np.random.default_rng(seed)
        self._number = 0

    def jpeg(self, pixels: Pixels) -> bytes:
        """The next picture; no two are the same."""
        generator = self._generator
        gain = 1.0 + 0.06 * np.sin(self._number / 8) + generator.normal(0, 0.01)
        self._number += 1
        noise = generator.normal(0.0, _NOISE, pixels.shape).astype(np.float32)
        seen = np.clip(pixels.astype(np.float32) * np.float32(gain) + noise, 0, 255).astype(np.uint8)
        return as_jpeg(seen, int(generator.integers(*_QUALITIES)))

    def film(self, pictures: Sequence[Pixels]) -> list[bytes]:
        """One after the other."""
        return [self.jpeg(picture) for picture in pictures]


@cache
def test_pictures() -> RealPictures:
    """The pinned photos."""
    return RealPictures(default_picture_folder())


@cache
def clip() -> tuple[Pixels, ...]:
    """A real man who talks and moves, 120 frames of 640 x 480."""
    return tuple(moving_person_pixels(test_pictures()))


def clip_once(count: int, first: int = 0, step: int = 1) -> list[Pixels]:
    """So many frames of the clip, from its beginning again after its end."""
    frames = clip()
    return [frames[(first + number * step) % len(frames)] for number in range(count)]


def read_picture(path: Path) -> Pixels:
    """A photo's pixels.

    Raises:
        ValueError: it cannot be read.
    """
    pixels = cv2.imread(str(path))
    if pixels is None:
        raise ValueError(f"{path.name} is no picture")
    return np.asarray(pixels, dtype=np.uint8)


@cache
def pinned(name: str) -> Pixels:
    """A pinned photo's pixels."""
    return read_picture(test_pictures().path(name))


def room(name: str) -> Pixels:
    """A pinned photo without a person, as the view of a camera."""
    return np.asarray(cv2.resize(pinned(name), (WIDTH_PX, HEIGHT_PX)), dtype=np.uint8)


def sway(number: int) -> tuple[float, float]:
    """Where something held or someone sitting is, in pixels off its place."""
    return 9.0 * float(np.sin(number / 3.1)), 5.0 * float(np.cos(number / 2.3))


def portrait_views(name: str, count: int, face_px: int = 180) -> list[Pixels]:
    """The person of a pinned photo before a web camera, swaying."""
    photo, box = pinned(name), _face(name)
    scale = face_px / (box[2] - box[0])
    return [_placed(photo, box, scale, (320 + dx, 230 + dy)) for dx, dy in map(sway, range(count))]


def swaying(photo: Pixels, count: int) -> list[Pixels]:
    """A photo that is moved before a camera, by little; its size stays."""
    height, width = photo.shape[:2]
    shifts = [np.array([[1, 0, dx / 3], [0, 1, dy / 3]], np.float32) for dx, dy in map(sway, range(count))]
    views = [cv2.warpAffine(photo, m, (width, height), borderMode=cv2.BORDER_REPLICATE) for m in shifts]
    return [np.asarray(view, dtype=np.uint8) for view in views]


def somebody_beside(frames: Sequence[Pixels], name: str, face_px: int) -> list[Pixels]:
    """The frames with the head of a pinned photo at their left edge."""
    photo, box = pinned(name), _face(name)
    scale = face_px / (box[2] - box[0])
    pictures = []
    for number, frame in enumerate(frames):
        dx, dy = sway(number)
        centre = (105 + dx, 250 + dy)
        head = _placed(photo, box, scale, centre)
        mask = np.zeros(frame.shape[:2], np.uint8)
        axes = (round(0.72 * face_px), round(1.0 * face_px))
        cv2.ellipse(mask, (round(centre[0]), round(centre[1])), axes, 0, 0, 360, 255, -1)
        pictures.append(_blended(frame, head, mask))
    return pictures


def face_over_face(frames: Sequence[Pixels], name: str) -> list[Pixels]:
    """The frames with another face exactly in the place of the user's: body and background stay."""
    photo, box = pinned(name), _face(name)
    pictures = []
    for frame in frames:
        left, top, right, bottom = face_box(frame)
        centre = ((left + right) / 2, (top + bottom) / 2)
        other = _placed(photo, box, (right - left) / (box[2] - box[0]), centre)
        mask = np.zeros(frame.shape[:2], np.uint8)
        axes = (round(0.62 * (right - left)), round(0.68 * (bottom - top)))
        cv2.ellipse(mask, (round(centre[0]), round(centre[1])), axes, 0, 0, 360, 255, -1)
        pictures.append(_blended(frame, other, mask))
    return pictures


def phone_raised(frames: Sequence[Pixels], photo: Path, height_px: int = 230) -> list[Pixels]:
    """The frames with the hand and phone of a photo, which is one of `PHONES`, in their lower left."""
    left, top, right, bottom = PHONES[photo.name]
    piece = read_picture(photo)[top:bottom, left:right]
    scale = height_px / piece.shape[0]
    large = cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    # The photos' ground is white.
    is_dark = ((large.min(axis=2) < 225) * 255).astype(np.uint8)
    outlines, _ = cv2.findContours(is_dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    mask = np.zeros(is_dark.shape, np.uint8)
    cv2.drawContours(mask, [max(outlines, key=cv2.contourArea)], -1, 255, -1)
    pictures = []
    for number, frame in enumerate(frames):
        dx, dy = sway(number)
        x, y = round(60 + dx), round(HEIGHT_PX - height_px - 12 + dy)
        picture = frame.copy()
        place = picture[y : y + large.shape[0], x : x + large.shape[1]]
        place[:] = _blended(place, np.asarray(large, np.uint8), mask)
        pictures.append(picture)
    return pictures


def on_a_phone(frames: Sequence[Pixels], scene: Pixels) -> list[Pixels]:
    """The frames played on a dark telephone that is held before the camera."""
    pictures = []
    for number, frame in enumerate(frames):
        dx, dy = sway(number)
        width, height = _SCREEN
        x, y = round((WIDTH_PX - width) / 2 + dx), round((HEIGHT_PX - height) / 2 + dy)
        picture = scene.copy()
        _body(picture, (x - 12, y - 34, x + width + 12, y + height + 34))
        picture[y : y + height, x : x + width] = cv2.resize(_upright(frame), (width, height))
        pictures.append(picture)
    return pictures


def on_paper(frame: Pixels, count: int, scene: Pixels) -> list[Pixels]:
    """One frame as a print with a white edge, held and turned a little before the camera."""
    sheet = cv2.copyMakeBorder(_upright(frame), 14, 14, 14, 14, cv2.BORDER_CONSTANT, value=(236, 240, 240))
    sheet = cv2.convertScaleAbs(sheet, alpha=0.82, beta=22)
    pictures = []
    for number in range(count):
        dx, dy = sway(number)
        turn = cv2.getRotationMatrix2D((sheet.shape[1] / 2, sheet.shape[0] / 2), dx / 2, 440 / sheet.shape[0])
        turn[:, 2] += (WIDTH_PX - sheet.shape[1]) / 2 + dx, (HEIGHT_PX - sheet.shape[0]) / 2 + dy
        size = (WIDTH_PX, HEIGHT_PX)
        view = cv2.warpAffine(sheet, turn, size)
        mask = cv2.warpAffine(np.full(sheet.shape[:2], 255, np.uint8), turn, size)
        pictures.append(_blended(scene, np.asarray(view, np.uint8), np.asarray(mask, np.uint8)))
    return pictures


def face_box(pixels: Pixels) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the largest face in pixels."""
    frame = Frame.of(np.ascontiguousarray(pixels[:, :, ::-1]))
    box = open_detector().detect(frame)[0].box
    return box.left_px, box.top_px, box.right_px, box.bottom_px


@cache
def _face(name: str) -> tuple[float, float, float, float]:
    return face_box(pinned(name))


def _placed(
    photo: Pixels, box: tuple[float, float, float, float], scale: float, centre: tuple[float, float]
) -> Pixels:
    """A view of 640 x 480 in which the middle of the box is at `centre`."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    # Shrunk by areas first: a warp alone would leave out pixels, and the noise of that is not a camera's.
    first = min(1.0, scale)
    small = cv2.resize(photo, None, fx=first, fy=first, interpolation=cv2.INTER_AREA)
    rest = scale / first
    move = np.array([[rest, 0, centre[0] - x * scale], [0, rest, centre[1] - y * scale]], dtype=np.float32)
    view = cv2.warpAffine(
        small, move, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(view, dtype=np.uint8)


def _blended(below: Pixels, above: Pixels, mask: NDArray[np.uint8]) -> Pixels:
    share = cv2.GaussianBlur(mask, (5, 5), 0).astype(np.float32)[:, :, None] / 255
    mixed = below.astype(np.float32) * (1 - share) + above.astype(np.float32) * share
    return np.asarray(mixed.round(), dtype=np.uint8)


def _upright(frame: Pixels) -> Pixels:
    """The middle of a frame as a telephone shows it, 9:16, around the clip's face."""
    width = frame.shape[0] * _SCREEN[0] // _SCREEN[1]
    left = int(np.clip(300 - width // 2, 0, frame.shape[1] - width))
    return frame[:, left : left + width]


def _body(picture: Pixels, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    cv2.rectangle(picture, (left + 14, max(0, top)), (right - 14, bottom), (24, 22, 20), -1)
    cv2.rectangle(picture, (left, top + 14), (right, bottom - 14), (24, 22, 20), -1)
    for x in (left + 14, right - 14):
        for y in (top + 14, bottom - 14):
            cv2.circle(picture, (x, y), 14, (24, 22, 20), -1)
