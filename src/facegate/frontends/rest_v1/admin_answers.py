"""What /v1 answers about tokens, models, state and the moving of whole galleries."""

from datetime import datetime

from pydantic import Field

from facegate.domain.access import Door
from facegate.domain.errors import ErrorKind
from facegate.domain.matching import MatchingMode
from facegate.domain.templates import Metric
from facegate.frontends.rest_v1.answers import AnswerModel


class TokenAnswer(AnswerModel):
    """A token without its secret."""

    token_id: str
    name: str
    doors: list[Door]
    created_at: datetime
    expires_at: datetime | None


class TokenList(AnswerModel):
    """Those of the settings first, then the stored ones, oldest first."""

    tokens: list[TokenAnswer]


class NewTokenAnswer(TokenAnswer):
    """The secret is shown this once."""

    secret: str


class CalibrationAnswer(AnswerModel):
    """How similarity becomes a false-match rate for the model in use, and what a match needs now."""

    model_id: str
    metric: Metric
    mode: MatchingMode
    tolerance: float
    min_margin: float
    searched_template_count: int
    min_search_similarity: float
    min_check_similarity: float
    similarities: list[float]
    log10_false_match_rates: list[float]
    impostor_pair_count: int
    genuine_pair_count: int
    measured_on: str


class ModelAnswer(AnswerModel):
    """One model of the manifest."""

    model_id: str
    task: str
    is_ready: bool
    is_optional: bool
    licence: str
    size_bytes: int


class ModelList(AnswerModel):
    """Every model of the manifest."""

    models: list[ModelAnswer]


class WorkersAnswer(AnswerModel):
    """How busy a pool of threads is."""

    name: str
    thread_count: int
    in_flight: int
    waiting: int
    rejected_count: int


class StatusAnswer(AnswerModel):
    """The server in a few numbers."""

    version: str
    model_id: str
    subject_count: int
    template_count: int
    templates_by_model: dict[str, int]
    searched_template_count: int
    missing_checks: list[str] = Field(description="Optional checks that cannot run here.")
    workers: list[WorkersAnswer]


class OutlierAnswer(AnswerModel):
    """A template that an administrator should look at."""

    subject_id: str
    template_id: str
    reason: str
    similarity: float
    lookalike_id: str | None


class MaintenanceReport(AnswerModel):
    """What the nightly work did and found."""

    started_at: datetime
    finished_at: datetime
    reembedded_count: int
    reembed_failures: int
    indexed_template_count: int
    index_agreed: bool
    outliers_checked: int
    outliers: list[OutlierAnswer]


class MaintenanceAnswer(AnswerModel):
    """`report` is null before the first run."""

    report: MaintenanceReport | None


class RejectedRow(AnswerModel):
    """A row or file of an import that was not taken over."""

    label: str
    kind: ErrorKind
    message: str


class ImportEncodingsAnswer(AnswerModel):
    """`is_searched` is false when the server uses another net: then the templates wait unused."""

    imported_count: int
    subject_count: int
    is_searched: bool
    rejected: list[RejectedRow]


class ImportPhotosAnswer(AnswerModel):
    """What became of each photo of the archive."""

    accepted_count: int
    subject_count: int
    rejected: list[RejectedRow]


class RestoreAnswer(AnswerModel):
    """How many subjects the archive held."""

    subject_count: int
