"""From an encoded picture to a verdict, with an engine that sees what pictures say."""

import io
import threading

import pytest
from PIL import Image
from tests.fakes.engine import FakeCutter, FakeFace, fake_picture
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.presence.desk import ANN, Desk, findings, reused

from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.errors import EngineFailed, UnreadableImage
from facegate.domain.presence.policy import PresenceRule, default_policy
from facegate.domain.presence.reuse import REUSABLE_CHECKS, ReusePolicy
from facegate.domain.presence.verdicts import Action, Check, CheckState, Finding, Reason
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.presence.judge_frame import JudgeFrame, JudgeFrameRequest, PresenceLimits


@pytest.fixture
def desk(core: Core) -> Desk:
    return Desk(core)


def test_the_user_alone_is_left_in_peace_and_every_check_ran(desk: Desk) -> None:
    judged = desk.sees(ANN)
    assert (judged.verdict.action, judged.verdict.reason) == (Action.NONE, Reason.EMPTY)
    assert judged.verdict.actual_username == "ann"
    assert judged.verdict.cues == ()
    states = dict(judged.observation.checks)
    assert states.pop(Check.CHANGE) is CheckState.NOT_NEEDED
    assert set(states.values()) == {CheckState.RAN}
    identity = judged.observation.identity
    assert identity is not None
    assert identity.is_user
    assert identity.best_subject_id == "ann"
    assert identity.similarity > identity.min_similarity
    assert judged.observation.live_probability == 0.97
    assert judged.observation.phones == ()
    assert judged.observation.size == judged.frame.size


@pytest.mark.parametrize(
    ("faces", "phones", "action", "reason", "actual"),
    [
        ((), 0, Action.LOCK_SCREEN, Reason.NO_FACE, "ann"),
        ((FakeFace("bob"),), 0, Action.LOCK_SCREEN, Reason.WRONG_USER, "bob"),
        ((FakeFace("zoe"),), 0, Action.LOCK_SCREEN, Reason.WRONG_USER, "unknown"),
        ((ANN, FakeFace("zoe")), 0, Action.LOCK_SCREEN, Reason.WRONG_USER, "ann"),
        ((FakeFace("ann", is_live=False),), 0, Action.LOCK_SCREEN, Reason.SPOOF_IMAGE, "ann"),
        ((ANN,), 1, Action.SIGN_OUT, Reason.PHONE_DETECTION, "ann"),
        ((), 1, Action.SIGN_OUT, Reason.PHONE_DETECTION, "ann"),
        ((FakeFace("bob", is_live=False),), 1, Action.SIGN_OUT, Reason.PHONE_DETECTION, "bob"),
    ],
)
def test_each_violation_has_its_documented_action(
    desk: Desk, faces: tuple[FakeFace, ...], phones: int, action: Action, reason: Reason, actual: str
) -> None:
    verdict = desk.sees(*faces, phones=phones).verdict
    assert (verdict.action, verdict.reason, verdict.actual_username) == (action, reason, actual)


def test_without_a_face_there_is_nobody_to_identify_but_phones_are_looked_for(desk: Desk) -> None:
    states = desk.sees().observation.checks
    assert states[Check.IDENTITY] is CheckState.NOT_NEEDED
    assert states[Check.LIVENESS] is CheckState.NOT_NEEDED
    assert states[Check.PHONE] is CheckState.RAN


def test_a_check_without_its_model_fails_closed(desk: Desk) -> None:
    desk.liveness = None
    judged = desk.sees(ANN)
    assert judged.verdict.action is Action.LOCK_SCREEN
    assert findings(judged) == {Finding.CHECK_MISSING}
    assert judged.observation.checks[Check.LIVENESS] is CheckState.MISSING


def test_a_check_may_be_missing_where_the_operator_allows_it_and_the_verdict_says_so(desk: Desk) -> None:
    desk.liveness, desk.phones = None, None
    desk.allow_missing = frozenset({Check.LIVENESS, Check.PHONE})
    judged = desk.sees(ANN)
    assert judged.verdict.action is Action.NONE
    assert judged.verdict.checks is not None
    assert judged.verdict.checks[Check.PHONE] is CheckState.MISSING


def test_nobody_can_allow_the_identity_check_to_be_missing(desk: Desk) -> None:
    desk.allow_missing = frozenset({Check.IDENTITY})
    with pytest.raises(ValueError, match="identity"):
        desk.sees(ANN)


def test_a_user_without_a_template_of_this_model_is_never_taken_for_present(core: Core) -> None:
    desk = Desk(core)
    newer = core.with_model("newer-net")
    desk.gallery, desk.embedder = newer.gallery, newer.embedder
    for second in range(8):
        judged = desk.sees(ANN, at_s=second)
        assert judged.verdict.action is Action.LOCK_SCREEN
        assert Finding.CHECK_MISSING in findings(judged)
        assert judged.observation.checks[Check.IDENTITY] is CheckState.MISSING


