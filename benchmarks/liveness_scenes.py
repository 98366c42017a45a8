"""What a web camera shows of a photo: a person who sits there, a print, a phone; and the camera's own marks.

Attacks are made by computer from real photos. They have the outlines and motion of real ones, but not what
printers, screens and lenses do to a picture, beyond a coarse likeness of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 640, 480
_FACE_WIDTH_PX = 150.0
_NOISE = (0.5, 3.0)
_QUALITY = (70, 95)
_PAPER_EDGE_PX = 15

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo as uint8 RGB with the box of its largest face: centre and width in pixels."""

    name: str
    pixels_rgb: Pixels
    centre_px: tuple[float, float]
    face_width_px: float


class Camera:
    """Noise, brightness that flickers by 3 %, and a JPEG of quality 70 to 95; each frame has its own.

    `noise` is in grey levels (standard deviation); if None, 0.5 to 3, the same for all frames.
    """

    def __init__(self, seed: int, noise: float | None = None) -> None:
        self._random = np.random.default_rng(seed)
        self._noise = self._random.uniform(*_NOISE) if noise is None else noise

    def take(self, scene_rgb: Pixels) -> bytes:
        """One frame."""
        light = self._random.uniform(0.97, 1.03)
        seen = scene_rgb * light + self._random.normal(0, self._noise, scene_rgb.shape)
        return jpeg_of(
            np.clip(seen, 0, 255).astype(np.uint8), int(self._random.integers(*_QUALITY, endpoint=True))
        )


class Sway:
    """How somebody who sits, or a hand that holds something, moves: slow sines with phases of their own."""

    def __init__(self, seed: int, reach_px: float) -> None:
        random = np.random.default_rng(seed)
        self._phases = random.uniform(0, 2 * np.pi, 5)
        self._speeds = random.uniform(0.5, 1.6, 5)
        self._reach_px = reach_px

    def at(self, time_s: float) -> tuple[float, float, float, float, float]:
        """Shift in x and y (pixels), turn in the picture and about the upright axis (radians), scale."""
        waves = np.sin(self._phases + self._speeds * time_s)
        shift_x_px, shift_y_px = waves[0] * self._reach_px, waves[1] * self._reach_px / 2
        return shift_x_px, shift_y_px, waves[2] * 0.04, waves[3] * 0.35, 1.0 + waves[4] * 0.03


