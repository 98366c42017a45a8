"""What /v1 is told and answers about the clients and sessions of the presence door. No framework here."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from facegate.domain.presence.clients import MAX_NOTE_CHARS, ClientStatus, PresenceClient
from facegate.domain.presence.networks import MAX_NETWORKS
from facegate.domain.presence.verdicts import Action, Check, CheckState, Reason, Verdict
from facegate.domain.subjects import MAX_SUBJECT_ID_CHARS
from facegate.frontends.rest_v1.answers import AnswerModel
from facegate.frontends.rest_v1.messages import SubjectIdInput
from facegate.frontends.rest_v1.presence_admin.cue_answers import CueAnswer, cue_answer
from facegate.use_cases.presence.live_sessions import ConnectionCounts
from facegate.use_cases.presence.session_records import SessionState, SessionView

Networks = Annotated[
    list[str],
    Field(
        max_length=MAX_NETWORKS,
        description="Addresses and CIDR networks that the client may come from; empty means any.",
        examples=[["10.1.0.0/16", "2001:db8::/32"]],
    ),
]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegisterClientMessage(_Message):
    """Somebody who is enrolled, and shall be a client."""

    user_name: SubjectIdInput
    networks: Networks = Field(default_factory=list)
    with_token: bool = Field(False, description="Make a token that the client has to show at log-in.")


class ChangeClientMessage(_Message):
    """The whole address list anew."""

    networks: Networks


class NoteMessage(_Message):
    """Why."""

    note: str = Field(
        "", max_length=MAX_NOTE_CHARS, description="For people to read.", examples=["on leave until Monday"]
    )


class ClientPageQuery(_Message):
    """Which clients to list."""

    after: str | None = Field(
        None, max_length=MAX_SUBJECT_ID_CHARS, description="The `next_after` of the page before."
    )
    limit: int = Field(100, ge=1, le=1000, description="How many clients at most.")
    status: ClientStatus | None = Field(None, description="Only clients of this status.")


class ClientAnswer(AnswerModel):
    """A client; its id is the person's, and the `user_name` of the presence door."""

    client_id: str
    status: ClientStatus = Field(description="`registered` waits for its first log-in.")
    status_note: str = Field(description="Why it is paused or blocked; empty otherwise.")
    networks: list[str]
    has_token: bool
    is_connected: bool
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None = Field(description="The last log-in, exact to a minute.")


class ClientTokenAnswer(ClientAnswer):
    """The client with its new token, which is shown this once."""

    token: str | None = Field(description="null when the client needs none.")


class ClientPage(AnswerModel):
    """Clients in order of id; `next_after` is null on the last page."""

    clients: list[ClientAnswer]
    next_after: str | None


class DisconnectAnswer(AnswerModel):
    """`was_connected` is false when there was no session to end."""

    client_id: str
    was_connected: bool


class VerdictAnswer(AnswerModel):
    """The answer to one frame, with what explains it."""

    at: datetime
    action: Action
    reason: Reason
    actual_username: str
    cues: list[CueAnswer] = Field(description="Everything found in the frame, what decided first.")
    checks: dict[Check, CheckState] = Field(description="Which checks ran, and which did not.")


class SessionAnswer(AnswerModel):
    """An open session. The rate is of the last 10 s, the 95th percentile of the last 100 answers."""

    client_id: str
    address: str
    connected_at: datetime
    state: SessionState
    last_verdict: VerdictAnswer | None = Field(description="null before the first answer.")
    answered_count: int
    superseded_count: int = Field(description="Frames that a newer one replaced before they were judged.")
    bad_frame_count: int
    frames_per_s: float
    last_latency_ms: float | None = Field(description="From the frame's arrival to its answer.")
    p95_latency_ms: float | None


class SessionList(AnswerModel):
    """All open sessions; `connection_count` also holds sockets that have not logged in."""

    max_connections: int
    connection_count: int
    refused_count: int = Field(description="Sockets turned away since the start: all places taken.")
    sessions: list[SessionAnswer]


def client_facts(client: PresenceClient, connected_ids: frozenset[str]) -> dict[str, object]:
    """The fields of a `ClientAnswer`."""
    return {
        "client_id": client.client_id,
        "status": client.status,
        "status_note": client.status_note,
        "networks": list(client.networks),
        "has_token": client.token_hash is not None,
        "is_connected": client.client_id in connected_ids,
        "created_at": client.created_at,
        "updated_at": client.updated_at,
        "last_seen_at": client.last_seen_at,
    }


def session_list(counts: ConnectionCounts, views: tuple[SessionView, ...]) -> SessionList:
    """The registry as an answer."""
    return SessionList(
        max_connections=counts.max_connections,
        connection_count=counts.connections,
        refused_count=counts.refused,
        sessions=[_session(view) for view in views],
    )


def _session(view: SessionView) -> SessionAnswer:
    verdict, at = view.last_verdict, view.last_verdict_at
    return SessionAnswer(
        client_id=view.client_id,
        address=view.address,
        connected_at=view.connected_at,
        state=view.state,
        last_verdict=None if verdict is None or at is None else _verdict(verdict, at),
        answered_count=view.answered_count,
        superseded_count=view.superseded_count,
        bad_frame_count=view.bad_frame_count,
        frames_per_s=view.frames_per_s,
        last_latency_ms=view.last_latency_ms,
        p95_latency_ms=view.p95_latency_ms,
    )


def _verdict(verdict: Verdict, at: datetime) -> VerdictAnswer:
    return VerdictAnswer(
        at=at,
        action=verdict.action,
        reason=verdict.reason,
        actual_username=verdict.actual_username,
        cues=[cue_answer(cue) for cue in verdict.cues],
        checks=dict(verdict.checks or {}),
    )
