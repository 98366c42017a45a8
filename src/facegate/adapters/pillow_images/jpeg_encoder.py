"""Whole frames as JPEG."""

import io
from dataclasses import dataclass

from PIL import Image
from typing_extensions import override

from facegate.domain.images import Frame
from facegate.ports.picture_encoder import PictureEncoder


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """`max_side_px` is the longest side that is kept; quality is on Pillow's scale of 1 to 95."""

    max_side_px: int = 1280
    jpeg_quality: int = 85


class PillowJpegEncoder(PictureEncoder):
    """JPEG without EXIF or a colour profile. Safe from several threads."""

    def __init__(self, options: EncoderOptions | None = None) -> None:
        self._options = options or EncoderOptions()

    @override
    def encode(self, frame: Frame) -> bytes:
        picture = Image.fromarray(frame.pixels_rgb)
        scale = self._options.max_side_px / max(picture.size)
        if scale < 1.0:
            size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        encoded = io.BytesIO()
        picture.save(encoded, "JPEG", quality=self._options.jpeg_quality)
        return encoded.getvalue()
