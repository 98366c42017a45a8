"""The engine's checks of a picture, as the presence door has them, without identity."""

import hashlib
from pathlib import Path

from benchmarks.engine_parts import open_detector, open_liveness, open_phones
from benchmarks.liveness_scenes import Photo
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.presence.observation import Observation
from facegate.domain.presence.thumbnails import thumbnail_of
from facegate.domain.presence.verdicts import Check, CheckState

_ALL_RAN = dict.fromkeys(Check, CheckState.RAN)
_IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png"}


class Eye:
    """Detector, liveness net and phone cascade with their default options."""

    def __init__(self) -> None:
        self._decoder = PillowImageDecoder()
        self._detector = open_detector()
        self._liveness = open_liveness()
        self._phones = open_phones()

    def photo(self, name: str, encoded: bytes) -> Photo | None:
        """The photo with its largest face, None without one."""
        frame = self._decoder.decode(encoded)
        faces = self._detector.detect(frame)
        if not faces:
            return None
        box = faces[0].box
        centre = ((box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2)
        return Photo(name, frame.pixels_rgb, centre, box.width_px)

    def live_probability(self, encoded: bytes) -> float | None:
        """Of the largest face, None without one."""
        frame = self._decoder.decode(encoded)
        faces = self._detector.detect(frame)
        return self._liveness.live_probability(frame, faces[0]) if faces else None

    def observe(self, at_s: float, encoded: bytes, *, with_phones: bool) -> Observation:
        """What the presence door sees in it."""
        frame = self._decoder.decode(encoded)
        faces = tuple(self._detector.detect(frame))
        return Observation(
            at_s=at_s,
            size=frame.size,
            faces=faces,
            thumbnail=thumbnail_of(frame.pixels_rgb),
            encoded_sha256=hashlib.sha256(encoded).digest(),
            identity=None,
            live_probability=self._liveness.live_probability(frame, faces[0]) if faces else None,
            phones=tuple(self._phones.detect(frame, faces)) if with_phones else (),
            checks=_ALL_RAN,
        )


def images_in(folder: Path) -> list[Path]:
    """The pictures of one folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _IMAGE_SUFFIXES)


def rounded(value: float | None) -> float | None:
    """Three decimals."""
    return None if value is None else round(value, 3)
