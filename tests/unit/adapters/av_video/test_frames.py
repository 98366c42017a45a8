"""Frames of every form are converted to what the port promises."""

import threading
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange

from facegate.adapters.av_video.frames import AvGrabbedFrame
from facegate.domain.geometry import ImageSize

FORMATS = ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "yuyv422", "rgb24", "bgr24", "gray"]


def halves(width_px: int = 64, height_px: int = 48) -> np.ndarray:
    """Black on the left, white on the right."""
    pixels = np.zeros((height_px, width_px, 3), np.uint8)
    pixels[:, width_px // 2 :] = 255
    return pixels


def frame_of(pixels: np.ndarray, format_name: str = "rgb24", **changes: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format=format_name, **changes)


@pytest.mark.parametrize("format_name", FORMATS)
def test_black_is_black_and_white_is_white_in_every_format(format_name: str) -> None:
    grabbed = AvGrabbedFrame(frame_of(halves(), format_name))
    pixels = grabbed.picture().pixels_rgb
    assert pixels[:, :28].max() <= 3
    assert pixels[:, 36:].min() >= 252
    luma = grabbed.luma(32)
    assert luma.shape == (24, 32)
    assert luma[:, :14].max() <= 3
    assert luma[:, 18:].min() >= 252


def test_full_range_is_known_by_the_frame_too() -> None:
    full = frame_of(halves(), "yuv420p", dst_color_range=ColorRange.JPEG)
    assert AvGrabbedFrame(full).picture().pixels_rgb[:, 36:].min() >= 252
    assert AvGrabbedFrame(full).luma(32)[:, :14].max() <= 3


@pytest.mark.parametrize(("width_px", "height_px"), [(33, 17), (17, 33), (2, 2), (1919, 1079), (16, 1)])
def test_odd_sizes(width_px: int, height_px: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (height_px, width_px, 3), np.uint8)
    grabbed = AvGrabbedFrame(frame_of(pixels))
    assert np.array_equal(grabbed.picture().pixels_rgb, pixels)
    small = grabbed.picture(11)
    assert max(small.size.width_px, small.size.height_px) == min(11, max(width_px, height_px))
    assert small.pixels_rgb.flags.c_contiguous
    assert small.original_size == grabbed.size == ImageSize(width_px, height_px)
    assert grabbed.luma(7).shape[1] == 7


def test_a_small_picture_is_not_enlarged() -> None:
    assert AvGrabbedFrame(frame_of(halves())).picture(1000).size == ImageSize(64, 48)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_rotated_recording_is_upright(angle: int, tmp_path: Path) -> None:
    path = tmp_path / "rotated.mp4"
    _write_rotated(path, angle)
    with av.open(str(path)) as container:
        grabbed = AvGrabbedFrame(next(container.decode(video=0)))
    is_lying = angle != 180
    assert grabbed.size == (ImageSize(48, 64) if is_lying else ImageSize(64, 48))
    pixels = grabbed.picture().pixels_rgb.astype(int)
    assert pixels.shape[:2] == (grabbed.size.height_px, grabbed.size.width_px)
    luma = grabbed.luma(24).astype(int)
    assert luma.shape == ((32, 24) if is_lying else (18, 24))
    # The white half was on the right; turned clockwise by the angle it lies below, on the left or above.
    for picture in (pixels.mean(axis=2), luma):
        above, left = picture[: len(picture) // 2].mean(), picture[:, : picture.shape[1] // 2].mean()
        below, right = picture[len(picture) // 2 :].mean(), picture[:, picture.shape[1] // 2 :].mean()
        brightest = max((below, 90), (left, 180), (above, 270), (right, 0))
        assert brightest[1] == angle


def test_many_threads_convert_one_frame() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8)
    grabbed = AvGrabbedFrame(frame_of(pixels, "yuv420p"))
    expected = (grabbed.picture(80).pixels_rgb.tobytes(), grabbed.luma(40).tobytes())
    found = set()

    def convert() -> None:
        for _ in range(50):
            found.add((grabbed.picture(80).pixels_rgb.tobytes(), grabbed.luma(40).tobytes()))

    threads = [threading.Thread(target=convert) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {expected}


def _write_rotated(path: Path, angle: int) -> None:
    """An MP4 whose header says that players turn it clockwise by the angle."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(frame_of(halves(), "yuv420p")))
        container.mux(stream.encode())
    content = bytearray(path.read_bytes())
    # The matrix in the track's header: 36 bytes before width and height, the last eight of the box.
    begin = content.index(b"tkhd")
    size = int.from_bytes(content[begin - 4 : begin], "big")
    matrix_at = begin - 4 + size - 8 - 36
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[angle]
    values = [cosine << 16, sine << 16, 0, -sine << 16, cosine << 16, 0, 0, 0, 1 << 30]
    content[matrix_at : matrix_at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in values)
    path.write_bytes(bytes(content))
