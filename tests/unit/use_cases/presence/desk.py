"""Ann's workstation on a real store and index, with an engine that sees what pictures say."""

from dataclasses import replace

from tests.fakes.engine import (
    FakeCutter,
    FakeDecoder,
    FakeDetector,
    FakeEmbedder,
    FakeFace,
    FakeLiveness,
    FakePhones,
    fake_picture,
)
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.domain.presence.policy import PresencePolicy, default_policy
from facegate.domain.presence.reuse import REUSABLE_CHECKS, ReusePolicy
from facegate.domain.presence.verdicts import Check, CheckState, Finding
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.judge_frame import (
    JudgedFrame,
    JudgeFrame,
    JudgeFrameRequest,
    PresenceLimits,
)

ANN = FakeFace("ann")


class Desk:
    """Ann's workstation: frames come at times that the test gives; ann and bob are enrolled."""

    def __init__(self, core: Core) -> None:
        self.embedder = core.embedder
        self.gallery: Gallery = core.gallery
        self.liveness: FakeLiveness | None = FakeLiveness()
        self.phones: FakePhones | None = FakePhones()
        self.reuse = ReusePolicy()
        self.policy: PresencePolicy = default_policy()
        self.limits = PresenceLimits()
        self.allow_missing: frozenset[Check] = frozenset()
        self._built: JudgeFrame | None = None
        enrol(core, "ann", fake_picture(ANN))
        enrol(core, "bob", fake_picture(FakeFace("bob")))

    @property
    def judge_frame(self) -> JudgeFrame:
        """Built of what was set when it is first used."""
        if self._built is None:
            self._built = JudgeFrame(
                analysis_with(self.embedder, self.liveness, self.phones),
                self.gallery,
                policy=self.policy,
                limits=self.limits,
                reuse=self.reuse,
                allow_missing=self.allow_missing,
            )
        return self._built

    def sees(self, *faces: FakeFace, at_s: float = 0.0, phones: int = 0, who: str = "ann") -> JudgedFrame:
        """A frame of this user; pictures of different times differ, as those of a camera do."""
        varied = [replace(face, variant=round(at_s * 4) % 64) for face in faces]
        encoded = fake_picture(*varied, phones=phones)
        return self.judge_frame(JudgeFrameRequest(who, encoded, at_s))


def analysis_with(
    embedder: FakeEmbedder, liveness: FakeLiveness | None, phones: FakePhones | None
) -> FaceAnalysis:
    """The fakes in place of the nets; None where a model is missing."""
    return FaceAnalysis(
        decoder=FakeDecoder(),
        detector=FakeDetector(),
        embedder=embedder,
        cutter=FakeCutter(),
        liveness=liveness,
        phones=phones,
    )


def reused(judged: JudgedFrame) -> set[Check]:
    """The checks that were taken from an earlier frame."""
    states = judged.observation.checks
    return {check for check in REUSABLE_CHECKS if states[check] is CheckState.REUSED}


def findings(judged: JudgedFrame) -> set[Finding]:
    """What the verdict rests on."""
    return {cue.finding for cue in judged.verdict.cues}
