"""Reuse with the real nets on real portraits, as a web camera shows them: noise, JPEG, unsteady light."""

import weakref
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.contracts.engine_parts import EngineParts, real_engine
from tests.drawn_phones import PhoneLook, with_phone
from tests.fakes.gallery import FakeClock, InMemoryGalleryStore
from tests.real_pictures import RealPictures
from tests.real_video import as_jpeg
from tests.unit.use_cases.presence.desk import reused

from facegate.adapters.calibration_files.shipped_curves import shipped_curves
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.geometry import PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone, Frame, SmallLook
from facegate.domain.matching import MatchPolicy
from facegate.domain.presence.picture_cues import PictureLimits
from facegate.domain.presence.policy import default_policy
from facegate.domain.presence.reuse import REUSABLE_CHECKS, ReusePolicy
from facegate.domain.presence.verdicts import Action, Check, Reason
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotos, EnrolPhotosRequest, Photo
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.judge_frame import (
    JudgedFrame,
    JudgeFrame,
    JudgeFrameRequest,
    PresenceLimits,
)

pytestmark = pytest.mark.models

Pixels = NDArray[np.uint8]

WIDTH_PX, HEIGHT_PX, FACE_PX = 640, 480, 140


@pytest.fixture(scope="module")
def engine(model_files: CachedModelFiles, real_pictures: RealPictures) -> EngineParts:
    return real_engine(model_files, real_pictures)


@pytest.fixture
def judge_frame(engine: EngineParts, real_pictures: RealPictures) -> JudgeFrame:
    """The first man is enrolled. Web photos are often edited, so that the liveness net is not asked much."""
    analysis = FaceAnalysis(
        decoder=PillowImageDecoder(),
        detector=engine.detector,
        embedder=engine.embedder,
        cutter=engine.cutter,
        liveness=engine.liveness,
        phones=engine.phones,
    )
    identity = engine.embedder.identity
    curve = next(curve for curve in shipped_curves() if curve.model_id == identity.model_id)
    gallery = Gallery(InMemoryGalleryStore(), ExactTemplateIndex(identity), MatchPolicy(curve))
    photo = Photo("photo", real_pictures.read("obama2.jpg"))
    EnrolPhotos(analysis, gallery, FakeClock())(EnrolPhotosRequest("user", [photo], "test", EnrolmentRules()))
    return JudgeFrame(
        analysis,
        gallery,
        policy=default_policy(),
        limits=PresenceLimits(picture=PictureLimits(min_live_probability=0.0)),
        reuse=ReusePolicy(max_age_s=10.0, has_turns=False),
    )


@pytest.fixture
def at_desk(engine: EngineParts, real_pictures: RealPictures) -> Pixels:
    return _at_a_desk(engine, real_pictures, "obama.jpg")


