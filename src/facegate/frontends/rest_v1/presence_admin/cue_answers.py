"""What /v1 says of one finding of the presence door: in live verdicts and in evidence alike."""

from pydantic import Field

from facegate.domain.presence.verdicts import Cue, Finding, Reason
from facegate.frontends.rest_v1.answers import AnswerModel


class CueAnswer(AnswerModel):
    """One finding with the number behind it."""

    finding: Finding
    reason: Reason = Field(description="The contract's word for the finding.")
    value: float | None = Field(description="On the scale of the finding; null where there is no number.")
    threshold: float | None
    frame_count: int = Field(description="How many of the last `of_frames` frames showed this reason.")
    of_frames: int


def cue_answer(cue: Cue) -> CueAnswer:
    """A cue as it is answered."""
    return CueAnswer(
        finding=cue.finding,
        reason=cue.finding.reason,
        value=cue.value,
        threshold=cue.threshold,
        frame_count=cue.frame_count,
        of_frames=cue.of_frames,
    )
