"""Colours that can be read, lines that fit the picture, and names where no font is installed."""

import io
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageFont

from facegate.adapters.pillow_images import label_fonts
from facegate.adapters.pillow_images.frame_drawer import BAND_COLOURS, TEXT_COLOUR, PillowFrameDrawer
from facegate.adapters.pillow_images.label_fonts import font_for
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.domain.matching import Band
from facegate.ports.cameras.frame_drawer import DrawnBox

LEAST_CONTRAST = 4.5
"""What WCAG 2 asks of text."""


def luminance(colour: tuple[int, int, int]) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("band", [*Band, None])
def test_names_can_be_read_on_the_colour_of_each_band(band: Band | None) -> None:
    assert contrast(BAND_COLOURS[band], TEXT_COLOUR) >= LEAST_CONTRAST


@pytest.mark.parametrize(("side_px", "line_px"), [(320, 1), (1280, 3), (3840, 10)])
def test_lines_are_as_thick_as_the_picture_is_large(side_px: int, line_px: int) -> None:
    frame = Frame.of(np.zeros((side_px, side_px, 3), dtype=np.uint8))
    box = DrawnBox(PixelBox(side_px * 0.25, side_px * 0.25, side_px * 0.75, side_px * 0.75), "", Band.MATCH)
    with Image.open(io.BytesIO(PillowFrameDrawer(jpeg_quality=95).draw(frame, [box]))) as picture:
        row = np.asarray(picture)[side_px // 2, : side_px // 2, 1]
    assert (row > 120).sum() == pytest.approx(line_px, abs=1)


@pytest.fixture
def no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_fonts, "_SYSTEM_FONTS", ())


@pytest.mark.usefixtures("no_system_fonts")
@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Anna 0.93", "Anna 0.93"),
        ("Müller", "Muller"),
        ("Łukasz Groß", "Lukasz Gross"),
        ("Æsa Øst\u2013West", "Aesa Ost-West"),
        ("Ялта", "????"),
        ("e\u0301", "e"),
    ],
)
def test_names_where_no_font_is_installed(name: str, written: str) -> None:
    assert font_for(name, 20)[1] == written


def test_a_font_that_has_all_letters_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    dejavu = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    monkeypatch.setattr(label_fonts, "_SYSTEM_FONTS", ("not-installed.ttf", str(dejavu)))
    font, written = font_for("Ялта", 20)
    assert written == "Ялта"
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert font.getname()[0] == "DejaVu Sans"
