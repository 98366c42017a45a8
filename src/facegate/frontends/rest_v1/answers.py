"""What /v1 answers about pictures and persons; the rest is in `admin_answers.py`.

All coordinates are pixels of the picture as it was sent, upright.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from facegate.domain.errors import ErrorKind
from facegate.domain.matching import Band


class AnswerModel(BaseModel):
    """Base of all answers of /v1."""

    model_config = ConfigDict(frozen=True)


class ErrorDetail(AnswerModel):
    """What went wrong. `kind` is stable and meant for programs, `message` for people."""

    kind: str = Field(examples=[ErrorKind.NO_FACE.value], description="Stable name of the error.")
    message: str = Field(examples=["No face detected in image"])
    field: str | None = Field(None, description="The field at fault, where one is.")
    request_id: str = Field(examples=["5f0c1c0b6f5e4c6f9d2f4a7b8c9d0e1f"])


class ErrorAnswer(AnswerModel):
    """Every error of /v1 has this form."""

    error: ErrorDetail


class Box(AnswerModel):
    """A face or phone; may reach beyond the picture."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float


class Picture(AnswerModel):
    """The picture as it was sent, after its EXIF orientation."""

    width_px: int
    height_px: int


class Quality(AnswerModel):
    """How fit a face is for recognition: `quality` on 0 to 1, and what would help most."""

    quality: float
    advice: str | None = Field(description="null when there is nothing to improve.")


class Liveness(AnswerModel):
    """One cue, not a certificate."""

    is_live: bool
    live_probability: float


class Face(AnswerModel):
    """A face as it was found."""

    box: Box
    landmarks: list[tuple[float, float]] = Field(
        description="Left eye, right eye, nose, left and right mouth corner, as seen in the picture."
    )
    detection_confidence: float = Field(description="The detector's own number; says nothing of identity.")
    quality: Quality
    liveness: Liveness | None = Field(description="null when the check was not asked for.")


class Candidate(AnswerModel):
    """A person with how close they are."""

    subject_id: str
    template_id: str
    similarity: float = Field(description="Raw, as the model's metric gives it: higher is closer.")
    confidence: float = Field(description="Calibrated, 0 to 1; 0.5 is the balanced operating point.")
    false_match_rate: float = Field(description="Share of strangers who would be this similar.")


class Match(Candidate):
    """The accepted person."""

    display_name: str


class IdentifiedFace(Face):
    """A face with who it may be."""

    band: Band = Field(description="`match`, `review` (a person should look) or `unknown`.")
    match: Match | None = Field(description="null unless the band is `match` and no check failed.")
    candidates: list[Candidate]
    min_similarity: float = Field(description="What a match needs in a gallery of this size.")
    margin: float | None = Field(description="Similarity of the first minus that of the second person.")
    searched_template_count: int


class IdentifyAnswer(AnswerModel):
    """Every face, largest first; an empty list when there is none."""

    picture: Picture
    model_id: str
    faces: list[IdentifiedFace]
    checks_not_run: list[str] = Field(description="Checks that this answer does not contain.")


class Check(AnswerModel):
    """A face held against the closest template of the claimed person."""

    is_match: bool
    similarity: float
    confidence: float
    false_match_rate: float
    min_similarity: float


class VerifiedFace(Face):
    """A face held against the claim and against the whole gallery."""

    is_claimed: bool
    verification: Check | None = Field(description="null when the person has no template of this model.")
    subject_id: str | None = Field(description="Who it is; null for a stranger.")


class VerifyAnswer(AnswerModel):
    """`is_match` is true when one of the faces is the claimed person's and no check failed."""

    is_match: bool
    subject_id: str
    picture: Picture
    model_id: str
    faces: list[VerifiedFace]
    checks_not_run: list[str]


class Phone(AnswerModel):
    """A mobile phone in view."""

    box: Box
    detection_confidence: float


class DetectAnswer(AnswerModel):
    """What is in the picture."""

    picture: Picture
    faces: list[Face]
    phones: list[Phone] | None = Field(description="null when they were not looked for.")
    checks_not_run: list[str]


class SubjectAnswer(AnswerModel):
    """A person in the gallery."""

    subject_id: str
    display_name: str
    template_count: int
    created_at: datetime
    updated_at: datetime


class TemplateAnswer(AnswerModel):
    """What is known of one template; the vector stays in the server."""

    template_id: str
    model_id: str
    source: str
    quality: float | None = Field(description="null when it was imported without a picture.")
    created_at: datetime
    is_searched: bool = Field(description="Whether the model in use made it.")


class SubjectDetails(SubjectAnswer):
    """A person with their templates, oldest first."""

    templates: list[TemplateAnswer]


class SubjectPage(AnswerModel):
    """Persons in order of id. `next_after` is the `after` of the next page, null on the last."""

    subjects: list[SubjectAnswer]
    next_after: str | None


class AcceptedImage(AnswerModel):
    """A photo that became a template."""

    file: str
    template_id: str
    quality: float


class RejectedImage(AnswerModel):
    """A photo that did not."""

    file: str
    kind: ErrorKind
    message: str


class EnrolAnswer(AnswerModel):
    """What became of each photo. At least one was accepted, otherwise the answer is an error."""

    subject: SubjectAnswer
    was_created: bool
    accepted: list[AcceptedImage]
    rejected: list[RejectedImage]
    replaced_template_ids: list[str] = Field(description="Poorer ones, dropped to keep within the limit.")
