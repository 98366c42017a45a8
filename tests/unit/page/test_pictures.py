"""Faces marked in pictures."""

import io

from PIL import Image

from facegate.page.pictures import Mark, marked


def png(width: int = 400, height: int = 300) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(written, "PNG")
    return written.getvalue()


def shown(encoded: bytes, *marks: Mark) -> Image.Image:
    drawn = marked(encoded, marks)
    assert drawn is not None
    return Image.open(io.BytesIO(drawn))


def test_a_box_and_a_name_are_drawn() -> None:
    picture = shown(png(), Mark(100, 100, 200, 200, "1 Ada", "match"))

    assert picture.size == (400, 300)
    red, green, _ = picture.getpixel((150, 200))  # type: ignore[misc]
    assert green > red + 40
    assert picture.getpixel((300, 280)) == (255, 255, 255)


def test_a_large_picture_is_made_smaller_with_its_boxes() -> None:
    picture = shown(png(4000, 2000), Mark(1000, 1000, 2000, 1600, "1", "review"))

    assert picture.size == (1600, 800)
    assert picture.getpixel((600, 640)) != (255, 255, 255)


def test_marks_beyond_the_picture_and_odd_names_do_no_harm() -> None:
    shown(png(), Mark(-50, -50, 900, 900, "2 Ädä مرحبا 漢字 " + "x" * 300, "unknown"))
    shown(png(3, 3), Mark(0, 0, 3, 3, "1 Ada", "something new"))


def test_a_photo_that_was_turned_is_shown_upright() -> None:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(written, "JPEG", exif=exif)

    assert shown(written.getvalue()).size == (20, 40)


def test_what_cannot_be_shown_is_none() -> None:
    assert marked(b"no picture", []) is None
    assert marked(png()[:60], []) is None
    assert marked(png(8001, 8000), []) is None
