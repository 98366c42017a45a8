"""Who a track is: no single face decides, several have to agree."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from facegate.domain.events.event import EventCandidate
from facegate.domain.matching import Band, Identification

_KEPT_VOTES = 24

_STRANGER_FACES = 3
_STRANGER_SPAN_S = 1.0
_STRANGER_QUALITY = 0.9
"""The qualities of faces that nobody matches have to add up to this: three plain ones do, or many poor ones.
People of the gallery look like nobody, too, while they are far away or turned aside."""

_REVIEW_SPAN_S = 2.0
"""Somebody who is close to a person of the gallery gets longer to become a match."""

_STRANGER_TIMES = 4
"""A stranger's faces outnumber those that looked like somebody by this factor; others are for review."""


@dataclass(frozen=True, slots=True)
class FaceVote:
    """What one face of a track said. `candidates` are most similar first; the band MATCH is for the first.

    `is_live` is None where it was not checked; a face that is not live votes for nobody.
    """

    at_s: float
    quality: float
    band: Band
    candidates: tuple[EventCandidate, ...]
    is_live: bool | None = None

    @property
    def subject_id(self) -> str | None:
        """Whom it votes for."""
        is_for_somebody = self.band is Band.MATCH and self.is_live is not False
        return self.candidates[0].subject_id if is_for_somebody else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the votes of a track amount to; `candidates` are those of a face in the middle of the agreeing."""

    band: Band
    candidates: tuple[EventCandidate, ...] = ()
    is_live: bool | None = None

    @property
    def subject_id(self) -> str | None:
        """The person, with the band MATCH."""
        return self.candidates[0].subject_id if self.band is Band.MATCH else None

    @property
    def confidence(self) -> float | None:
        """Calibrated, of the first candidate."""
        return self.candidates[0].confidence if self.candidates else None

    @property
    def similarity(self) -> float | None:
        """Of the first candidate."""
        return self.candidates[0].similarity if self.candidates else None


def vote_of(
    identification: Identification, *, threshold: float, at_s: float, quality: float, is_live: bool | None
) -> FaceVote:
    """A search's answer as a vote: the camera's own threshold decides what is a match.

    The best candidate counts from that confidence on, unless the gallery's policy found two persons too close
    to each other. What misses it, but is close enough for a human to look, is a review.
    """
    candidates = tuple(
        EventCandidate(found.subject_id, found.confidence, found.similarity)
        for found in identification.candidates
    )
    band = Band.UNKNOWN
    if candidates:
        best = candidates[0]
        is_accepted = best.similarity >= identification.min_similarity
        is_ambiguous = identification.band is Band.REVIEW and is_accepted
        if best.confidence >= threshold and not is_ambiguous:
            band = Band.MATCH
        elif identification.band is not Band.UNKNOWN:
            band = Band.REVIEW
    return FaceVote(at_s, quality, band, candidates, is_live)


class TrackVotes:
    """The votes of one track, the last of them; `votes_needed` agreeing ones give a name.

    They have to be among the last twice as many, and more than twice those for anybody else: somebody who
    looks like a person of the gallery now and then does not become that person in time. A name that was
    given stays until the votes are for another one.
    """

    def __init__(self, votes_needed: int) -> None:
        self._votes_needed = votes_needed
        self._votes: deque[FaceVote] = deque(maxlen=max(_KEPT_VOTES, 2 * votes_needed))
        self._verdict: Verdict | None = None
        self._count = 0

    @property
    def verdict(self) -> Verdict | None:
        """Who it is; None as long as that is open."""
        return self._verdict

    @property
    def count(self) -> int:
        """How many faces have voted, those forgotten again included."""
        return self._count

    @property
    def is_settled(self) -> bool:
        """Whether there is a verdict and the last face does not speak for somebody else."""
        if self._verdict is None or not self._votes:
            return False
        return self._votes[-1].subject_id in (None, self._verdict.subject_id)

    def add(self, vote: FaceVote) -> None:
        """Counts one face more."""
        self._votes.append(vote)
        self._count += 1
        self._judge()

    def forget(self, subject_id: str) -> None:
        """This person is not in the gallery any more: nothing said about them counts."""
        kept = [vote for vote in self._votes if vote.subject_id != subject_id]
        self._votes.clear()
        self._votes.extend(_without(vote, subject_id) for vote in kept)
        if self._verdict is not None and any(
            candidate.subject_id == subject_id for candidate in self._verdict.candidates
        ):
            self._verdict = None
            self._judge()

    def _judge(self) -> None:
        named = self._named()
        if named is not None:
            self._verdict = named
        elif self._verdict is None or self._verdict.subject_id is None:
            self._verdict = self._unnamed() or self._verdict

    def _named(self) -> Verdict | None:
        recent = list(self._votes)[-2 * self._votes_needed :]
        counts = Counter(vote.subject_id for vote in recent if vote.subject_id is not None).most_common(2)
        if not counts or counts[0][1] < self._votes_needed:
            return None
        if len(counts) > 1 and counts[0][1] <= 2 * counts[1][1]:
            return None
        subject_id = counts[0][0]
        agreeing = [vote for vote in self._votes if vote.subject_id == subject_id]
        return Verdict(Band.MATCH, _middle(agreeing).candidates, agreeing[-1].is_live)

    def _unnamed(self) -> Verdict | None:
        votes = list(self._votes)
        if len(votes) < max(_STRANGER_FACES, self._votes_needed):
            return None
        span_s = votes[-1].at_s - votes[0].at_s
        if span_s < _STRANGER_SPAN_S:
            return None
        if 2 * sum(vote.is_live is False for vote in votes) > len(votes):
            return Verdict(Band.UNKNOWN, _middle(votes).candidates, is_live=False)
        close = [vote for vote in votes if vote.band is not Band.UNKNOWN]
        far = [vote for vote in votes if vote.band is Band.UNKNOWN]
        if len(far) >= _STRANGER_TIMES * len(close):
            is_plain = sum(vote.quality for vote in far) >= _STRANGER_QUALITY
            return Verdict(Band.UNKNOWN, is_live=votes[-1].is_live) if is_plain else None
        if span_s < _REVIEW_SPAN_S:
            return None
        return Verdict(Band.REVIEW, _middle(close).candidates, votes[-1].is_live)


def _middle(votes: Sequence[FaceVote]) -> FaceVote:
    """The vote of middle similarity; of an even number the lower one."""
    ranked = sorted(votes, key=lambda vote: vote.candidates[0].similarity if vote.candidates else -1.0)
    return ranked[(len(ranked) - 1) // 2]


def _without(vote: FaceVote, subject_id: str) -> FaceVote:
    """The vote as it stands when this person is gone: what was close to them is close to nobody."""
    kept = tuple(candidate for candidate in vote.candidates if candidate.subject_id != subject_id)
    was_first = bool(vote.candidates) and vote.candidates[0].subject_id == subject_id
    return replace(vote, candidates=kept, band=Band.UNKNOWN if was_first else vote.band)
