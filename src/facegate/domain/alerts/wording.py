"""What an alert says: words for people in their language, facts for programs in none.

Neither holds an address, a secret or a picture. Times in words are local, in facts they have their offset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from facegate.domain.alerts.digests import DigestLine
from facegate.domain.alerts.messages import AlertKind, AlertText
from facegate.domain.alerts.phrases import PHRASES, Language, Phrases
from facegate.domain.cameras.status import VideoFault
from facegate.domain.matching import Band

MAX_DIGEST_LINES = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What one alert is about. `name` is the display name, None for strangers and for the camera itself.

    `lasted_s` is how long somebody stayed or a camera was away; `is_live` None where it was not checked.
    """

    kind: AlertKind
    event_id: str
    camera_id: str
    camera: str
    at: datetime
    subject_id: str | None = None
    name: str | None = None
    band: Band | None = None
    confidence: float | None = None
    similarity: float | None = None
    is_live: bool | None = None
    lasted_s: float | None = None
    fault: VideoFault | None = None


def alert_text(told: Told, zone: tzinfo | None, language: Language = Language.ENGLISH) -> AlertText:
    """Title, body and facts of an alert about a visit or about the camera's health."""
    phrases = PHRASES[language]
    words = {
        "who": told.name or phrases.stranger,
        "camera": told.camera,
        "time": spoken_time(told.at, zone, phrases),
        "duration": spoken_duration(told.lasted_s or 0.0, phrases),
        "fault": phrases.faults[told.fault or VideoFault.UNREACHABLE],
    }
    titles = {
        AlertKind.SEEN: (phrases.seen_title, phrases.seen_body),
        AlertKind.LEFT: (phrases.left_title, phrases.left_body),
        AlertKind.CAMERA_DOWN: (phrases.down_title, phrases.down_body),
        AlertKind.CAMERA_UP: (phrases.up_title, phrases.up_body),
    }
    title, body = (template.format(**words) for template in titles[told.kind])
    if told.kind is AlertKind.SEEN:
        body = " ".join([body, *_how_sure(told, phrases)])
    return AlertText(title, body, _facts(told))


def drawn_label(told: Told, language: Language = Language.ENGLISH) -> str:
    """What stands at the face's box: the name and how sure, or that it is nobody known."""
    if told.name is None:
        return PHRASES[language].stranger_label
    return told.name if told.confidence is None else f"{told.name} {percent(told.confidence)} %"


def digest_text(
    camera: tuple[str, str],
    lines: Sequence[DigestLine],
    zone: tzinfo | None,
    language: Language = Language.ENGLISH,
) -> AlertText:
    """One message for all that was collected at a camera, given as its id and its name; at least one line."""
    phrases = PHRASES[language]
    camera_id, nickname = camera
    count = sum(line.count for line in lines)
    first_at, last_at = min(line.first_at for line in lines), max(line.last_at for line in lines)
    title = phrases.digest_title_one if count == 1 else phrases.digest_title
    span = phrases.digest_span.format(
        first=spoken_time(first_at, zone, phrases), last=spoken_time(last_at, zone, phrases)
    )
    body = [span, *(_line(line, zone, phrases) for line in lines[:MAX_DIGEST_LINES])]
    left_out = sum(line.count for line in lines[MAX_DIGEST_LINES:])
    if left_out:
        body.append(phrases.digest_more.format(count=left_out))
    facts: dict[str, object] = {
        "kind": AlertKind.DIGEST.value,
        "camera_id": camera_id,
        "camera": nickname,
        "count": count,
        "from": first_at.isoformat(),
        "until": last_at.isoformat(),
        "entries": [_entry(line) for line in lines],
    }
    return AlertText(title.format(camera=nickname, count=count), "\n".join(body), facts)


def trial_text(at: datetime, language: Language = Language.ENGLISH) -> AlertText:
    """What a channel is tried with."""
    phrases = PHRASES[language]
    facts: dict[str, object] = {"kind": AlertKind.TEST.value, "at": at.isoformat()}
    return AlertText(phrases.test_title, phrases.test_body, facts)


def percent(confidence: float) -> int:
    """Rounded down: nobody is told 100 who is not."""
    return int(min(1.0, max(0.0, confidence)) * 100 + 1e-9)


def spoken_time(at: datetime, zone: tzinfo | None, phrases: Phrases) -> str:
    """Date and time of day in this zone, such as `21 Nov 2026 at 14:03:22`."""
    local = at.astimezone(zone)
    clock = phrases.clock.format(local.hour, local.minute, local.second)
    return phrases.date.format(
        day=local.day, month=phrases.months[local.month - 1], year=local.year, clock=clock
    )


def spoken_duration(duration_s: float, phrases: Phrases) -> str:
    """The two largest units, such as `6 min 40 s`."""
    seconds = max(0, round(timedelta(seconds=duration_s).total_seconds()))
    counts = (seconds % 60, seconds // 60 % 60, seconds // 3600 % 24, seconds // 86_400)
    spoken = [f"{count} {unit}" for count, unit in zip(counts, phrases.units, strict=True) if count]
    return " ".join(spoken[::-1][:2]) or f"0 {phrases.units[0]}"


def _how_sure(told: Told, phrases: Phrases) -> list[str]:
    sentences = []
    if told.name is not None and told.confidence is not None:
        sentences.append(phrases.sure.format(percent=percent(told.confidence)))
    if told.name is None and told.band is Band.REVIEW:
        sentences.append(phrases.not_sure)
    if told.is_live is False:
        sentences.append(phrases.not_live)
    return sentences


def _facts(told: Told) -> dict[str, object]:
    facts: dict[str, object] = {
        "kind": told.kind.value,
        "event_id": told.event_id,
        "camera_id": told.camera_id,
        "camera": told.camera,
        "at": told.at.isoformat(),
    }
    if told.kind in (AlertKind.SEEN, AlertKind.LEFT):
        facts |= {
            "subject_id": told.subject_id,
            "name": told.name,
            "band": None if told.band is None else told.band.value,
            "confidence": told.confidence,
            "similarity": told.similarity,
        }
    if told.is_live is not None:
        facts["is_live"] = told.is_live
    if told.lasted_s is not None:
        facts["duration_s"] = round(told.lasted_s, 1)
    if told.fault is not None:
        facts["fault"] = told.fault.value
    return facts


def _line(line: DigestLine, zone: tzinfo | None, phrases: Phrases) -> str:
    who = line.name or phrases.stranger
    what = {
        AlertKind.CAMERA_DOWN: phrases.camera_down,
        AlertKind.CAMERA_UP: phrases.camera_up,
        AlertKind.LEFT: phrases.left_line.format(who=who),
    }.get(line.kind, who)
    template = phrases.digest_once if line.count == 1 else phrases.digest_often
    return template.format(who=what, count=line.count, time=spoken_time(line.last_at, zone, phrases))


def _entry(line: DigestLine) -> dict[str, object]:
    return {
        "kind": line.kind.value,
        "subject_id": line.subject_id,
        "name": line.name or None,
        "count": line.count,
        "first_at": line.first_at.isoformat(),
        "last_at": line.last_at.isoformat(),
    }
