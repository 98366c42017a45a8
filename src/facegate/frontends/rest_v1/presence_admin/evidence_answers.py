"""What /v1 answers about evidence of the presence door."""

from datetime import datetime

from pydantic import Field

from facegate.domain.presence.evidence import EvidenceRecord
from facegate.domain.presence.verdicts import Action, Check, CheckState, Reason
from facegate.frontends.rest_v1.answers import AnswerModel
from facegate.frontends.rest_v1.presence_admin.cue_answers import CueAnswer, cue_answer


class EvidenceAnswer(AnswerModel):
    """A violation that was kept; its picture is at `/v1/presence/evidence/{evidence_id}/picture`."""

    evidence_id: str
    client_id: str
    at: datetime
    action: Action
    reason: Reason
    actual_username: str = Field(description="Whom the server saw; `unknown` for a stranger.")
    cues: list[CueAnswer] = Field(description="All findings, those that decided first.")
    checks: dict[Check, CheckState]
    subject_ids: list[str] = Field(description="The persons with whom this evidence is deleted.")
    picture_bytes: int


class EvidencePageAnswer(AnswerModel):
    """A page of evidence, newest first."""

    evidence: list[EvidenceAnswer]
    next_after: str | None = Field(description="Ask for the next page with it; null on the last.")


def evidence_answer(record: EvidenceRecord) -> EvidenceAnswer:
    """A record as it is answered."""
    return EvidenceAnswer(
        evidence_id=record.evidence_id,
        client_id=record.client_id,
        at=record.at,
        action=record.action,
        reason=record.reason,
        actual_username=record.actual_username,
        cues=[cue_answer(cue) for cue in record.cues],
        checks=dict(record.checks),
        subject_ids=list(record.subject_ids),
        picture_bytes=record.picture_bytes,
    )
