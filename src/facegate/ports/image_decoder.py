"""Turning encoded pictures into frames."""

from typing import Protocol

from facegate.domain.images import Frame


class ImageDecoder(Protocol):
    """Decodes one picture of an accepted format (JPEG, PNG, WebP, BMP, HEIC/HEIF)."""

    def decode(self, encoded: bytes) -> Frame:
        """The upright picture as RGB; alpha is laid on white, grey and CMYK become RGB.

        Very large JPEGs may be decoded at a reduced scale; the frame knows its original size.

        Raises:
            UnreadableImage: no image, truncated or broken.
            UnsupportedImage: an image of a format that is not accepted (such as GIF).
            ImageTooLarge: beyond the byte or pixel limit, told from the header before any decoding.
        """
        ...
