"""The watcher with the real nets: real portraits that move over a room, and a man who talks in a car."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.contracts.engine_parts import EngineParts, real_engine
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.fakes.video import FakeGrabbedFrame
from tests.real_pictures import RealPictures
from tests.real_video import as_jpeg, moving_person_pixels
from tests.unit.use_cases.cameras.watched_gate import WatchedGate

from facegate.adapters.calibration_files.shipped_curves import shipped_curves
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.cameras.visits import VisitChangeKind
from facegate.domain.geometry import ImageSize
from facegate.domain.images import Frame
from facegate.domain.matching import MatchPolicy
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos, EnrolPhotosRequest, Photo
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery

pytestmark = pytest.mark.models

Pixels = NDArray[np.uint8]

WIDTH_PX, HEIGHT_PX, FACE_PX = 1280, 720, 110
BEGAN, ENDED = VisitChangeKind.BEGAN, VisitChangeKind.ENDED


@dataclass(frozen=True)
class Stage:
    """The engine with two people enrolled, and cut-outs of three to be moved about."""

    analysis: FaceAnalysis
    gallery: Gallery
    portraits: dict[str, Pixels]
    room: Pixels


@pytest.fixture(scope="module")
def stage(model_files: CachedModelFiles, real_pictures: RealPictures) -> Stage:
    engine = real_engine(model_files, real_pictures)
    analysis = FaceAnalysis(
        decoder=PillowImageDecoder(),
        detector=engine.detector,
        embedder=engine.embedder,
        cutter=engine.cutter,
        liveness=engine.liveness,
    )
    identity = engine.embedder.identity
    curve = next(curve for curve in shipped_curves() if curve.model_id == identity.model_id)
    gallery = Gallery(InMemoryGalleryStore(), ExactTemplateIndex(identity), MatchPolicy(curve))
    enrol = EnrolPhotos(analysis, gallery, FakeClock())
    # Another photo of the first than the one that is shown.
    for subject_id, name in (("barack", "obama2.jpg"), ("joe", "biden.jpg")):
        photo = Photo(name, real_pictures.read(name))
        enrol(EnrolPhotosRequest(subject_id, [photo], "test", EnrolmentRules()))
    shown = {"barack": "obama.jpg", "joe": "biden.jpg", "eileen": "astronaut.png"}
    portraits = {name: _portrait(engine, real_pictures, photo) for name, photo in shown.items()}
    room = PillowImageDecoder().decode(real_pictures.read("coffee.png")).pixels_rgb
    room = np.asarray(cv2.resize(room, (WIDTH_PX, HEIGHT_PX)), np.uint8)
    return Stage(analysis, gallery, portraits, np.asarray(cv2.GaussianBlur(room, (0, 0), 6), np.uint8))


def _portrait(engine: EngineParts, pictures: RealPictures, name: str) -> Pixels:
    """Head and shoulders, the face 110 px wide."""
    frame = PillowImageDecoder().decode(pictures.read(name))
    box = engine.detector.detect(frame)[0].box
    scale = FACE_PX / box.width_px
    left, top = box.left_px - 0.5 * box.width_px, box.top_px - 0.4 * box.height_px
    move = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    size = (2 * FACE_PX, round(2.2 * FACE_PX))
    return np.asarray(cv2.warpAffine(frame.pixels_rgb, move, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


class Film:
    """Each frame of it has other noise and went through JPEG; a smaller picture is made as a camera's is."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._number = 0
        random = np.random.default_rng(0)
        self._noises = [random.normal(0, 3, (HEIGHT_PX, WIDTH_PX, 3)).astype(np.int16) for _ in range(3)]

    def frame(self, **places: tuple[int, int]) -> "FilmFrame":
        """People by name at the left and top of their portraits; the later ones stand in front."""
        pixels = self._stage.room.copy()
        for name, (left, top) in places.items():
            portrait = self._stage.portraits[name]
            right = min(WIDTH_PX, left + portrait.shape[1])
            start = max(0, -left)
            if right > max(0, left):
                pixels[top : top + portrait.shape[0], max(0, left) : right] = portrait[
                    :, start : right - left
                ]
        self._number += 1
        noisy = pixels + np.roll(self._noises[self._number % 3], 7 * self._number, axis=1)
        encoded = as_jpeg(noisy.clip(0, 255).astype(np.uint8)[:, :, ::-1], 80)
        decoded = np.asarray(cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR), np.uint8)
        return FilmFrame(Frame.of(np.ascontiguousarray(decoded[:, :, ::-1])))


class FilmFrame(FakeGrabbedFrame):
    """Scaled by area, so that small faces look as they do in a video."""

    def picture(self, max_side_px: int | None = None) -> Frame:
        size = self.size
        if max_side_px is None or max(size.width_px, size.height_px) <= max_side_px:
            return self.frame
        scale = max_side_px / max(size.width_px, size.height_px)
        small_size = (round(size.width_px * scale), round(size.height_px * scale))
        small = cv2.resize(self.frame.pixels_rgb, small_size, interpolation=cv2.INTER_AREA)
        return Frame(np.ascontiguousarray(small, np.uint8), size)


