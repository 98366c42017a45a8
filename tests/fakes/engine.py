"""An engine without models: pictures that name their people, and ports that read them back.

`fake_picture(FakeFace("ann"), FakeFace("bob"))` gives bytes that FakeDecoder decodes; the other fakes see
ann and bob in them. The same person always gets nearly the same template, two persons unrelated ones.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from facegate.domain.errors import ImageTooLarge, UnreadableImage, UnsupportedImage
from facegate.domain.geometry import FaceLandmarks, ImageSize, PixelBox
from facegate.domain.images import (
    AlignedCrop,
    DetectedFace,
    DetectedPhone,
    FaceCutout,
    Frame,
    PixelsRGB,
    SmallLook,
)
from facegate.domain.templates import EmbedderIdentity, Metric, Template

_MARKER = b"facegate fake picture\n"
_TILE_PX = 100
_CROP_PX = 112
_PHONE_COLOUR = (255, 255, 255)
_SPOOF_BIT, _BLUR_BIT = 128, 64
_FACE_POINTS = ((30.0, 40.0), (70.0, 40.0), (50.0, 62.0), (34.0, 84.0), (66.0, 84.0))

FAKE_IDENTITY = EmbedderIdentity("fake-embedder", 128, Metric.COSINE)


@dataclass(frozen=True, slots=True)
class FakeFace:
    """Somebody in a picture. `variant` (0..63) tells photos of one person apart."""

    person: str
    variant: int = 0
    is_live: bool = True
    is_sharp: bool = True

    @property
    def colour(self) -> tuple[int, int, int]:
        """What the face's tile is filled with: two bytes for the person, one for the rest; never black."""
        digest = hashlib.sha256(self.person.encode()).digest()
        rest = self.variant % 64 + _SPOOF_BIT * (not self.is_live) + _BLUR_BIT * (not self.is_sharp)
        return digest[0] % 254 + 1, digest[1] % 254 + 1, rest


def fake_picture(*faces: FakeFace, phones: int = 0) -> bytes:
    """An encoded picture of these people, from left to right, and of this many phones."""
    content = {"faces": [asdict(face) for face in faces], "phones": phones}
    return _MARKER + json.dumps(content).encode() + b"\n"


class FakeDecoder:
    """Decodes what `fake_picture` made; other bytes fail as they do in a real decoder."""

    def __init__(self, max_encoded_bytes: int = 20 * 2**20) -> None:
        self._max_encoded_bytes = max_encoded_bytes

    def measure(self, encoded: bytes) -> ImageSize:
        return self.decode(encoded).original_size

    def decode(self, encoded: bytes, max_side_px: int | None = None) -> Frame:
        if len(encoded) > self._max_encoded_bytes:
            raise ImageTooLarge("the picture has too many bytes")
        if encoded.startswith(b"GIF8"):
            raise UnsupportedImage("GIF pictures are not accepted")
        if not encoded.startswith(_MARKER) or not encoded.endswith(b"}\n"):
            raise UnreadableImage("this is no picture that can be read")
        content = json.loads(encoded.removeprefix(_MARKER))
        colours = [FakeFace(**face).colour for face in content["faces"]]
        return _frame_of([*colours, *[_PHONE_COLOUR] * int(content["phones"])])


