"""Settings of the presence door and of the evidence it keeps. Units are in the names."""

from pydantic import Field, field_validator

from facegate.domain.presence.policy import PresenceRule, default_policy
from facegate.domain.presence.verdicts import Action, Check, Reason
from facegate.settings.group import Group
from facegate.settings.value_forms import Checks, PresenceRules


class PresenceSettings(Group):
    """Workstations that lock when their user leaves: the WebSocket `/ws`."""

    enabled: bool = Field(
        True,
        description="Serve `/ws` and load the nets for liveness and phones. Switch it off to save their "
        "memory where no workstation is watched.",
    )
    allow_missing: Checks = Field(
        frozenset(),
        description="Checks without which the door may be served when their model cannot be had: `liveness`, "
        "`phone`. Otherwise it refuses every connection and says why.",
    )
    register_enrolled: bool = Field(
        False,
        description="Whether everybody in the gallery may log in. Otherwise a person is made a client with "
        "`POST /v1/presence/clients` first.",
    )
    max_connections: int = Field(150, ge=1, le=10_000, description="Workstations at once; others get 4002.")
    max_message_bytes: int = Field(
        16 * 2**20,
        ge=1024,
        description="Largest WebSocket message; a larger one ends the connection (1009).",
    )
    first_frame_timeout_s: float = Field(
        10.0, gt=0, description="How soon after connecting the first message has to come."
    )
    idle_timeout_s: float = Field(1000.0, gt=0, description="How long a connected workstation may be silent.")
    processing_timeout_s: float = Field(
        1000.0, gt=0, description="How long a frame may take; then the answer is PROCESSING_TIMEOUT."
    )
    ping_interval_s: float = Field(
        0.0, ge=0, description="WebSocket pings this often find dead connections sooner; 0 sends none."
    )
    rules: PresenceRules = Field(
        default_factory=dict,
        description="Other actions than the documented ones, such as `no_face=warning; "
        "phone_detection=lock_screen 2/3`: the reason, what to do, and how many of the last frames have to "
        "agree (1/1 if absent). Reasons: `no_face`, `wrong_user`, `spoof_image`, `phone_detection`; actions: "
        "`none`, `warning`, `lock_screen`, `sign_out`.",
        json_schema_extra={
            "default_text": "no face, wrong user and spoof lock the screen, a phone signs out, each at once"
        },
    )
    block_after_violations: int = Field(
        0, ge=0, description="Block a client after so many violations within an hour; 0 never does."
    )
    min_live_probability: float = Field(
        0.5, ge=0, le=1, allow_inf_nan=False, description="Least median live probability that passes."
    )
    liveness_window_s: float = Field(
        3.0, gt=0, le=30, description="Time over which the median of the live probability is taken."
    )
    identity_hold_s: float = Field(
        5.0,
        ge=0,
        le=30,
        description="How long a user who turns away is still taken for themselves while their face was never "
        "out of sight.",
    )
    frozen_after_s: float = Field(
        # Less than the 30 s that are remembered, by enough for slow clients.
        5.0,
        gt=0,
        le=20,
        description="Pictures that are identical for so long are a frozen camera.",
    )
    reuse_s: float = Field(
        0.0,
        ge=0,
        le=10,
        description="How long the identity, liveness and phone checks of a frame hold while the face has "
        "stayed in sight and the picture around it is unchanged. 0 runs every check on every frame.",
    )

    @field_validator("allow_missing")
    @classmethod
    def _can_be_missing(cls, checks: frozenset[Check]) -> frozenset[Check]:
        if others := sorted(checks - {Check.LIVENESS, Check.PHONE}):
            raise ValueError(f"{', '.join(others)}: only `liveness` and `phone` can be allowed to be missing")
        return checks

    @field_validator("rules")
    @classmethod
    def _are_rules_of_pictures(cls, rules: dict[Reason, PresenceRule]) -> dict[Reason, PresenceRule]:
        fixed = sorted(set(rules) - set(default_policy().rules))
        if fixed:
            raise ValueError(f"{', '.join(fixed)}: there is no rule for this reason that could be changed")
        if any(rule.action is Action.ERROR for rule in rules.values()):
            raise ValueError("`error` closes the connection and is kept for blocked and unknown clients")
        return rules


class EvidenceSettings(Group):
    """What is kept of violations at the presence door: a picture and a record of each."""

    enabled: bool = Field(True, description="Keep evidence. Switched off, no picture ever touches the disk.")
    retention_days: float = Field(30.0, gt=0, le=36_500, description="Evidence that is older is deleted.")
    max_bytes: int = Field(2**30, ge=2**20, description="All evidence together; the oldest goes first.")
    min_interval_s: float = Field(
        10.0, ge=0, description="At most one picture per client and reason in this time."
    )
