"""JSON answers of the persons door. Its requests are form fields, which `routes.py` reads."""

from enum import StrEnum
from typing import Final

from pydantic import BaseModel

FIELD_REQUIRED: Final = "Field required"


class Action(StrEnum):
    """What `POST /person` can be asked to do."""

    ADD = "add"
    RETRIEVE = "retrieve"
    REMOVE = "remove"
    CAMERA_STATUS = "camera_status"


class PersonEntry(BaseModel):
    """One person of `GET /persons` with how many embeddings there are of them."""

    person_id: str
    embeddings: int


class PersonsMessage(BaseModel):
    """Answer of `GET /persons`, in order of id."""

    persons: list[PersonEntry]


class RejectedFile(BaseModel):
    """A file that did not become an embedding, by its name as sent, and why."""

    file: str
    reason: str


class AddedMessage(BaseModel):
    """Answer of `action=add`.

    `added` counts the files that were taken, `embeddings` what the person has now. `person_id` is null
    where none was sent and nothing could be added: then nobody was created.
    """

    person_id: str | None
    added: int
    rejected: list[RejectedFile]
    embeddings: int


class Box(BaseModel):
    """A face in pixels of the picture as sent, inside it."""

    left: int
    top: int
    right: int
    bottom: int


class Candidate(BaseModel):
    """One person with how close they are; `confidence` is calibrated, 0..1, `similarity` the model's own."""

    person_id: str
    confidence: float
    similarity: float


class RetrievedMessage(BaseModel):
    """Answer of `action=retrieve` about the largest face.

    For a stranger `person_id` and `similarity` are null and `confidence` is 0: the numbers of those who
    are not accepted stand under `candidates` alone.
    """

    recognized: bool
    person_id: str | None
    confidence: float
    similarity: float | None
    box: Box
    candidates: list[Candidate]


class RemovedMessage(BaseModel):
    """Answer of `action=remove`."""

    removed: bool
    person_id: str


class DetailMessage(BaseModel):
    """An answer that did not work, in one sentence."""

    detail: str


class FieldProblem(BaseModel):
    """One field that is missing or wrong, as FastAPI servers say it."""

    type: str
    loc: list[str | int]
    msg: str


class FieldProblemsMessage(BaseModel):
    """An answer to a form with a missing or wrong field."""

    detail: list[FieldProblem]