def gate_of(stage: Stage) -> WatchedGate:
    return WatchedGate(stage.analysis, stage.gallery)


def test_a_known_person_who_walks_in_is_named_within_a_second(stage: Stage) -> None:
    gate, film = gate_of(stage), Film(stage)
    gate.show(film.frame(), 3)
    entered_s = gate.at_s
    named_s = None
    for step in range(14):
        gate.show(film.frame(barack=(-100 + 60 * step, 150)))
        if gate.changes and named_s is None:
            named_s = gate.at_s
    (began,) = gate.changes
    assert (began.kind, began.visit.subject_id) == (BEGAN, "barack")
    assert named_s is not None
    assert named_s - entered_s <= 1.6
    shot = began.visit.shot
    assert shot is not None
    assert shot.frame.size == ImageSize(WIDTH_PX, HEIGHT_PX)
    assert 0.5 * FACE_PX < shot.box.width_px < 1.5 * FACE_PX


def test_two_who_cross_and_a_stranger_are_three_visits_with_the_right_names(stage: Stage) -> None:
    gate, film = gate_of(stage), Film(stage)
    for step in range(26):
        places = {"eileen": (500, 440), "barack": (20 + 36 * step, 60), "joe": (960 - 36 * step, 110)}
        look = gate.show(film.frame(**places))
        for box in look.boxes:
            if box.label in places:
                left_px = places[box.label][0] / 2
                middle_px = (box.box.left_px + box.box.right_px) / 2
                assert abs(middle_px - left_px - FACE_PX / 2) < FACE_PX / 2, f"step {step}: {box.label}"
    began = [change for change in gate.changes if change.kind is BEGAN]
    assert {change.visit.subject_id for change in began} == {"barack", "joe", None}
    assert len(began) == len(gate.changes) == 3
    gate.wait(11)
    assert len([change for change in gate.changes if change.kind is ENDED]) == 3


def test_a_stranger_who_talks_and_moves_is_one_visit_and_nobody(
    stage: Stage, real_pictures: RealPictures
) -> None:
    gate = gate_of(stage)
    for pixels in moving_person_pixels(real_pictures)[::3]:
        rgb = np.ascontiguousarray(pixels[:, :, ::-1])
        gate.show(FilmFrame(Frame.of(np.asarray(rgb, np.uint8))))
    assert gate.told() == [(BEGAN, None)]


def test_a_man_who_talks_and_moves_is_named_once_he_is_known(
    stage: Stage, real_pictures: RealPictures
) -> None:
    gallery = Gallery(
        InMemoryGalleryStore(), ExactTemplateIndex(stage.analysis.identity), stage.gallery.policy
    )
    frames = moving_person_pixels(real_pictures)
    photo = Photo("photo", as_jpeg(frames[0]))
    rules = EnrolmentRules()
    EnrolPhotos(stage.analysis, gallery, FakeClock())(EnrolPhotosRequest("driver", [photo], "test", rules))
    gate = WatchedGate(stage.analysis, gallery)
    for pixels in frames[40::3]:
        rgb = np.ascontiguousarray(pixels[:, :, ::-1])
        gate.show(FilmFrame(Frame.of(np.asarray(rgb, np.uint8))))
    assert gate.told() == [(BEGAN, "driver")]


@pytest.mark.parametrize("face_px", [40, 60])
def test_a_small_face_of_a_known_person_is_named_too(stage: Stage, face_px: int) -> None:
    gate, film = gate_of(stage), Film(stage)
    scale = face_px / FACE_PX
    small = Stage(
        stage.analysis,
        stage.gallery,
        {
            "barack": np.asarray(
                cv2.resize(stage.portraits["barack"], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA),
                np.uint8,
            )
        },
        stage.room,
    )
    film = Film(small)
    for step in range(25):
        gate.show(film.frame(barack=(300 + 8 * step, 200)))
    assert [(change.kind, change.visit.subject_id) for change in gate.changes] == [(BEGAN, "barack")]


def test_the_gate_sees_somebody_walk_through_a_real_room_and_closes_behind_them(stage: Stage) -> None:
    film = Film(stage)
    watcher = gate_of(stage).watcher
    opened = []
    for step in range(120):
        is_walking = 40 <= step < 60
        places = {"barack": (60 * (step - 40), 300)} if is_walking else {}
        frame = film.frame(**places)
        at_s = step / 10
        opened.append(watcher._gate.is_open(frame.luma(160), at_s))
    assert not any(opened[22:40])
    assert all(opened[41:78])
    assert not any(opened[110:])
