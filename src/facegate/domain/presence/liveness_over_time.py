"""The liveness net's answers of the last seconds as one number; none counts longer than the window."""

from collections.abc import Sequence
from statistics import median_low

from facegate.domain.presence.observation import Observation
from facegate.domain.presence.verdicts import Check, CheckState


def median_live_probability(
    observation: Observation, past: Sequence[Observation], window_s: float
) -> float | None:
    """The median over this frame's look and those taken at most `window_s` before it; None without a look.

    `past` is oldest first. Only looks since the face was last out of sight count, so that nobody is taken
    for live because of who sat there before. Of an even number the lower of the two in the middle
    counts: two looks that disagree are no proof of life. A look that was reused counts in its own frame only.
    """
    if observation.live_probability is None:
        return None
    looks = [observation.live_probability]
    for seen in reversed(past):
        if observation.at_s - seen.at_s > window_s or not seen.faces:
            break
        if seen.live_probability is not None and seen.checks.get(Check.LIVENESS) is CheckState.RAN:
            looks.append(seen.live_probability)
    return median_low(looks)
