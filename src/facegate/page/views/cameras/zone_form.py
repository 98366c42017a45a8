"""The part of the picture that counts: all, a rectangle, or a polygon, shown on the camera's picture."""

import io
from collections.abc import Sequence

import streamlit as st
from PIL import Image, ImageDraw

from facegate.page import choices, inline_pictures, session
from facegate.page.server import ServerSaid
from facegate.page.views.cameras.say import say

Corners = list[tuple[float, float]]

_WHOLE, _RECTANGLE, _POLYGON = "whole", "rectangle", "polygon"
_GREY, _SIZE_PX = (214, 219, 224), (960, 540)
_SHADE, _EDGE = (15, 23, 32, 150), (13, 148, 136)


def show(camera_id: str, known: Sequence[Sequence[float]] | None) -> tuple[Corners | None, bool]:
    """The corners, None for the whole picture; and whether they can be kept."""
    corners = [(float(x), float(y)) for x, y in known] if known else None
    if f"zone {camera_id} kind" not in st.session_state:
        st.session_state.pop(f"zone {camera_id} still", None)
    kinds = [_WHOLE, _RECTANGLE, _POLYGON]
    kind = st.segmented_control(
        say("zone"),
        kinds,
        default=_kind_of(corners),
        format_func=choices.worded(kinds, "cameras", "zone"),
        help=say("zone_help"),
        required=True,
        key=f"zone {camera_id} kind",
    )
    if kind == _WHOLE:
        return None, True
    drawn, form = st.columns([3, 2], gap="medium")
    with form:
        wanted = _rectangle(camera_id, corners) if kind == _RECTANGLE else _polygon(camera_id, corners)
    with drawn:
        if wanted is not None:
            inline_pictures.show(_preview(camera_id, wanted), say("zone_preview"))
    return wanted, wanted is not None


def _kind_of(corners: Corners | None) -> str:
    if corners is None:
        return _WHOLE
    return _RECTANGLE if _is_rectangle(corners) else _POLYGON


def _is_rectangle(corners: Corners) -> bool:
    xs, ys = {x for x, _ in corners}, {y for _, y in corners}
    return len(corners) == 4 and len(set(corners)) == 4 and len(xs) == 2 and len(ys) == 2


def _rectangle(camera_id: str, corners: Corners | None) -> Corners:
    known = corners or [(0.1, 0.1), (0.9, 0.9)]
    xs, ys = [round(x * 100) for x, _ in known], [round(y * 100) for _, y in known]
    left, right = st.slider(
        say("zone_across"), 0, 100, (min(xs), max(xs)), 1, format="%d %%", key=f"zone {camera_id} across"
    )
    top, bottom = st.slider(
        say("zone_down"), 0, 100, (min(ys), max(ys)), 1, format="%d %%", key=f"zone {camera_id} down"
    )
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    x1, x2, y1, y2 = left / 100, min(right, 100) / 100, top / 100, min(bottom, 100) / 100
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]


def _polygon(camera_id: str, corners: Corners | None) -> Corners | None:
    known = corners or [(0.1, 0.9), (0.4, 0.2), (0.9, 0.9)]
    lines = "\n".join(f"{x * 100:g}, {y * 100:g}" for x, y in known)
    text = st.text_area(
        say("zone_corners"), lines, height=180, help=say("zone_corners_help"), key=f"zone {camera_id} corners"
    )
    found = parse_corners(text)
    if found is None:
        st.warning(say("zone_not_understood"))
    return found


def parse_corners(text: str) -> Corners | None:
    """Lines of two percentages; None where they are not at least three corners inside the picture."""
    corners = []
    for line in text.splitlines():
        if not line.strip():
            continue
        parts = line.replace("%", "").replace(";", ",").split(",")
        try:
            x, y = (float(part) / 100 for part in parts)
        except ValueError:
            return None
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            return None
        corners.append((x, y))
    return corners if 3 <= len(corners) <= 32 else None


def _preview(camera_id: str, corners: Corners) -> bytes:
    """The camera's picture with what does not count darkened."""
    with Image.open(io.BytesIO(_still(camera_id))) as opened:
        still = opened.convert("RGB")
    points = [(x * still.width, y * still.height) for x, y in corners]
    # What lies inside by the even-odd rule, as the server counts, is what Pillow fills.
    shade = Image.new("RGBA", still.size, _SHADE)
    pen = ImageDraw.Draw(shade)
    pen.polygon(points, fill=(0, 0, 0, 0))
    pen.line([*points, points[0]], fill=(*_EDGE, 255), width=max(3, still.width // 240), joint="curve")
    shown = Image.alpha_composite(still.convert("RGBA"), shade).convert("RGB")
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=85)
    return out.getvalue()


def _still(camera_id: str) -> bytes:
    """One picture while the form is open: it would move under the sliders otherwise."""
    key = f"zone {camera_id} still"
    if key not in st.session_state:
        try:
            st.session_state[key] = session.server().content(
                f"/cameras/{camera_id}/snapshot.jpg", boxes="false", max_side_px=_SIZE_PX[0]
            )
        except ServerSaid as error:
            if error.kind not in ("camera_failed", "capability_missing"):
                raise
            out = io.BytesIO()
            Image.new("RGB", _SIZE_PX, _GREY).save(out, "JPEG")
            return out.getvalue()
    still: bytes = st.session_state[key]
    return still
