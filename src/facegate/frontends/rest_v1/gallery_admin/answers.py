"""What /v1 answers about groups, merged persons and the spread of similarities."""

from pydantic import Field

from facegate.frontends.rest_v1.answers import AnswerModel, SubjectAnswer
from facegate.use_cases.matching_distribution import Distribution, SimilarityHistogram


class GroupCount(AnswerModel):
    """A group with somebody in it."""

    name: str
    subject_count: int


class GroupList(AnswerModel):
    """All groups, by name."""

    groups: list[GroupCount]


class SubjectGroupsAnswer(AnswerModel):
    """The groups of one person, by name."""

    subject_id: str
    groups: list[str]


class MergeAnswer(AnswerModel):
    """The person who is left."""

    subject: SubjectAnswer
    moved_count: int = Field(description="Templates that moved.")
    left_out_count: int = Field(description="Templates that were there already or not among the best.")
    event_count: int = Field(description="Events that name the person who is left from now on.")


class Histogram(AnswerModel):
    """Pairs per bin."""

    counts: list[int]
    pair_count: int
    is_sample: bool = Field(description="Whether pairs were drawn instead of comparing all.")
    median: float | None
    share_at_match: float | None = Field(description="Share of pairs that are similar enough for a match.")
    share_at_review: float | None


class Thresholds(AnswerModel):
    """The least similarity of a match, of the review band, and of a 1:1 check."""

    match: float
    review: float
    check: float


class CurvePointAnswer(AnswerModel):
    """Share of comparisons with strangers that reach a similarity."""

    similarity: float
    false_match_rate: float


class DistributionAnswer(AnswerModel):
    """How similar the gallery's persons are to themselves and to each other."""

    model_id: str
    metric: str
    tolerance: float
    template_count: int
    person_count: int
    bin_edges: list[float]
    genuine: Histogram
    impostor: Histogram
    thresholds: Thresholds
    curve: list[CurvePointAnswer]
    curve_measured_on: str


def distribution_answer(found: Distribution) -> DistributionAnswer:
    """The same for the wire."""
    return DistributionAnswer(
        model_id=found.model_id,
        metric=found.metric.value,
        tolerance=found.tolerance,
        template_count=found.template_count,
        person_count=found.person_count,
        bin_edges=list(found.bin_edges),
        genuine=_histogram(found.genuine),
        impostor=_histogram(found.impostor),
        thresholds=Thresholds(
            match=found.thresholds.match, review=found.thresholds.review, check=found.thresholds.check
        ),
        curve=[
            CurvePointAnswer(similarity=point.similarity, false_match_rate=point.false_match_rate)
            for point in found.curve
        ],
        curve_measured_on=found.curve_measured_on,
    )


def _histogram(found: SimilarityHistogram) -> Histogram:
    return Histogram(
        counts=list(found.counts),
        pair_count=found.pair_count,
        is_sample=found.is_sample,
        median=found.median,
        share_at_match=found.share_at_match,
        share_at_review=found.share_at_review,
    )
