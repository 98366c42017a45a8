"""The pictures that are measured with: 640 x 480 JPEGs of real photos, and the bad input of a soak."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tests.real_pictures import RealPictures, default_picture_folder

FRAME_SIZE = (640, 480)
FRAMES_FOLDER = Path("build/benchmarks/frames-640x480")

_PORTRAITS = ("obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png")
_FACE_SHARES = (0.24, 0.28, 0.33, 0.38, 0.43)
"""Width of the face box over the width of the frame: 150 to 275 px, as in front of a web camera."""


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """An encoded picture and what it is, for reports."""

    name: str
    encoded: bytes


def web_camera_frames() -> list[Path]:
    """25 JPEGs of 640 x 480: five crops each of five portraits of one person, the face 150 to 275 px wide.

    Made once from the pinned test photos; the crops do not change from run to run.
    """
    pictures = RealPictures(default_picture_folder())
    FRAMES_FOLDER.mkdir(parents=True, exist_ok=True)
    generator = random.Random(0)  # noqa: S311 - no secret
    paths = []
    for name in _PORTRAITS:
        portrait = ImageOps.exif_transpose(Image.open(pictures.path(name))).convert("RGB")
        box = _main_face_box(np.asarray(portrait))
        for number, share in enumerate(_FACE_SHARES):
            path = FRAMES_FOLDER / f"{Path(name).stem}-{number}.jpg"
            frame = _frame_around(portrait, box, share, generator)
            frame.save(path, "JPEG", quality=90)
            paths.append(path)
    return paths


def soak_pictures(frames: Sequence[Path]) -> list[NamedPicture]:
    """Good and bad input in the proportions of a soak: frames, a group, a large photo, and damaged bytes."""
    test_pictures = RealPictures(default_picture_folder())
    good = [NamedPicture(path.name, path.read_bytes()) for path in frames]
    others = [
        NamedPicture(name, test_pictures.read(name))
        for name in ("group.jpg", "obama3.jpg", "coffee.png", "mask_blue.jpg", "32bit.png", "chelsea.png")
    ]
    whole = good[0].encoded
    bad = [
        NamedPicture("truncated", whole[: len(whole) // 2]),
        NamedPicture("empty", b""),
        NamedPicture("no picture", b"This is a sentence and no picture. " * 50),
        NamedPicture("gif", _as("GIF", Image.new("P", (64, 64)))),
        NamedPicture("huge header", _huge_png_header()),
        NamedPicture("noise", _as("PNG", _noise())),
        NamedPicture("tiny", _as("PNG", Image.new("RGB", (1, 1)))),
    ]
    return [*good, *others, *bad]


def _main_face_box(pixels_rgb: np.ndarray) -> tuple[float, float, float]:
    """Centre and width in pixels of the largest face."""
    # Imported late: whoever only wants bad input needs no model.
    from benchmarks.engine_parts import open_detector
    from facegate.domain.images import Frame

    box = open_detector().detect(Frame.of(np.ascontiguousarray(pixels_rgb)))[0].box
    return (box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2, box.width_px


def _frame_around(
    portrait: Image.Image, box: tuple[float, float, float], share: float, generator: random.Random
) -> Image.Image:
    """A 4:3 piece in which the face has this share of the width, moved a little off the centre.

    Where the photo ends its edge is repeated, so that no picture has a black frame that no camera makes.
    """
    centre_x, centre_y, face_width = box
    width = face_width / share
    height = width * FRAME_SIZE[1] / FRAME_SIZE[0]
    centre_x += generator.uniform(-0.12, 0.12) * width
    centre_y += generator.uniform(-0.05, 0.10) * height
    left, top = round(centre_x - width / 2), round(centre_y - height / 2)
    right, bottom = round(centre_x + width / 2), round(centre_y + height / 2)
    padding = [
        (max(0, -top), max(0, bottom - portrait.height)),
        (max(0, -left), max(0, right - portrait.width)),
        (0, 0),
    ]
    inside = portrait.crop(
        (max(0, left), max(0, top), min(portrait.width, right), min(portrait.height, bottom))
    )
    padded = np.pad(np.asarray(inside), padding, mode="edge")
    return Image.fromarray(padded).resize(FRAME_SIZE, Image.Resampling.LANCZOS)


def _as(image_format: str, picture: Image.Image) -> bytes:
    encoded = io.BytesIO()
    picture.save(encoded, image_format)
    return encoded.getvalue()


def _noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8))


def _huge_png_header() -> bytes:
    """A PNG that says it has 50,000 x 50,000 pixels."""
    small = bytearray(_as("PNG", Image.new("L", (1, 1))))
    small[16:24] = (50_000).to_bytes(4, "big") * 2
    return bytes(small)
