"""Photos for simulated people: files of the user, or a drawn face that is nobody's."""

import base64
import io
from pathlib import Path

SAMPLE_PHOTO = base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20) + b"\xff\xd9").decode()
"""Something with the first and last bytes of a JPEG that no decoder opens: for those who want no picture."""

_SIZE_PX = (240, 320)


def photo_from(path: Path) -> str:
    """The file as it is, in base64. Raises OSError."""
    return base64.b64encode(path.read_bytes()).decode()


def drawn_photo(*, quality: int = 80) -> str:
    """A drawn face as a JPEG of some 5 kB, in base64."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", _SIZE_PX, (172, 188, 201))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 270, 200, 320), fill=(52, 73, 110))
    pen.ellipse((60, 60, 180, 240), fill=(224, 184, 155), outline=(120, 90, 70), width=3)
    for left in (90, 135):
        pen.ellipse((left, 125, left + 16, 137), fill=(250, 250, 250))
        pen.ellipse((left + 4, 126, left + 12, 136), fill=(60, 50, 40))
    pen.line((120, 140, 114, 175, 124, 177), fill=(160, 115, 95), width=3)
    pen.arc((95, 175, 145, 215), start=20, end=160, fill=(170, 80, 80), width=4)
    encoded = io.BytesIO()
    picture.save(encoded, format="JPEG", quality=quality)
    return base64.b64encode(encoded.getvalue()).decode()
