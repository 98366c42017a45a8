"""What alerts say, word for word."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from facegate.domain.alerts.digests import DigestLine
from facegate.domain.alerts.messages import AlertKind
from facegate.domain.alerts.phrases import PHRASES, Language
from facegate.domain.alerts.wording import (
    MAX_DIGEST_LINES,
    Told,
    alert_text,
    digest_text,
    drawn_label,
    percent,
    spoken_duration,
    trial_text,
)
from facegate.domain.cameras.status import VideoFault
from facegate.domain.matching import Band

AT = datetime(2026, 11, 21, 14, 3, 22, tzinfo=UTC)
ALICE = Told(AlertKind.SEEN, "e1", "c1", "Front door", AT, "alice", "Alice {x}", Band.MATCH, 0.937, 0.61)
STRANGER = replace(ALICE, subject_id=None, name=None, band=Band.UNKNOWN, confidence=0.2)


def test_somebody_known() -> None:
    text = alert_text(ALICE, UTC)
    assert text.title == "Alice {x} at Front door"
    assert text.body == "Alice {x} was seen at Front door on 21 Nov 2026 at 14:03:22. Confidence: 93 %."
    assert text.facts == {
        "kind": "seen",
        "event_id": "e1",
        "camera_id": "c1",
        "camera": "Front door",
        "subject_id": "alice",
        "name": "Alice {x}",
        "band": "match",
        "confidence": 0.937,
        "similarity": 0.61,
        "at": "2026-11-21T14:03:22+00:00",
    }


def test_somebody_known_in_indonesian_at_their_time() -> None:
    text = alert_text(ALICE, timezone(timedelta(hours=7)), Language.INDONESIAN)
    assert text.title == "Alice {x} di Front door"
    assert "pada 21 Nov 2026 pukul 21.03.22. Tingkat keyakinan: 93 %." in text.body


def test_strangers_have_no_confidence_and_reviews_are_said() -> None:
    assert alert_text(STRANGER, UTC).title == "Somebody unknown at Front door"
    assert "onfidence" not in alert_text(STRANGER, UTC).body
    assert "review" in alert_text(replace(STRANGER, band=Band.REVIEW), UTC).body
    assert "live" in alert_text(replace(STRANGER, is_live=False), UTC).body
    assert drawn_label(STRANGER) == "Unknown"
    assert drawn_label(ALICE) == "Alice {x} 93 %"


def test_leaving_and_health() -> None:
    left = alert_text(replace(ALICE, kind=AlertKind.LEFT, lasted_s=400.2), UTC)
    assert left.body.endswith("21 Nov 2026 at 14:03:22, 6 min 40 s after they came.")
    assert left.facts["duration_s"] == 400.2
    camera = Told(AlertKind.CAMERA_DOWN, "e", "c1", "Front door", AT, fault=VideoFault.UNAUTHORIZED)
    down = alert_text(camera, UTC)
    assert down.title == "No picture from Front door"
    assert down.body.endswith("since 21 Nov 2026 at 14:03:22: it refuses the user name or password.")
    assert down.facts["fault"] == "unauthorized"
    assert "subject_id" not in down.facts
    up = alert_text(replace(camera, kind=AlertKind.CAMERA_UP, fault=None, lasted_s=90_000.0), UTC)
    assert up.body.endswith("It was away for 1 d 1 h.")


@pytest.mark.parametrize(
    ("seconds", "spoken"),
    [(0.2, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (7205, "2 h 5 s"), (-3, "0 s"), (176_400, "2 d 1 h")],
)
def test_durations_have_two_units(seconds: float, spoken: str) -> None:
    assert spoken_duration(seconds, PHRASES[Language.ENGLISH]) == spoken


@pytest.mark.parametrize(("confidence", "shown"), [(0.999, 99), (1.0, 100), (0.57, 57), (1.7, 100), (-1, 0)])
def test_percents_are_rounded_down(confidence: float, shown: int) -> None:
    assert percent(confidence) == shown


@pytest.mark.parametrize("language", list(Language))
def test_every_text_is_filled_in_every_language(language: Language) -> None:
    phrases = PHRASES[language]
    assert set(phrases.faults) == set(VideoFault)
    assert len(phrases.months) == 12
    for kind in (AlertKind.SEEN, AlertKind.LEFT, AlertKind.CAMERA_DOWN, AlertKind.CAMERA_UP):
        text = alert_text(replace(ALICE, kind=kind, name="Ann", lasted_s=5), UTC, language)
        assert not {"{", "}"} & set(text.title + text.body)
    assert trial_text(AT, language).title


def test_a_digest_counts_and_names() -> None:
    later = AT + timedelta(hours=2)
    lines = [
        DigestLine(AlertKind.SEEN, "alice", "Alice", 2, AT, later),
        DigestLine(AlertKind.SEEN, None, "", 1, AT, AT),
        DigestLine(AlertKind.LEFT, "alice", "Alice", 1, AT, AT),
        DigestLine(AlertKind.CAMERA_DOWN, None, "", 1, AT, AT),
    ]
    text = digest_text(("c1", "Front door"), lines, UTC)
    assert text.title == "Front door: 5 alerts"
    assert text.body.splitlines() == [
        "From 21 Nov 2026 at 14:03:22 to 21 Nov 2026 at 16:03:22:",
        "Alice: 2 times, last 21 Nov 2026 at 16:03:22",
        "Somebody unknown: once, 21 Nov 2026 at 14:03:22",
        "Alice left: once, 21 Nov 2026 at 14:03:22",
        "No picture: once, 21 Nov 2026 at 14:03:22",
    ]
    assert text.facts["count"] == 5
    # Whoever is forgotten has to be found in it.
    assert '"subject_id": "alice"' in json.dumps(text.facts)


def test_a_digest_of_very_many_is_cut_short_and_says_so() -> None:
    lines = [DigestLine(AlertKind.SEEN, f"p{n}", f"P{n}", 1, AT, AT) for n in range(MAX_DIGEST_LINES + 7)]
    assert digest_text(("c1", "Gate"), lines, UTC).body.splitlines()[-1] == "and 7 more"
