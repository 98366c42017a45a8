"""Fonts for labels: Pillow's own for Latin, and what the system has for other scripts."""

import functools
import unicodedata

from PIL import ImageFont

_SYSTEM_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansArabic-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "wqy-microhei.ttc",
    "FreeSans.ttf",
    "unifont.otf",
    "Arial Unicode.ttf",
    "arial.ttf",
    "msyh.ttc",
)
"""In the order in which they are asked; those that are not installed are passed over."""

_NO_CHARACTER = "\U0010ffff"
"""No font has a glyph for it: what it looks like, every missing character looks like."""

_PLAIN_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "þ": "th", "\u0131": "i", "\u2013": "-", "\u2014": "-"}
)
"""What Unicode does not take apart into a letter and its accent."""

_PROBE_PX = 24

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font_for(text: str, size_px: int) -> tuple[Font, str]:
    """The first font that has all of the characters, or else most of them, and the text as it can write it.

    Pillow's own has plain letters alone: where nothing else is installed, Müller is written Muller, and a
    question mark stands for a character of another script.
    """
    wanted = frozenset(char for char in text if not char.isspace())
    best_name, fewest_missing = None, _missing_count(None, wanted)
    for name in _SYSTEM_FONTS:
        if fewest_missing == 0:
            break
        missing_count = _missing_count(name, wanted)
        if missing_count < fewest_missing:
            best_name, fewest_missing = name, missing_count
    font = _font(best_name, size_px)
    if font is None:
        raise AssertionError("a font that has glyphs is there")
    return font, "".join(_written(best_name, char) for char in text) if fewest_missing else text


def _written(name: str | None, char: str) -> str:
    if char.isspace() or _has_glyph(name, char):
        return char
    plain = unicodedata.normalize("NFKD", char.translate(_PLAIN_LETTERS))
    letters = [letter for letter in plain if not unicodedata.combining(letter)]
    return "".join(letter if _has_glyph(name, letter) else "?" for letter in letters)


def _missing_count(name: str | None, wanted: frozenset[str]) -> int:
    return sum(not _has_glyph(name, char) for char in wanted)


@functools.lru_cache(maxsize=8192)
def _has_glyph(name: str | None, char: str) -> bool:
    font = _font(name, _PROBE_PX)
    return font is not None and _drawn(font, char) != _drawn(font, _NO_CHARACTER)


def _drawn(font: Font, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(char)
    return mask.size, bytes(mask)


@functools.lru_cache(maxsize=256)
def _font(name: str | None, size_px: int) -> Font | None:
    """Pillow's own without a name; None where it is not installed. Pillow knows where systems keep fonts."""
    if name is None:
        return ImageFont.load_default(size_px)
    try:
        return ImageFont.truetype(name, size_px)
    except OSError:
        return None
