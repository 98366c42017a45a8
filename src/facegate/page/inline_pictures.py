"""Pictures of the server inside the page's own connection.

A picture with an address of its own would be open to whoever learns that address, and is gone where the next
one comes before the browser has asked for it.
"""

import base64
import io
from typing import Literal

import streamlit as st
from PIL import Image, UnidentifiedImageError

from facegate.page import session
from facegate.page.server import ServerSaid

Width = Literal["content", "stretch"] | int

_KEPT = "kept_thumbnails"
_MAX_KEPT = 300

_EMPTY = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<rect width="{width}" height="{height}" rx="6" fill="#eef1f3"/>
<g fill="none" stroke="#9aa5b1" stroke-width="7" stroke-linecap="round" stroke-linejoin="round"
 transform="translate({x} {y}) scale(0.6)"><rect x="-46" y="-30" width="66" height="60" rx="10"/>
<path d="M20 -8 L48 -24 L48 24 L20 8"/><path d="M-60 -46 L60 46"/></g></svg>"""


def show(jpeg: bytes, alt: str, width: Width = "stretch") -> None:
    """The picture; `alt` says in words what it shows."""
    st.image(_address("image/jpeg", jpeg), alt=alt, width=width)


def show_none(alt: str, width: Width = "stretch", *, is_wide: bool = True) -> None:
    """A grey field where a picture would be."""
    width_px, height_px = (320, 180) if is_wide else (240, 240)
    drawn = _EMPTY.format(width=width_px, height=height_px, x=width_px // 2, y=height_px // 2)
    st.image(_address("image/svg+xml", drawn.encode()), alt=alt, width=width)


def thumbnail(path: str, max_side_px: int) -> bytes | None:
    """A small copy of a picture of the server that never changes; None where it is no longer kept.

    Kept for this visit: a list of them is drawn anew at every click.

    Raises:
        ServerSaid: the server cannot be asked.
    """
    kept: dict[tuple[str, int], bytes] = st.session_state.setdefault(_KEPT, {})
    key = (path, max_side_px)
    if key not in kept:
        small = _small_copy(path, max_side_px)
        if small is None:
            return None
        if len(kept) >= _MAX_KEPT:
            del kept[next(iter(kept))]
        kept[key] = small
    return kept[key]


def _small_copy(path: str, max_side_px: int) -> bytes | None:
    try:
        jpeg = session.server().content(path)
    except ServerSaid as error:
        if error.kind in ("event_not_found", "evidence_not_found"):
            return None
        raise
    try:
        with Image.open(io.BytesIO(jpeg)) as picture:
            picture.draft("RGB", (max_side_px, max_side_px))
            small = picture.convert("RGB")
    except (UnidentifiedImageError, OSError):
        return None
    small.thumbnail((max_side_px, max_side_px))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return out.getvalue()


def _address(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