def test_a_user_who_is_removed_meanwhile_is_never_taken_for_present(desk: Desk) -> None:
    assert desk.sees(ANN).verdict.action is Action.NONE
    desk.gallery.remove_subject("ann")
    assert Finding.CHECK_MISSING in findings(desk.sees(ANN, at_s=1))


def test_identity_costs_no_query_to_the_store(core: Core) -> None:
    desk = Desk(core)
    core.store.close()
    assert desk.sees(ANN).verdict.action is Action.NONE
    assert desk.sees(FakeFace("bob"), at_s=1).verdict.actual_username == "bob"


def test_a_frame_that_cannot_be_read_leaves_no_trace(desk: Desk) -> None:
    desk.reuse = ReusePolicy(max_age_s=10.0)
    desk.policy = default_policy({Reason.NO_FACE: PresenceRule(Action.LOCK_SCREEN, 2, 2)})
    desk.sees(ANN)
    with pytest.raises(UnreadableImage):
        desk.judge_frame(JudgeFrameRequest("ann", b"no picture", 0.5))
    assert reused(desk.sees(ANN, at_s=1)) == set(REUSABLE_CHECKS)
    assert desk.sees(at_s=2).verdict.action is Action.NONE
    with pytest.raises(UnreadableImage):
        desk.judge_frame(JudgeFrameRequest("ann", b"no picture", 2.5))
    assert desk.sees(at_s=3).verdict.action is Action.LOCK_SCREEN


def test_a_broken_model_is_an_error_and_no_verdict(desk: Desk) -> None:
    desk.embedder.failure = EngineFailed("the net broke")
    with pytest.raises(EngineFailed):
        desk.sees(ANN)
    desk.embedder.failure = None
    assert desk.sees(ANN, at_s=1).verdict.action is Action.NONE


def test_a_frozen_camera_is_seen_over_time(desk: Desk) -> None:
    encoded = fake_picture(ANN)
    actions = [
        desk.judge_frame(JudgeFrameRequest("ann", encoded, float(second))).verdict.action
        for second in range(7)
    ]
    assert actions[0] is Action.NONE
    assert actions[-1] is Action.LOCK_SCREEN


def test_clients_have_nothing_to_do_with_each_other(desk: Desk) -> None:
    desk.policy = default_policy({Reason.NO_FACE: PresenceRule(Action.LOCK_SCREEN, 2, 3)})
    assert desk.sees(at_s=0, who="ann").verdict.action is Action.NONE
    assert desk.sees(at_s=1, who="bob").verdict.action is Action.NONE
    assert desk.sees(at_s=2, who="ann").verdict.action is Action.LOCK_SCREEN


def test_a_client_that_is_forgotten_begins_anew(desk: Desk) -> None:
    desk.policy = default_policy({Reason.NO_FACE: PresenceRule(Action.LOCK_SCREEN, 2, 3)})
    desk.sees(at_s=0)
    desk.judge_frame.forget("ann")
    desk.judge_frame.forget("somebody who never came")
    assert desk.sees(at_s=1).verdict.action is Action.NONE
    assert desk.sees(at_s=2).verdict.action is Action.LOCK_SCREEN


def test_clients_that_stay_away_are_forgotten_after_ten_minutes(desk: Desk) -> None:
    for number in range(50):
        desk.sees(ANN, at_s=float(number), who=f"user {number}")
    assert desk.judge_frame.watched_count == 50
    desk.sees(ANN, at_s=630.0)
    assert desk.judge_frame.watched_count == 20 + 1
    desk.sees(ANN, at_s=2000.0)
    assert desk.judge_frame.watched_count == 1


def test_frames_of_one_client_that_cross_are_all_counted(desk: Desk) -> None:
    desk.policy = default_policy({Reason.NO_FACE: PresenceRule(Action.LOCK_SCREEN, 16, 16)})
    barrier = threading.Barrier(8)

    def send(first: int) -> None:
        barrier.wait()
        for number in range(first, 15, 8):
            desk.sees(at_s=number / 10)

    _ = desk.judge_frame
    threads = [threading.Thread(target=send, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = desk.sees(at_s=2.0).verdict
    assert verdict.action is Action.LOCK_SCREEN
    assert verdict.cues[0].frame_count == 16


@pytest.mark.parametrize(
    ("width_px", "height_px", "is_tiny"), [(1, 1, True), (15, 15, True), (16, 15, False), (640, 480, False)]
)
def test_a_tiny_picture_is_told_from_a_frame(
    core: Core, width_px: int, height_px: int, is_tiny: bool
) -> None:
    analysis = FaceAnalysis(
        decoder=PillowImageDecoder(), detector=core.detector, embedder=core.embedder, cutter=FakeCutter()
    )
    judge_frame = JudgeFrame(analysis, core.gallery, default_policy(), PresenceLimits(), ReusePolicy())
    assert judge_frame.is_tiny(png_of(width_px, height_px)) is is_tiny
    with pytest.raises(UnreadableImage):
        judge_frame.is_tiny(b"\x89PNG\r\n\x1a\n and then nothing")


def png_of(width_px: int, height_px: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width_px, height_px), (90, 120, 150)).save(file, "PNG")
    return file.getvalue()
