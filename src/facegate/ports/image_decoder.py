"""Turning encoded pictures into frames."""

from typing import Protocol

from facegate.domain.geometry import ImageSize
from facegate.domain.images import Frame


class ImageDecoder(Protocol):
    """Decodes one picture of an accepted format (JPEG, PNG, WebP, BMP, HEIC/HEIF)."""

    def measure(self, encoded: bytes) -> ImageSize:
        """The size in the header, as it was sent (not upright); the pixels may still turn out to be broken.

        Raises as `decode`, but for what only the pixels show.
        """
        ...

    def decode(self, encoded: bytes, max_side_px: int | None = None) -> Frame:
        """The upright picture as RGB; alpha is laid on white, grey and CMYK become RGB.

        Very large JPEGs may be decoded at a reduced scale, any picture with `max_side_px` so that its longer
        side has no more: a smaller JPEG costs less. The frame knows its original size.

        Raises:
            UnreadableImage: no image, truncated or broken.
            UnsupportedImage: an image of a format that is not accepted (such as GIF).
            ImageTooLarge: beyond the byte or pixel limit, told from the header before any decoding.
        """
        ...