def _at_a_desk(engine: EngineParts, pictures: RealPictures, name: str) -> Pixels:
    """The portrait, BGR, with its face as large and as placed as at a web camera."""
    frame = PillowImageDecoder().decode(pictures.read(name))
    box = engine.detector.detect(frame)[0].box
    scale = FACE_PX / box.width_px
    x, y = (box.left_px + box.right_px) / 2 * scale, (box.top_px + box.bottom_px) / 2 * scale
    move = np.array([[scale, 0, WIDTH_PX / 2 - x], [0, scale, 0.42 * HEIGHT_PX - y]])
    bgr = np.ascontiguousarray(frame.pixels_rgb[:, :, ::-1])
    placed = cv2.warpAffine(
        bgr, move, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(placed, dtype=np.uint8)


def _judged(judge_frame: JudgeFrame, pixels_bgr: Pixels, at_s: float) -> JudgedFrame:
    """As a camera on a desk sends it: each frame has its own noise and brightness, and trembles."""
    random = np.random.default_rng(round(at_s * 100))
    shift = np.array([[1, 0, random.uniform(-1, 1)], [0, 1, random.uniform(-1, 1)]])
    moved = cv2.warpAffine(pixels_bgr, shift, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REPLICATE)
    lit = moved * random.uniform(0.93, 1.07) + random.normal(0, 4, moved.shape)
    encoded = as_jpeg(np.clip(lit, 0, 255).astype(np.uint8), 80)
    request = JudgeFrameRequest("user", encoded, at_s)
    return judge_frame.glance(request) or judge_frame(request)


def test_a_user_who_sits_still_is_looked_at_once_in_a_window(
    judge_frame: JudgeFrame, at_desk: Pixels
) -> None:
    frames = [_judged(judge_frame, at_desk, float(second)) for second in range(13)]
    assert [frame.verdict.action for frame in frames] == [Action.NONE] * 13
    ran = [second for second, frame in enumerate(frames) if reused(frame) != set(REUSABLE_CHECKS)]
    assert ran == [0, 10]


@pytest.mark.parametrize("x", [60, 180, 460, 560])
def test_a_phone_beside_the_user_is_looked_for_at_once(
    judge_frame: JudgeFrame, at_desk: Pixels, x: int
) -> None:
    for second in range(2):
        _judged(judge_frame, at_desk, float(second))
    changed = at_desk.copy()
    cv2.rectangle(changed, (x, 350), (x + 50, 450), (30, 30, 30), cv2.FILLED)
    cv2.rectangle(changed, (x + 4, 358), (x + 46, 442), (200, 190, 180), cv2.FILLED)
    assert reused(_judged(judge_frame, changed, 2.0)) == set()


def test_another_person_at_the_same_desk_is_identified_at_once(
    judge_frame: JudgeFrame, engine: EngineParts, real_pictures: RealPictures, at_desk: Pixels
) -> None:
    for second in range(2):
        _judged(judge_frame, at_desk, float(second))
    other = _judged(judge_frame, _at_a_desk(engine, real_pictures, "biden.jpg"), 2.0)
    assert reused(other) == set()
    assert other.verdict.reason is Reason.WRONG_USER
    assert other.verdict.actual_username == "unknown"


def test_a_change_too_small_for_another_person_asks_for_phones_alone(
    judge_frame: JudgeFrame, engine: EngineParts, at_desk: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    for second in range(2):
        _judged(judge_frame, at_desk, float(second))
    looks = []
    detect = engine.detector.detect

    def counted(frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        looks.append(frame.size)
        return detect(frame, seen)

    monkeypatch.setattr(engine.detector, "detect", counted)
    changed = at_desk.copy()
    changed[440:470, 300:330] = 255 - changed[440:470, 300:330]
    judged = _judged(judge_frame, changed, 2.0)
    assert reused(judged) == {Check.IDENTITY, Check.LIVENESS}
    assert judged.frame.size.width_px == WIDTH_PX, "phones are searched in the whole picture"
    assert [size.width_px for size in looks] == [320], "faces are found once"


@pytest.fixture
def places(engine: EngineParts, monkeypatch: pytest.MonkeyPatch) -> list[PixelBox | None]:
    """Where phones were searched from now on, None for all of a picture."""
    told: list[PixelBox | None] = []
    detect = engine.phones.detect

    def noted(
        frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        told.append(within)
        return detect(frame, faces, within)

    monkeypatch.setattr(engine.phones, "detect", noted)
    return told


def test_where_something_goes_on_changing_all_of_the_picture_is_searched_when_the_window_ends(
    judge_frame: JudgeFrame, at_desk: Pixels, places: list[PixelBox | None]
) -> None:
    changed = at_desk.copy()
    changed[440:470, 300:330] = 255 - changed[440:470, 300:330]
    for second in range(10):
        _judged(judge_frame, changed if second % 2 else at_desk, float(second))
    first, *later = places
    assert first is None
    assert len(later) == 9
    assert None not in later
    _judged(judge_frame, at_desk, 10.0)
    assert places[-1] is None


def test_a_phone_that_is_found_in_a_part_is_looked_for_in_all_of_the_picture(
    judge_frame: JudgeFrame, at_desk: Pixels, places: list[PixelBox | None]
) -> None:
    for second in range(2):
        _judged(judge_frame, at_desk, float(second))
    desk = Frame.of(np.ascontiguousarray(at_desk[:, :, ::-1]))
    held_up, box = with_phone(desk, PhoneLook.KEYS, (0.74 * WIDTH_PX, 0.7 * HEIGHT_PX), 150.0, -12.0)
    judged = _judged(judge_frame, held_up.pixels_rgb[:, :, ::-1], 2.0)

    whole, part, whole_again = places
    assert (whole, whole_again) == (None, None)
    assert part is not None
    assert part.area_px < 0.5 * WIDTH_PX * HEIGHT_PX
    assert judged.observation.phones
    assert judged.observation.phones[0].box.intersection_over_union(box) > 0.5


def test_a_full_look_goes_on_from_what_the_glance_has_seen(
    judge_frame: JudgeFrame, engine: EngineParts, at_desk: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = (_judged(judge_frame, at_desk, float(second)) for second in range(2))
    looks: list[SmallLook | None] = []
    detect = engine.detector.detect

    def counted(frame: Frame, seen: SmallLook | None = None) -> list[DetectedFace]:
        looks.append(seen)
        return detect(frame, seen)

    monkeypatch.setattr(engine.detector, "detect", counted)
    # The same user with another background: everything has to be asked again.
    changed = at_desk.copy()
    changed[:, :200], changed[:, 440:] = 255 - changed[:, :200], 255 - changed[:, 440:]
    judged = _judged(judge_frame, changed, 2.0)

    assert reused(judged) == set()
    assert judged.verdict.action is Action.NONE
    glanced, seen = looks
    assert glanced is None
    assert seen is not None
    assert seen.scale == pytest.approx(0.5)
    (before,), (after,) = seen.faces, judged.observation.faces
    assert after.box == before.box
    assert not np.array_equal(after.landmarks.points_xy_px, before.landmarks.points_xy_px), "looked at closer"
    (alone,) = detect(judged.frame)
    apart_px = np.abs(after.landmarks.points_xy_px - alone.landmarks.points_xy_px).max()
    assert apart_px < 0.02 * alone.landmarks.interocular_px
    assert first.observation.identity is not None
    assert judged.observation.identity is not None
    similarity = pytest.approx(first.observation.identity.similarity, abs=0.05)
    assert judged.observation.identity.similarity == similarity


@pytest.mark.parametrize("is_someone_gone_meanwhile", [False, True])
def test_what_the_glance_found_to_hold_holds_unless_a_frame_came_between(
    judge_frame: JudgeFrame, at_desk: Pixels, *, is_someone_gone_meanwhile: bool
) -> None:
    _judged(judge_frame, at_desk, 0.0)
    # Too little for another person, enough for a phone.
    changed = at_desk.copy()
    changed[430:460, 20:50] = 0 if changed[430:460, 20:50].mean() > 127 else 255
    request = JudgeFrameRequest("user", as_jpeg(changed, 90), 1.0)
    assert judge_frame.glance(request) is None
    if is_someone_gone_meanwhile:
        # Another socket of the same user, whose picture is judged first.
        gone = judge_frame(JudgeFrameRequest("user", as_jpeg(np.full_like(at_desk, 120), 90), 0.5))
        assert gone.verdict.is_violation

    held = set() if is_someone_gone_meanwhile else {Check.IDENTITY, Check.LIVENESS}
    assert reused(judge_frame(request)) == held


def test_a_glance_whose_picture_never_gets_its_turn_keeps_nothing_of_it(
    judge_frame: JudgeFrame, at_desk: Pixels
) -> None:
    _judged(judge_frame, at_desk, 0.0)
    request = JudgeFrameRequest("user", as_jpeg(255 - at_desk, 80), 1.0)
    assert judge_frame.glance(request) is None
    kept = weakref.ref(request)
    del request
    assert kept() is None


def test_a_glance_is_enough_while_nothing_changes_and_evidence_is_kept_whole(
    judge_frame: JudgeFrame, engine: EngineParts, real_pictures: RealPictures, at_desk: Pixels
) -> None:
    def size(frame: JudgedFrame) -> tuple[int, int]:
        return frame.frame.size.width_px, frame.frame.size.height_px

    first, second = (_judged(judge_frame, at_desk, float(number)) for number in range(2))
    assert (size(first), size(second)) == ((640, 480), (320, 240))
    assert second.observation.size == first.observation.size
    overlap = first.observation.faces[0].box.intersection_over_union(second.observation.faces[0].box)
    assert overlap > 0.9
    other = _judged(judge_frame, _at_a_desk(engine, real_pictures, "biden.jpg"), 2.0)
    assert other.verdict.is_violation
    assert size(other) == (640, 480)
