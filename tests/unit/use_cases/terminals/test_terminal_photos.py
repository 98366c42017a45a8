"""Photos as terminals take them."""

import io

import numpy as np
import pytest
from PIL import Image
from tests.fakes.engine import FakeCutter, FakeEmbedder, FakeFace, fake_picture
from tests.unit.use_cases.terminals.people_core import people_in_memory

from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.adapters.pillow_images.jpeg_encoder import EncoderOptions, PillowJpegEncoder
from facegate.domain.errors import InvalidInput, NoFace, SeveralFaces, UnreadableImage
from facegate.domain.geometry import FaceLandmarks, PixelBox
from facegate.domain.images import DetectedFace, Frame, SmallLook
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.terminals import terminal_photos
from facegate.use_cases.terminals.terminal_photos import SubjectPhotos, TerminalPhotos

ENCODERS = [PillowJpegEncoder(EncoderOptions(640, quality)) for quality in (90, 75, 50)]


class RedFace:
    """Finds the box around what is red."""

    def detect(self, frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        pixels = frame.pixels_rgb.astype(int)
        rows, columns = np.nonzero((pixels[..., 0] > 200) & (pixels[..., 1] < 60))
        if rows.size == 0:
            return []
        box = PixelBox(float(columns.min()), float(rows.min()), columns.max() + 1.0, rows.max() + 1.0)
        return [DetectedFace(box, FaceLandmarks(np.zeros((5, 2), dtype=np.float32)), 0.9)]


def photos() -> TerminalPhotos:
    analysis = FaceAnalysis(
        decoder=PillowImageDecoder(), detector=RedFace(), embedder=FakeEmbedder(), cutter=FakeCutter()
    )
    return TerminalPhotos(analysis, ENCODERS)


def picture(
    width_px: int, height_px: int, face: tuple[int, int, int, int] | None, *, noise: bool = False
) -> Image.Image:
    """Grey or noisy, with a red box as the face: left, top, right, bottom."""
    shape = (height_px, width_px, 3)
    random = np.random.default_rng(1)
    pixels = random.integers(0, 200, shape, dtype=np.uint8) if noise else np.full(shape, 128, dtype=np.uint8)
    if face is not None:
        left, top, right, bottom = face
        pixels[top:bottom, left:right] = (255, 0, 0)
    return Image.fromarray(pixels)


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def opened(photo: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(photo))
    image.load()
    assert image.format == "JPEG"
    assert image.width <= 480
    assert image.height <= 640
    assert len(photo) < 150_000
    return image


def face_of(image: Image.Image) -> PixelBox:
    return RedFace().detect(Frame.of(np.asarray(image.convert("RGB"))))[0].box


@pytest.mark.parametrize(
    ("size", "face"),
    [
        ((4000, 3000), (1800, 1200, 2200, 1800)),
        ((3000, 4000), (1000, 1000, 1900, 2200)),
        ((640, 480), (300, 200, 340, 260)),
        ((640, 480), (0, 0, 40, 60)),
        ((640, 480), (600, 420, 640, 480)),
        ((300, 1200), (50, 600, 250, 900)),
        ((1200, 300), (500, 10, 700, 290)),
        ((256, 256), (60, 50, 196, 206)),
        ((100, 100), (0, 0, 100, 100)),
    ],
)
def test_the_photo_is_small_upright_and_around_the_whole_face(
    size: tuple[int, int], face: tuple[int, int, int, int]
) -> None:
    image = opened(photos()(encoded(picture(*size, face))))
    found = face_of(image)
    fits = face[3] - face[1] < size[1] and (face[2] - face[0]) / 0.75 < size[1]
    if fits:
        assert found.width_px / found.height_px == pytest.approx(
            (face[2] - face[0]) / (face[3] - face[1]), rel=0.1
        )
    assert image.width / image.height == pytest.approx(0.75, abs=0.02)


def test_a_small_face_in_a_large_picture_fills_the_photo() -> None:
    image = opened(photos()(encoded(picture(1600, 1200, (1000, 700, 1180, 940)))))
    assert image.size == (450, 600)
    box = face_of(image)
    assert box.height_px / image.height == pytest.approx(0.4, abs=0.02)
    assert (box.left_px + box.right_px) / 2 == pytest.approx(image.width / 2, abs=2)
    assert opened(photos()(encoded(picture(4000, 3000, (1000, 1000, 1900, 2200))))).size == (480, 640)


def test_a_turned_picture_is_set_upright_and_nothing_is_told_of_the_camera() -> None:
    lying = picture(600, 800, (200, 100, 400, 350)).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Secret camera"
    photo = photos()(encoded(lying, "JPEG", exif=exif, quality=95))
    image = opened(photo)
    box = face_of(image)
    assert box.height_px > box.width_px
    assert b"Secret camera" not in photo
    assert dict(image.getexif()) == {}


def test_a_picture_that_compresses_badly_is_made_small_enough() -> None:
    noisy = encoded(picture(1000, 1200, (300, 400, 700, 900), noise=True))
    first = TerminalPhotos(photos()._analysis, [PillowJpegEncoder(EncoderOptions(640, 95))])
    with pytest.raises(InvalidInput):
        first(noisy)
    opened(photos()(noisy))


def test_what_a_terminal_would_refuse_is_refused_here() -> None:
    with pytest.raises(NoFace):
        photos()(encoded(picture(400, 400, None)))
    with pytest.raises(UnreadableImage):
        photos()(b"nonsense")
    core = people_in_memory()
    with pytest.raises(SeveralFaces):
        TerminalPhotos(core.analysis, ENCODERS)(fake_picture(FakeFace("ann"), FakeFace("bob")))
    with pytest.raises(ValueError, match="encoder"):
        TerminalPhotos(core.analysis, [])


def test_the_best_kept_picture_serves_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    core = people_in_memory()
    core.enrol("ann", keep_cutouts=True)
    core.enrol("bob")
    kept = core.gallery.templates_of("ann")[0].template_id
    asked: list[bytes] = []

    def made_of(_: TerminalPhotos, encoded: bytes) -> bytes:
        asked.append(encoded)
        return b"photo"

    monkeypatch.setattr(terminal_photos.TerminalPhotos, "__call__", made_of)
    photo_of = SubjectPhotos(photos(), core.gallery, core.store.cutout_of)
    assert photo_of("ann", None) == b"photo"
    assert photo_of("bob", b"given") == b"photo"
    cutout = core.store.cutout_of(kept)
    assert cutout is not None
    assert asked == [cutout.encoded_image, b"given"]
    with pytest.raises(InvalidInput, match="send a photo"):
        photo_of("bob", None)
