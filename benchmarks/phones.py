"""Phones found and false alarms: one look against the cascade, on photos, at a desk, and on drawn phones."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from tests.drawn_phones import PhoneLook, with_phone
from tests.real_pictures import PICTURES, RealPictures, default_picture_folder
from tests.real_video import moving_person_pixels

from benchmarks.engine_parts import open_detector, open_session
from benchmarks.liveness_scenes import Camera
from benchmarks.progress import progress_bar
from facegate.adapters.face_nets.phone_cascade import PhoneCascade, PhoneCascadeOptions, yolox_cascade
from facegate.adapters.face_nets.yolox_phone_detector import PhoneDetectorOptions, YoloxPhoneDetector
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.domain.presence.changes import changes_between
from facegate.domain.presence.thumbnails import COLUMNS, ROWS
from facegate.ports.face_detector import FaceDetector
from facegate.ports.inference_session import InferenceSession
from facegate.ports.phone_detector import PhoneDetector

DESK_FACE_SHARES = (0.45, 0.3, 0.2)
"""Height of the face over the height of the frame: near, usual and far before a web camera."""

DRAWN_WIDTH_SHARES = (0.05, 0.08, 0.12)
"""Width of a drawn phone, its short side, over the width of the frame."""

AS_SENT = "as sent"
IN_PART = "cascade, only where something has come"
DRAWN = "drawn phone"
VIDEO = "video"
_WIDTH_PX, _HEIGHT_PX = 640, 480
_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
_DRAWN_ON = ("obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png")
_OVERLAP_OF_A_HIT = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One frame. `phone_box` is None where it is not known, `has_phone` says whether there is one."""

    kind: str
    name: str
    frame: Frame
    has_phone: bool
    phone_box: PixelBox | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one detector said of one scene, and how often its net ran."""

    kind: str
    name: str
    has_phone: bool
    is_found: bool
    confidence: float
    runs: int


def variants() -> dict[str, Callable[[InferenceSession], PhoneDetector]]:
    """The shipped cascade, the bare net, and what else was tried."""
    return {
        "cascade (shipped)": yolox_cascade,
        IN_PART: yolox_cascade,
        "one look, 416 px": YoloxPhoneDetector,
        "one look, 640 px": lambda session: YoloxPhoneDetector(session, PhoneDetectorOptions(side_px=640)),
        "cascade, tile of 2 sides": _cascade(PhoneCascadeOptions(tile_sides=2.0)),
        "cascade, tile of 4 sides": _cascade(PhoneCascadeOptions(tile_sides=4.0)),
        "cascade, doubt from 0.05": _cascade(PhoneCascadeOptions(doubt_from=0.05)),
        "cascade, agreement 0.3": _cascade(PhoneCascadeOptions(agreement_from=0.3)),
    }


def measure_phones(with_folders: Sequence[Path], without_folders: Sequence[Path]) -> dict[str, list[Outcome]]:
    """Every variant on every scene: photos with a phone, photos without, and drawn phones."""
    session = open_session("yolox-nano")
    detectors = {name: make(session) for name, make in variants().items()}
    outcomes: dict[str, list[Outcome]] = {name: [] for name in detectors}
    paths = [(path, True) for folder in with_folders for path in _images_in(folder)]
    paths += [(path, False) for folder in without_folders for path in _images_in(folder)]
    with progress_bar("phones", len(paths)) as advance_to:
        for number, (path, has_phone) in enumerate(paths, 1):
            for scene in _scenes_of(path, has_phone):
                _judge(scene, detectors, outcomes)
            advance_to(number)
    for scene in (*_pinned_scenes(), *_drawn_scenes()):
        _judge(scene, detectors, outcomes)
    return outcomes


def _cascade(options: PhoneCascadeOptions) -> Callable[[InferenceSession], PhoneDetector]:
    return lambda session: yolox_cascade(session, options)


def _judge(scene: Scene, detectors: dict[str, PhoneDetector], outcomes: dict[str, list[Outcome]]) -> None:
    for name, detector in detectors.items():
        before = _runs(detector)
        found = detector.detect(scene.frame, within=_place(scene) if name == IN_PART else None)
        if scene.phone_box is not None:
            box = scene.phone_box
            found = [phone for phone in found if phone.box.intersection_over_union(box) >= _OVERLAP_OF_A_HIT]
        confidence = max((phone.detection_confidence for phone in found), default=0.0)
        runs = _runs(detector) - before if isinstance(detector, PhoneCascade) else 1
        outcomes[name].append(
            Outcome(scene.kind, scene.name, scene.has_phone, bool(found), round(confidence, 3), runs)
        )


def _place(scene: Scene) -> PixelBox:
    """Where the presence door would search if only the upper half of the phone were seen to have come.

    Without a phone, or where nobody has marked it, that is a place below the face.
    """
    size = scene.frame.size
    box = scene.phone_box or PixelBox(
        0.4 * size.width_px, 0.6 * size.height_px, 0.6 * size.width_px, 0.9 * size.height_px
    )
    without = np.full((ROWS, COLUMNS), 90, dtype=np.uint8)
    rows, columns = ROWS / size.height_px, COLUMNS / size.width_px
    shown = without.copy()
    middle_px = (box.top_px + box.bottom_px) / 2
    upper = np.s_[int(box.top_px * rows) : math.ceil(middle_px * rows)]
    shown[upper, int(box.left_px * columns) : math.ceil(box.right_px * columns)] = 200
    place = changes_between(without, shown, size).place(0.0)
    assert place is not None
    return place.box(without, size)


def _runs(detector: PhoneDetector) -> int:
    return sum(detector.look_counts.values()) if isinstance(detector, PhoneCascade) else 0


def _images_in(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise SystemExit(f"{folder} holds no photos")
    return found


def _scenes_of(path: Path, has_phone: bool) -> Iterator[Scene]:
    """The photo as it is, and at a desk in three distances; a photo with a phone mirrored too."""
    frame = PillowImageDecoder().decode(path.read_bytes())
    frames = [frame]
    if has_phone:
        frames.append(Frame.of(np.ascontiguousarray(frame.pixels_rgb[:, ::-1])))
    for number, seen in enumerate(frames):
        name = f"{path.parent.name}/{path.name}" + (" mirrored" if number else "")
        yield Scene(AS_SENT, name, seen, has_phone)
        for share in DESK_FACE_SHARES:
            placed = at_a_desk(seen, share, _detector(), seed=number)
            if placed is not None:
                yield Scene(desk_kind(share), name, placed, has_phone)


def _pinned_scenes() -> Iterator[Scene]:
    """The pinned test photos and all frames of the pinned video: none shows a phone."""
    pictures = RealPictures(default_picture_folder())
    for name in PICTURES:
        if not name.endswith(".mp4"):
            yield from _scenes_of(pictures.path(name), has_phone=False)
    for number, pixels_bgr in enumerate(moving_person_pixels(pictures)):
        pixels_rgb = np.ascontiguousarray(pixels_bgr[:, :, ::-1])
        yield Scene(VIDEO, f"frame {number}", Frame.of(pixels_rgb), has_phone=False)


def _drawn_scenes() -> Iterator[Scene]:
    """Drawn phones beside and below the face, in three sizes, turned a little either way."""
    pictures = RealPictures(default_picture_folder())
    for name in _DRAWN_ON:
        desk = at_a_desk(PillowImageDecoder().decode(pictures.read(name)), 0.3, _detector(), seed=0)
        if desk is None:
            continue
        for look in PhoneLook:
            for share in DRAWN_WIDTH_SHARES:
                for x_share, degrees in ((0.26, 20.0), (0.74, -12.0)):
                    centre = (x_share * _WIDTH_PX, 0.7 * _HEIGHT_PX)
                    frame, box = with_phone(desk, look, centre, 2 * share * _WIDTH_PX, degrees)
                    yield Scene(drawn_kind(share), f"{name} {look.name}", frame, True, box)


def desk_kind(share: float) -> str:
    """The kind of scenes in this distance."""
    return f"at a desk, face {share:.0%}"


def drawn_kind(share: float) -> str:
    """The kind of scenes with a drawn phone of this width."""
    return f"{DRAWN} {share:.0%}"


def at_a_desk(frame: Frame, face_share: float, detector: FaceDetector, seed: int) -> Frame | None:
    """The photo in a frame of 640 x 480 with its face that high, edges repeated; None without a face."""
    faces = detector.detect(frame)
    if not faces:
        return None
    box = faces[0].box
    scale = face_share * _HEIGHT_PX / max(1.0, box.height_px)
    right_px = _WIDTH_PX / 2 - scale * (box.left_px + box.right_px) / 2
    # People end at the lower edge: a photo too short for the frame stands on it.
    down_px = max(
        0.35 * _HEIGHT_PX - scale * (box.top_px + box.bottom_px) / 2,
        _HEIGHT_PX - scale * frame.size.height_px,
    )
    smooth = cv2.GaussianBlur(frame.pixels_rgb, (0, 0), 0.35 / scale) if scale < 0.7 else frame.pixels_rgb
    placed = cv2.warpAffine(
        np.asarray(smooth),
        np.array([[scale, 0, right_px], [0, scale, down_px]]),
        (_WIDTH_PX, _HEIGHT_PX),
        borderMode=cv2.BORDER_REPLICATE,
    )
    return PillowImageDecoder().decode(Camera(seed, noise=1.0).take(np.asarray(placed, dtype=np.uint8)))


@cache
def _detector() -> FaceDetector:
    return open_detector()
