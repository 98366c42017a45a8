"""A judge who reads the verdict off the picture, so that the door can be tested without nets."""

import base64
import threading
from collections.abc import Mapping

import numpy as np

from facegate.domain.errors import CapabilityMissing, EngineFailed, UnreadableImage
from facegate.domain.geometry import ImageSize
from facegate.domain.images import Frame
from facegate.domain.presence.observation import Observation
from facegate.domain.presence.verdicts import Action, Check, CheckState, Cue, Finding, Reason, Verdict
from facegate.use_cases.presence.judge_frame import JudgedFrame, JudgeFrameRequest

CHECKS: Mapping[Check, CheckState] = {Check.FACE: CheckState.RAN, Check.PHONE: CheckState.REUSED}

STRANGER_CUE = Cue(Finding.STRANGER, value=0.1234, threshold=0.363, frame_count=1, of_frames=1)

WAIT_LIMIT_S = 20.0


def picture(script: str) -> str:
    """A picture as base64; `tiny`, `present`, `away`, `stranger`, `phone`, `broken`, `slow ...` and so on."""
    return base64.b64encode(script.encode()).decode()


class ScriptedJudge:
    """Thread-safe. Pictures whose script begins with `slow` wait for `go_on`."""

    def __init__(self) -> None:
        self.requests: list[JudgeFrameRequest] = []
        self.go_on = threading.Event()
        self.has_begun = threading.Event()

    @property
    def scripts(self) -> list[str]:
        """The pictures that were judged, in order."""
        return [request.encoded.decode() for request in self.requests]

    def is_tiny(self, encoded: bytes) -> bool:
        if encoded.startswith(b"\x89PNG"):
            return True
        if encoded == b"broken":
            raise UnreadableImage("The picture is damaged or incomplete.")
        return encoded == b"tiny"

    def glance(self, request: JudgeFrameRequest) -> JudgedFrame | None:
        """A glance does for pictures whose script begins with `glance`."""
        return self(request) if request.encoded.startswith(b"glance") else None

    def __call__(self, request: JudgeFrameRequest) -> JudgedFrame:
        self.requests.append(request)
        script = request.encoded.decode()
        if script.startswith("slow"):
            self.has_begun.set()
            assert self.go_on.wait(WAIT_LIMIT_S)
        if script == "broken later":
            raise UnreadableImage("The picture is damaged or incomplete.")
        if script == "broken engine":
            raise EngineFailed("the runtime failed")
        if script == "missing model":
            raise CapabilityMissing("the phone check cannot run", capability="phones")
        if script == "bug":
            raise KeyError("geheim")
        return JudgedFrame(self._verdict(request.client_id, script), _observation(request), _frame())

    @staticmethod
    def _verdict(client_id: str, script: str) -> Verdict:
        match script.split()[-1]:
            case "away":
                cue = Cue(Finding.NO_FACE)
                return Verdict(Action.LOCK_SCREEN, Reason.NO_FACE, client_id, (cue,), CHECKS)
            case "stranger":
                cues = (STRANGER_CUE,)
                return Verdict(Action.LOCK_SCREEN, Reason.WRONG_USER, "unknown", cues, CHECKS)
            case "phone":
                cue = Cue(Finding.PHONE, 0.5, 0.25)
                return Verdict(Action.SIGN_OUT, Reason.PHONE_DETECTION, client_id, (cue,), CHECKS)
        return Verdict(Action.NONE, Reason.EMPTY, client_id, (), CHECKS)


def _frame() -> Frame:
    return Frame.of(np.zeros((4, 6, 3), dtype=np.uint8))


def _observation(request: JudgeFrameRequest) -> Observation:
    return Observation(
        at_s=request.arrived_s,
        size=ImageSize(6, 4),
        faces=(),
        thumbnail=np.zeros((3, 4), dtype=np.uint8),
        encoded_sha256=bytes(32),
        identity=None,
        live_probability=None,
        phones=(),
        checks=CHECKS,
    )
