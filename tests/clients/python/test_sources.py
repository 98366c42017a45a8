"""Pictures out of a folder and out of a camera."""

import asyncio
import itertools
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facegate_workstation import CameraPictures, FolderPictures, SourceUnavailable
from facegate_workstation import camera as camera_module
from facegate_workstation.jpeg import JpegFormat


def picture(width_px: int, height_px: int, shade: int = 0) -> bytes:
    return cv2.imencode(".png", np.full((height_px, width_px, 3), shade, np.uint8))[1].tobytes()


def size_of(content: bytes | None) -> tuple[int, int]:
    assert content is not None
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels.shape[1], pixels.shape[0]


async def shown(source: FolderPictures, count: int) -> list[bytes | None]:
    await source.open()
    return [await source.newest() for _ in range(count)]


def test_a_folder_is_shown_in_order_again_and_again(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.PNG", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    assert asyncio.run(shown(FolderPictures(tmp_path), 5)) == [b"a.PNG", b"b.jpg"] * 2 + [b"a.PNG"]


def test_a_folder_is_shown_once_if_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    assert asyncio.run(shown(FolderPictures(tmp_path, loop=False), 3)) == [b"a", None, None]


def test_a_new_picture_is_seen_in_the_next_round(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")

    async def run() -> list[bytes | None]:
        source = FolderPictures(tmp_path)
        first = await shown(source, 1)
        (tmp_path / "b.jpg").write_bytes(b"b")
        (tmp_path / "c.jpg").mkdir()
        return first + [await source.newest() for _ in range(3)]

    assert asyncio.run(run()) == [b"a", b"a", b"b", b"a"]


def test_a_folder_without_pictures_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="holds no picture"):
        asyncio.run(FolderPictures(tmp_path).open())
    with pytest.raises(SourceUnavailable, match="not a folder"):
        asyncio.run(FolderPictures(tmp_path / "none").open())


def test_large_pictures_are_scaled_small_ones_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture(1000, 500))
    (tmp_path / "b.png").write_bytes(small := picture(300, 100))
    large, as_it_was = asyncio.run(shown(FolderPictures(tmp_path), 2))
    assert size_of(large) == (800, 400)
    assert as_it_was == small


class FakeCamera:
    """Counts its frames in their shade."""

    def __init__(self, shades: Any, *, opens: bool = True) -> None:
        self._shades = iter(shades)
        self._opens = opens
        self.is_released = False
        self.read_count = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opens

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        time.sleep(0.001)
        self.read_count += 1
        shade = next(self._shades, None)
        return shade is not None, None if shade is None else np.full((600, 1200, 3), shade, np.uint8)

    def release(self) -> None:
        self.is_released = True


def test_a_camera_gives_the_newest_picture_in_the_wanted_size() -> None:
    device = FakeCamera(itertools.chain(range(256), itertools.repeat(255)))

    async def run() -> tuple[bytes | None, bytes | None]:
        source = CameraPictures(open_device=lambda: device, picture_format=JpegFormat(400, 90))
        await source.open()
        first = await source.newest()
        seen = device.read_count
        while device.read_count < seen + 20:  # noqa: ASYNC110 - the camera's thread knows no events
            await asyncio.sleep(0.01)
        second = await source.newest()
        await source.close()
        return first, second

    first, second = asyncio.run(run())
    assert size_of(first) == (400, 200)
    shades = [
        int(cv2.imdecode(np.frombuffer(jpeg or b"", np.uint8), cv2.IMREAD_COLOR).mean())  # type: ignore[union-attr]
        for jpeg in (first, second)
    ]
    # What the camera saw in between was read and thrown away.
    assert shades[1] - shades[0] >= 20 or shades[1] > 250
    assert device.is_released


def test_a_camera_that_is_not_there() -> None:
    with pytest.raises(SourceUnavailable, match="camera 7 cannot be opened"):
        asyncio.run(CameraPictures(7, open_device=lambda: FakeCamera([], opens=False)).open())


def test_a_camera_that_was_unplugged_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "_REOPEN_AFTER_S", 0.01)
    devices = iter([FakeCamera([]), FakeCamera([], opens=False), FakeCamera(itertools.repeat(9))])

    async def run() -> bytes | None:
        source = CameraPictures(open_device=lambda: next(devices))
        await source.open()
        content = await asyncio.wait_for(source.newest(), 10)
        await source.close()
        return content

    assert size_of(asyncio.run(run())) == (800, 400)
