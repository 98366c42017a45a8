"""What the cameras show: an empty room with sensor noise, people who come and go, and damaged video."""

import hashlib
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import tests.rtsp_server.clips
from tests.real_pictures import RealPictures, default_picture_folder
from tests.rtsp_server.clips import make_walk_in_clip
from tests.rtsp_server.launcher import byte_stream

from benchmarks.engine_parts import open_detector
from facegate.adapters.av_video.frames import AvGrabbedFrame
from facegate.ports.face_detector import FaceDetector

CLIPS_FOLDER = Path("build/benchmarks/camera-clips")
FPS = 25
SIZE = (1280, 720)

SHOWN_PHOTO, ENROLLED_PHOTO = "obama.jpg", "obama2.jpg"
"""The person comes as in one photo and is enrolled by another."""

SUBJECT_ID = "walker"

_SLIDE_PICTURES = 20
_MARGIN_PX = 2.0
_DETECTION_SIDE_PX = 640
_DELIMITER = b"\x00\x00\x00\x01\x09"
_SLICE_KINDS = frozenset({1, 5})
"""Kinds of H.264 units that hold a picture's content."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip of `picture_count` pictures; `somebody_from` is the first with a pixel of the person."""

    path: Path
    picture_count: int
    somebody_from: int | None

    @property
    def seconds(self) -> float:
        """How long one round takes."""
        return self.picture_count / FPS

    @property
    def megabits_per_s(self) -> float:
        """Of the file, which is all but the video."""
        return round(self.path.stat().st_size * 8 / 1e6 / self.seconds, 2)


def walk_in_clip(empty_pictures: int, present_pictures: int) -> Clip:
    """So many pictures of an empty room, then so many from the person's first pixel to the last.

    A length that is no multiple of the pictures between two looks makes the looks fall elsewhere in every
    round.
    """
    path = _path(f"walk-in-{empty_pictures}-{present_pictures}")
    if not path.is_file():
        part = path.with_suffix(".part.mp4")
        photo = RealPictures(default_picture_folder()).path(SHOWN_PHOTO)
        make_walk_in_clip(photo, part, empty_pictures / FPS, present_pictures / FPS, SIZE, FPS)
        part.rename(path)
    # At the moment where the way begins the person stands just outside.
    return Clip(path, empty_pictures + present_pictures, empty_pictures + 1)


def empty_room_clip(pictures: int) -> Clip:
    """The same room, with the same noise, before anybody comes."""
    path = _path(f"empty-{pictures}")
    if not path.is_file():
        whole = walk_in_clip(pictures, 2 * _SLIDE_PICTURES + FPS)
        part = path.with_suffix(".part.mp4")
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(whole.path), "-c", "copy"]
        subprocess.run([*command, "-frames:v", str(pictures), str(part)], check=True)
        part.rename(path)
    return Clip(path, pictures, None)


def damaged_clip(good_pictures: int, bad_pictures: int) -> Clip:
    """The empty room, then pictures whose content is random bytes; the headers stay right."""
    path = _path(f"damaged-{good_pictures}-{bad_pictures}")
    stream = path.with_suffix(".delimited.h264")
    if not stream.is_file():
        good = empty_room_clip(good_pictures + bad_pictures)
        units = _access_units(byte_stream(good.path).read_bytes())
        generator = random.Random(0)  # noqa: S311 - no secret
        damaged = [_damaged(unit, generator) for unit in units[good_pictures:]]
        # The launcher takes the stream that lies beside a clip as it is, so nothing repairs it.
        path.write_bytes(good.path.read_bytes())
        stream.write_bytes(b"".join([*units[:good_pictures], *damaged]))
    return Clip(path, good_pictures + bad_pictures, None)


def first_whole_face(clip: Clip) -> int:
    """The first picture in which our detector finds a face that does not touch the edge.

    Every picture is looked at as a camera's is.
    """
    assert clip.somebody_from is not None
    detector, until = open_detector(), clip.somebody_from + 2 * _SLIDE_PICTURES
    for number, grabbed in enumerate(pictures_of(clip)):
        if clip.somebody_from <= number < until and _has_whole_face(grabbed, detector):
            return number
    raise ValueError("nobody's face is found in the clip")


def pictures_of(clip: Clip) -> Iterator[AvGrabbedFrame]:
    """The clip's pictures as fast as they can be decoded, on one thread as a camera's are."""
    with av.open(str(clip.path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for frame in container.decode(stream):
            yield AvGrabbedFrame(frame)


def _has_whole_face(grabbed: AvGrabbedFrame, detector: FaceDetector) -> bool:
    frame = grabbed.picture(_DETECTION_SIDE_PX)
    right_px = frame.size.width_px - _MARGIN_PX
    return any(
        face.box.left_px >= _MARGIN_PX and face.box.right_px <= right_px for face in detector.detect(frame)
    )


def _path(name: str) -> Path:
    """Another way of making clips makes other files."""
    CLIPS_FOLDER.mkdir(parents=True, exist_ok=True)
    maker = Path(tests.rtsp_server.clips.__file__).read_bytes()
    return CLIPS_FOLDER / f"{name}-{hashlib.sha256(maker).hexdigest()[:8]}.mp4"


def _access_units(stream: bytes) -> list[bytes]:
    """The pictures of a byte stream in which a delimiter stands before each."""
    return [_DELIMITER + part for part in stream.split(_DELIMITER)[1:]]


def _damaged(unit: bytes, generator: random.Random) -> bytes:
    """The unit with its slices' content replaced; zeros are left out, so that no new unit begins."""
    parts = unit.split(b"\x00\x00\x01")
    return b"\x00\x00\x01".join(
        part[:1] + bytes(generator.choices(range(1, 256), k=len(part) - 1))
        if part and part[0] & 31 in _SLICE_KINDS
        else part
        for part in parts
    )
