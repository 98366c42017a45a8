"""Real photos in the forms that the doors take."""

import base64
import io

from PIL import Image


def data_uri(photo: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(photo).decode()


def small(photo: bytes, longer_side_px: int = 400) -> bytes:
    """The photo scaled down as a JPEG, so that a test of many requests takes seconds."""
    picture = Image.open(io.BytesIO(photo)).convert("RGB")
    picture.thumbnail((longer_side_px, longer_side_px))
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=90)
    return packed.getvalue()
