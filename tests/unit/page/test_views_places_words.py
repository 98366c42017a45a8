"""Whatever the server may say of places has words, and no words wait for what is never said."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.alerts.messages import MessageState
from facegate.domain.alerts.policy import Reason as AlertReason
from facegate.domain.alerts.rules import AlertWho
from facegate.domain.cameras.camera import DETECTION_SIDES_PX, HardwareDecode, Transport
from facegate.domain.cameras.status import CameraState, VideoFault
from facegate.domain.events.event import EventDoor, EventKind
from facegate.domain.matching import Band
from facegate.domain.presence.clients import ClientStatus
from facegate.domain.presence.verdicts import Action, Finding, Reason
from facegate.domain.terminals.activity import ActivityKind
from facegate.domain.terminals.enrolments import PlacementState
from facegate.page import views
from facegate.page.views.alerts import channel_form, channel_list
from facegate.page.views.cameras import alert_form, watching_form
from facegate.page.views.events import filters
from facegate.page.views.terminals import activity, placements
from facegate.page.words import words_of
from facegate.use_cases.alerts.channel_fields import SECRET_NAMES
from facegate.use_cases.presence.session_records import SessionState

SOURCES = Path(views.__file__).parent
PLACES = ("cameras", "events", "review", "alerts", "workstations", "terminals")


@pytest.mark.parametrize(
    ("view", "prefix", "said"),
    [
        ("cameras", "state", CameraState),
        ("cameras", "fault", VideoFault),
        ("cameras", "who", AlertWho),
        ("cameras", "decoder", HardwareDecode),
        ("events", "why", AlertReason),
        ("shared", "kind", EventKind),
        ("shared", "door", EventDoor),
        ("shared", "band", Band),
        ("alerts", "kind", ChannelKind),
        ("alerts", "help", ChannelKind),
        ("alerts", "state", MessageState),
        ("workstations", "state", ClientStatus),
        ("workstations", "action", Action),
        ("workstations", "reason", Reason),
        ("workstations", "finding", Finding),
        ("workstations", "session", SessionState),
        ("terminals", "kind", ActivityKind),
        ("terminals", "placement", PlacementState),
    ],
)
def test_each_state_of_the_server_has_words(view: str, prefix: str, said: type[StrEnum]) -> None:
    assert {f"{prefix}_{one.value}" for one in said} - set(words_of(view)) == set()


@pytest.mark.parametrize(
    ("offered", "known"),
    [
        (alert_form.WHO, AlertWho),
        (watching_form.TRANSPORTS, Transport),
        (watching_form.DECODERS, HardwareDecode),
        (watching_form.SIDES_PX, DETECTION_SIDES_PX),
        (filters.DOORS, EventDoor),
        (filters.KINDS, EventKind),
        (filters.BANDS, Band),
        (channel_list.KINDS, ChannelKind),
        (activity.KINDS, ActivityKind),
        (placements.STATES, PlacementState),
    ],
)
def test_what_is_offered_is_what_the_server_knows(offered: tuple[object, ...], known: type[StrEnum]) -> None:
    assert set(offered) == {getattr(one, "value", one) for one in known}


@pytest.mark.parametrize("kind", list(ChannelKind))
def test_secrets_are_asked_for_as_the_server_calls_them(kind: ChannelKind) -> None:
    names = channel_form.secret_names(kind.value)

    assert set(names) == SECRET_NAMES[kind]
    assert {f"secret_help_{kind.value}_{name}" for name in names} <= set(words_of("alerts"))


@pytest.mark.parametrize("view", PLACES)
def test_every_word_is_used(view: str) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    put_together = {
        *re.findall(r'f"(\w+_)\{', sources),
        *(f"{one}_" for one in re.findall(r'worded\(\w+, "\w+", "(\w+)"\)', sources)),
        *(f"{one}_" for one in re.findall(r'say_code\("(\w+)"', sources)),
    }
    unused = {
        key
        for key in words_of(view)
        if not re.search(rf"[\"']{key}[\"']", sources)
        and not key.startswith(tuple(put_together))
        # A field's help is found by the field's name.
        and not (key.endswith("_help") and key.removesuffix("_help") in words_of(view))
    }

    assert unused == set()


@pytest.mark.parametrize("view", PLACES)
def test_every_word_that_is_asked_for_is_there(view: str) -> None:
    asked = set()
    for path in (SOURCES / view).glob("*.py"):
        asked |= set(re.findall(r'\bsay\(\s*"(\w+)"', path.read_text(encoding="utf-8")))

    assert asked - set(words_of(view)) == set()