class FakeDetector:
    """Finds the coloured tiles, or raises the error it was given."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure

    def detect(self, frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        if self.failure is not None:
            raise self.failure
        found = []
        for left_px, colour in _tiles(frame):
            if colour != _PHONE_COLOUR:
                points = np.array(_FACE_POINTS, dtype=np.float32) + np.array([left_px, 0], np.float32)
                box = PixelBox(left_px + 15.0, 10.0, left_px + 85.0, 95.0)
                found.append(DetectedFace(box, FaceLandmarks(points), 0.95))
        return found


class FakeEmbedder:
    """Vectors that depend on the person, and a little on the variant."""

    def __init__(self, identity: EmbedderIdentity = FAKE_IDENTITY, failure: Exception | None = None) -> None:
        self._identity = identity
        self.failure = failure

    @property
    def identity(self) -> EmbedderIdentity:
        return self._identity

    def crop(self, frame: Frame, landmarks: FaceLandmarks) -> AlignedCrop:
        height, width = frame.pixels_rgb.shape[:2]
        x, y = (int(number) for number in landmarks.points_xy_px[2])
        colour = frame.pixels_rgb[min(max(y, 0), height - 1), min(max(x, 0), width - 1)]
        # A fine texture, so that the face counts as sharp; the first pixel says whose it is.
        texture = np.random.default_rng(7).integers(60, 200, (_CROP_PX, _CROP_PX, 1), dtype=np.uint8)
        if colour[2] & _BLUR_BIT:
            texture[:] = np.arange(100, 100 + _CROP_PX, dtype=np.uint8)[:, None, None]
        pixels = np.repeat(texture, 3, axis=2)
        pixels[0, 0] = colour
        return AlignedCrop(pixels)

    def embed(self, crops: Sequence[AlignedCrop]) -> list[Template]:
        if self.failure is not None:
            raise self.failure
        return [Template(self._identity.model_id, self._vector(crop.pixels_rgb)) for crop in crops]

    def _vector(self, pixels: PixelsRGB) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        red, green, rest = (int(number) for number in pixels[0, 0])
        person = np.random.default_rng([red, green]).standard_normal(self._identity.dimension)
        change = np.random.default_rng([red, green, rest]).standard_normal(self._identity.dimension)
        vector = person + 0.15 * change
        # Unit length, so that distances of a Euclidean identity stay in dlib's range.
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


class FakeCutter:
    """Keeps a face's tile as a fake picture of that one colour."""

    def cut(self, frame: Frame, face: DetectedFace) -> FaceCutout:
        left_px = int(face.landmarks.points_xy_px[2, 0]) // _TILE_PX * _TILE_PX
        colour = frame.pixels_rgb[_TILE_PX // 2, min(left_px + 50, frame.size.width_px - 1)]
        moved = face.landmarks.points_xy_px - np.array([left_px, 0], dtype=np.float32)
        return FaceCutout(_MARKER + bytes(colour), FaceLandmarks(moved))

    def open(self, cutout: FaceCutout) -> Frame:
        colour = cutout.encoded_image.removeprefix(_MARKER)
        if not cutout.encoded_image.startswith(_MARKER) or len(colour) != 3:
            raise UnreadableImage("the kept picture of this face is damaged")
        return _frame_of([(colour[0], colour[1], colour[2])])


class FakeLiveness:
    """Believes what the picture says."""

    def live_probability(self, frame: Frame, face: DetectedFace) -> float:
        x, y = (int(number) for number in face.landmarks.points_xy_px[2])
        return 0.05 if frame.pixels_rgb[y, x, 2] & _SPOOF_BIT else 0.97


class FakePhones:
    """Finds the white tiles."""

    def detect(
        self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        boxes = [
            PixelBox(float(left_px), 0.0, float(left_px + _TILE_PX), float(_TILE_PX))
            for left_px, colour in _tiles(frame)
            if colour == _PHONE_COLOUR
        ]
        return [
            DetectedPhone(box, 0.9) for box in boxes if within is None or box.shared_area_px(within) > 0.0
        ]


def _frame_of(colours: Sequence[tuple[int, int, int]]) -> Frame:
    pixels = np.zeros((_TILE_PX, _TILE_PX * max(1, len(colours)), 3), dtype=np.uint8)
    for position, colour in enumerate(colours):
        pixels[:, position * _TILE_PX : (position + 1) * _TILE_PX] = colour
    return Frame.of(pixels)


def _tiles(frame: Frame) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Left edge and colour of every tile that is not black; none in a frame of another shape."""
    if frame.size.height_px != _TILE_PX:
        return
    for left_px in range(0, frame.size.width_px - _TILE_PX + 1, _TILE_PX):
        red, green, blue = (int(number) for number in frame.pixels_rgb[_TILE_PX // 2, left_px + 50])
        if (red, green, blue) != (0, 0, 0):
            yield left_px, (red, green, blue)
