"""The presence door's settings: rules as people write them, and what is refused."""

import pytest

from facegate.domain.presence.policy import PresenceRule
from facegate.domain.presence.verdicts import Action, Check, Reason
from facegate.settings.fields import effective_values
from facegate.settings.loading import SettingsRefused, load_settings
from facegate.settings.model import Settings


def loaded(**environ: str) -> Settings:
    return load_settings(environ, env_file=None).settings


def test_rules_are_written_as_reason_action_and_agreeing_frames() -> None:
    text = "no_face=warning; phone_detection = lock_screen 2/3 ;wrong_user=none"
    settings = loaded(FACEGATE_PRESENCE__RULES=text)
    assert settings.presence.rules == {
        Reason.NO_FACE: PresenceRule(Action.WARNING),
        Reason.PHONE_DETECTION: PresenceRule(Action.LOCK_SCREEN, 2, 3),
        Reason.WRONG_USER: PresenceRule(Action.NONE),
    }
    shown = effective_values(settings)["FACEGATE_PRESENCE__RULES"]
    assert loaded(FACEGATE_PRESENCE__RULES=shown).presence.rules == settings.presence.rules


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no_face", "reason=action"),
        ("nothing=warning", "no reason"),
        ("no_face=shout", "no action"),
        ("no_face=", "no action"),
        ("no_face=warning 2", "how many"),
        ("no_face=warning 3/2", "agreeing frames"),
        ("no_face=warning 0/2", "agreeing frames"),
        ("no_face=error", "closes the connection"),
        ("paused_client=warning", "no rule"),
    ],
)
def test_other_rules_are_refused_with_the_setting_named(text: str, said: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        loaded(FACEGATE_PRESENCE__RULES=text)
    assert "FACEGATE_PRESENCE__RULES" in refused.value.problems[0]
    assert said in refused.value.problems[0]


def test_the_short_name_of_allowed_missing_checks_is_honoured() -> None:
    settings = loaded(FACEGATE_PRESENCE_ALLOW_MISSING="phone, liveness")
    assert settings.presence.allow_missing == {Check.PHONE, Check.LIVENESS}


def test_the_face_check_can_never_be_missing() -> None:
    with pytest.raises(SettingsRefused, match="ALLOW_MISSING"):
        loaded(FACEGATE_PRESENCE_ALLOW_MISSING="face")


def test_reuse_is_off_by_default_and_never_longer_than_ten_seconds() -> None:
    assert Settings().presence.reuse_s == 0
    with pytest.raises(SettingsRefused, match="REUSE_S"):
        loaded(FACEGATE_PRESENCE__REUSE_S="11")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FACEGATE_EVIDENCE__RETENTION_DAYS", "inf"),
        ("FACEGATE_EVIDENCE__RETENTION_DAYS", "1e9"),
        ("FACEGATE_PRESENCE__FROZEN_AFTER_S", "30"),
    ],
)
def test_times_that_nothing_could_ever_reach_are_refused(name: str, value: str) -> None:
    """No calendar holds the first two, and the third is as long as anything is remembered."""
    with pytest.raises(SettingsRefused) as refused:
        loaded(**{name: value})
    assert name in refused.value.problems[0]
