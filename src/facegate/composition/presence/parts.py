"""What the presence door stands on: rules, clients, sessions and evidence, built from the settings."""

import secrets
from dataclasses import dataclass

from facegate.adapters.pillow_images.jpeg_encoder import PillowJpegEncoder
from facegate.composition.forgetting import Forgetting
from facegate.composition.surroundings import Surroundings
from facegate.domain.presence.evidence import EvidencePolicy
from facegate.domain.presence.identity_cues import IdentityLimits
from facegate.domain.presence.picture_cues import PictureLimits
from facegate.domain.presence.policy import default_policy
from facegate.domain.presence.reuse import ReusePolicy
from facegate.ports.client_store import ClientStore
from facegate.settings.model import Settings
from facegate.settings.presence_groups import EvidenceSettings, PresenceSettings
from facegate.use_cases.presence.browse_evidence import BrowseEvidence
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.judge_frame import JudgeFrame, PresenceLimits
from facegate.use_cases.presence.keep_evidence import KeepEvidence
from facegate.use_cases.presence.live_sessions import LiveSessions
from facegate.use_cases.presence.sweep_evidence import SweepEvidence


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