def jpeg_of(pixels_rgb: Pixels, quality: int = 85) -> bytes:
    """The encoded picture."""
    was_encoded, encoded = cv2.imencode(".jpg", pixels_rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not was_encoded:
        raise RuntimeError("a frame could not be encoded")
    return encoded.tobytes()


def seated(photo: Photo, sway: Sway) -> Callable[[float], Pixels]:
    """The photo as the whole picture, its face 150 px wide, moved as somebody who sits still nearly does."""

    def at(time_s: float) -> Pixels:
        shift_x_px, shift_y_px, turn, _, scale = sway.at(time_s)
        placed = _placed(photo, scale * _FACE_WIDTH_PX, (shift_x_px, shift_y_px), turn / 2)
        return _warped(photo.pixels_rgb, placed)

    return at


def as_it_is(photo: Photo, sway: Sway) -> Callable[[float], Pixels]:
    """The photo in its own size, moved by a few whole pixels: nothing of it is resampled or made up."""
    height, width = photo.pixels_rgb.shape[:2]
    most_px = max(1, min(height, width) // 50)

    def at(time_s: float) -> Pixels:
        shift_x_px, shift_y_px, _, _, _ = sway.at(time_s)
        left = round(min(max(shift_x_px + most_px, 0), 2 * most_px))
        top = round(min(max(shift_y_px + most_px, 0), 2 * most_px))
        return photo.pixels_rgb[top : height - 2 * most_px + top, left : width - 2 * most_px + left]

    return at


def print_waved(photo: Photo, scene_rgb: Pixels, sway: Sway) -> Callable[[float], Pixels]:
    """A print with a white edge before the scene, moved, and turned about its upright axis by up to 20°."""
    edge_px = _PAPER_EDGE_PX
    paper = cv2.copyMakeBorder(
        _cut(photo, wide=2.0, high=2.5),
        edge_px,
        edge_px,
        edge_px,
        edge_px,
        cv2.BORDER_CONSTANT,
        value=(245, 245, 240),
    )
    dull = np.asarray(np.clip(paper * 0.8 + 30, 0, 255), dtype=np.uint8)  # ink has less contrast than light
    return _held(dull, scene_rgb, sway, width_px=300.0)


def shown_on_phone(photo: Photo, scene_rgb: Pixels, sway: Sway) -> Callable[[float], Pixels]:
    """A phone with the photo on its screen, held before the scene: dark edge, round corners, fine stripes."""
    screen = _cut(photo, wide=1.5, high=3.0).astype(np.float32) * 1.1 + 5
    rows = np.arange(screen.shape[0])[:, None, None]
    screen = np.clip(screen + 2.5 * np.sin(rows * 2.1), 0, 255).astype(np.uint8)
    edge_px = screen.shape[1] // 16
    phone = cv2.copyMakeBorder(
        screen, 2 * edge_px, 2 * edge_px, edge_px, edge_px, cv2.BORDER_CONSTANT, value=(18, 18, 20)
    )
    return _held(np.asarray(phone, dtype=np.uint8), scene_rgb, sway, width_px=200.0, corner_share=0.12)


def _held(
    thing: Pixels, scene_rgb: Pixels, sway: Sway, *, width_px: float, corner_share: float = 0.0
) -> Callable[[float], Pixels]:
    height, width = thing.shape[:2]
    mask = _rounded_mask(width, height, corner_share)

    def at(time_s: float) -> Pixels:
        shift_x_px, shift_y_px, turn, tilt, scale = sway.at(time_s)
        factor = scale * min(width_px / width, (HEIGHT_PX - 30) / height)
        centre = Photo("", thing, (width / 2, height / 2), 1.0)
        placed = _tilted(tilt) @ _placed(centre, factor, (shift_x_px, shift_y_px), turn)
        size = (WIDTH_PX, HEIGHT_PX)
        over = cv2.warpPerspective(thing, placed, size, flags=cv2.INTER_AREA)
        share = cv2.warpPerspective(mask, placed, size, flags=cv2.INTER_LINEAR)[:, :, None]
        return np.asarray(over * share + scene_rgb * (1 - share), dtype=np.uint8)

    return at


def _placed(photo: Photo, face_width_px: float, shift_px: tuple[float, float], turn: float) -> Matrix:
    """The map that puts the face, so wide, into the middle of the frame and moves it from there."""
    factor = face_width_px / photo.face_width_px
    cos, sin = factor * np.cos(turn), factor * np.sin(turn)
    centre_x, centre_y = photo.centre_px
    left = WIDTH_PX / 2 + shift_px[0] - (cos * centre_x - sin * centre_y)
    top = HEIGHT_PX / 2 + shift_px[1] - (sin * centre_x + cos * centre_y)
    return np.array([[cos, -sin, left], [sin, cos, top], [0.0, 0.0, 1.0]])


def _tilted(angle: float, focal_px: float = 700.0) -> Matrix:
    """A flat thing turned about the upright axis through the middle of the frame."""
    to_middle = np.array([[1.0, 0, -WIDTH_PX / 2], [0, 1, -HEIGHT_PX / 2], [0, 0, 1]])
    turned = np.array([[np.cos(angle), 0, 0], [0, 1, 0], [np.sin(angle) / focal_px, 0, 1]])
    return np.asarray(np.linalg.inv(to_middle) @ turned @ to_middle)


def _warped(pixels: Pixels, placed: Matrix) -> Pixels:
    how = cv2.INTER_LINEAR
    factor = float(np.hypot(placed[0, 0], placed[1, 0]))
    if factor < 0.5:  # shrunk first, or fine detail would flicker as no camera shows it
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=2 * factor, fy=2 * factor, interpolation=cv2.INTER_AREA)
        )
        placed = placed @ np.diag([0.5 / factor, 0.5 / factor, 1.0])
    size = (WIDTH_PX, HEIGHT_PX)
    return np.asarray(
        cv2.warpPerspective(pixels, placed, size, flags=how, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def _cut(photo: Photo, *, wide: float, high: float) -> Pixels:
    """A piece around the face, in widths of it, 400 px wide; edges are repeated where the photo ends."""
    width_px, height_px = 400, round(400 * high / wide)
    factor = width_px / (wide * photo.face_width_px)
    centre_x, centre_y = photo.centre_px
    placed = np.array(
        [[factor, 0, width_px / 2 - factor * centre_x], [0, factor, height_px / 2 - factor * centre_y]]
    )
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(
        cv2.warpAffine(
            photo.pixels_rgb, placed, (width_px, height_px), flags=how, borderMode=cv2.BORDER_REPLICATE
        ),
        dtype=np.uint8,
    )


def _rounded_mask(width: int, height: int, corner_share: float) -> NDArray[np.float32]:
    mask = np.zeros((height, width), dtype=np.float32)
    radius = round(corner_share * width)
    cv2.rectangle(mask, (radius, 0), (width - radius - 1, height - 1), 1.0, -1)
    cv2.rectangle(mask, (0, radius), (width - 1, height - radius - 1), 1.0, -1)
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(mask, (x, y), radius, 1.0, -1)
    return mask
