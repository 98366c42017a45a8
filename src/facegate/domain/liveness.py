"""When a face counts as live."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LivenessPolicy:
    """The least live probability, 0..1, that passes.

    0.5 separates the attack samples that we have (at most 0.21) from plain camera photos (0.88 and more);
    edited web photos often fail.
    """

    min_live_probability: float = 0.5

    def passes(self, live_probability: float) -> bool:
        """Whether the face counts as live."""
        return live_probability >= self.min_live_probability
