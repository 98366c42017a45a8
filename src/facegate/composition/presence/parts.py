"""What the presence door stands on: rules, clients, sessions and evidence, built from the settings."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from facegate.adapters.evidence_files import FileEvidenceStore
from facegate.adapters.pillow_images.jpeg_encoder import PillowJpegEncoder
from facegate.composition.surroundings import Surroundings
from facegate.domain.presence.evidence import EvidencePolicy
from facegate.domain.presence.identity_cues import IdentityLimits
from facegate.domain.presence.picture_cues import PictureLimits
from facegate.domain.presence.policy import default_policy
from facegate.domain.presence.reuse import ReusePolicy
from facegate.ports.client_store import ClientStore
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.settings.model import Settings
from facegate.settings.presence_groups import EvidenceSettings, PresenceSettings
from facegate.use_cases.presence.browse_evidence import BrowseEvidence
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.judge_frame import JudgeFrame, PresenceLimits
from facegate.use_cases.presence.keep_evidence import KeepEvidence
from facegate.use_cases.presence.live_sessions import LiveSessions
from facegate.use_cases.presence.sweep_evidence import ForgetEvidence, SweepEvidence
from facegate.use_cases.terminals.placing import PlacePeople

EVIDENCE_FOLDER_NAME = "evidence"


class Forgetting:
    """What the gallery calls when persons go. Register, judge and placing are set once they are built on it.

    Evidence, and what waits for terminals, goes also where no door is served: somebody may be removed on the
    command line.
    """

    def __init__(self, data_folder: Path, terminal_people: TerminalPeopleStore) -> None:
        self.evidence_files = FileEvidenceStore(data_folder / EVIDENCE_FOLDER_NAME)
        self.clients: PresenceClients | None = None
        self.judge_frame: JudgeFrame | None = None
        self.placing: PlacePeople | None = None
        self._terminal_people = terminal_people
        self._forget_evidence = ForgetEvidence(self.evidence_files)

    def __call__(self, subject_ids: Collection[str]) -> None:
        """Deletes their evidence and photos, and ends the sessions of those who are clients no more.

        Raises:
            StoreFailed: some of it could not be deleted; sessions were told all the same.
        """
        try:
            self._forget_evidence(subject_ids)
            forget = self._terminal_people.forget_subjects if self.placing is None else self.placing.forget
            forget(subject_ids)
        finally:
            if self.clients is not None:
                self.clients.reread(subject_ids)
            if self.judge_frame is not None:
                for subject_id in subject_ids:
                    self.judge_frame.forget(subject_id)


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """The use cases of the door. `missing` are the checks without which it may not be served."""

    judge_frame: JudgeFrame
    clients: PresenceClients
    sessions: LiveSessions
    keep_evidence: KeepEvidence
    browse_evidence: BrowseEvidence
    sweep_evidence: SweepEvidence
    missing: tuple[str, ...]


def make_presence(
    all_settings: Settings, client_store: ClientStore, around: Surroundings, forgetting: Forgetting
) -> Presence:
    """Everything but the door itself, which is a room."""
    gallery, clock = around.gallery, around.clock
    settings = all_settings.presence
    policy = _evidence_policy(all_settings.evidence)
    sessions = LiveSessions(settings.max_connections, clock)
    clients = PresenceClients(
        client_store,
        gallery,
        sessions,
        clock,
        register_enrolled=settings.register_enrolled,
        block_after_violations=settings.block_after_violations,
    )
    forgetting.clients = clients
    files = forgetting.evidence_files
    sweep = SweepEvidence(
        files, policy, clock, lambda subject_id: gallery.find_subject(subject_id) is not None
    )
    judge_frame = JudgeFrame(
        around.analysis,
        gallery,
        policy=default_policy(settings.rules),
        limits=_limits(settings),
        reuse=ReusePolicy(max_age_s=settings.reuse_s, turns_key=secrets.token_bytes(16)),
        allow_missing=settings.allow_missing,
    )
    forgetting.judge_frame = judge_frame
    return Presence(
        judge_frame=judge_frame,
        clients=clients,
        sessions=sessions,
        keep_evidence=KeepEvidence(files, PillowJpegEncoder(), policy, clock, sweep),
        browse_evidence=BrowseEvidence(files),
        sweep_evidence=sweep,
        missing=judge_frame.unmet_checks,
    )


def _evidence_policy(settings: EvidenceSettings) -> EvidencePolicy:
    return EvidencePolicy(
        is_kept=settings.enabled,
        retention_days=settings.retention_days,
        max_bytes=settings.max_bytes,
        min_interval_s=settings.min_interval_s,
    )


def _limits(settings: PresenceSettings) -> PresenceLimits:
    return PresenceLimits(
        identity=IdentityLimits(
            # Held as long as it may be reused, or a user who happens to look aside when the check is repeated
            # would be locked out; nobody else gains more time than reuse gives anyway.
            identity_hold_s=max(settings.identity_hold_s, settings.reuse_s),
        ),
        picture=PictureLimits(
            min_live_probability=settings.min_live_probability,
            liveness_window_s=settings.liveness_window_s,
            frozen_after_s=settings.frozen_after_s,
        ),
    )
