"""What the doors of terminals stand on, built from the settings."""

import contextlib
import logging
from dataclasses import dataclass

from facegate.adapters.pillow_images.jpeg_encoder import EncoderOptions, PillowJpegEncoder
from facegate.adapters.sql_sink import SinkAddress, copy_name, open_sink, sink_url
from facegate.composition.surroundings import Surroundings
from facegate.composition.terminals.message_links import MessageLinks, make_links
from facegate.domain.errors import CapabilityMissing
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.terminals.access_policy import AccessPolicy, AccessRule
from facegate.domain.terminals.device_clock import parse_zone
from facegate.ports.activity_store import ActivityStore
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.ports.terminal_store import TerminalStore
from facegate.settings.model import Settings
from facegate.settings.terminal_groups import SinkSettings, TerminalSettings
from facegate.use_cases.terminals.access import DecideAccess
from facegate.use_cases.terminals.actions import TerminalActions
from facegate.use_cases.terminals.browse import BrowseActivity
from facegate.use_cases.terminals.collect_log import CollectLog
from facegate.use_cases.terminals.copying import CopyActivity
from facegate.use_cases.terminals.live import LiveTerminals
from facegate.use_cases.terminals.pages import ReadPages
from facegate.use_cases.terminals.placing import PlacePeople
from facegate.use_cases.terminals.receive_enrolment import ReceiveEnrolment
from facegate.use_cases.terminals.recorder import ActivityRecorder
from facegate.use_cases.terminals.register import RegisterOptions, TerminalRegister
from facegate.use_cases.terminals.review import ReviewEnrolments
from facegate.use_cases.terminals.send_command import CommandOptions, SendCommand
from facegate.use_cases.terminals.snapshots import CheckSnapshot
from facegate.use_cases.terminals.terminal_photos import MAX_PHOTO_HEIGHT_PX, SubjectPhotos, TerminalPhotos
from facegate.use_cases.terminals.users import TerminalUsers

logger = logging.getLogger(__name__)

_PHOTO_QUALITIES = (90, 80, 65, 50)


@dataclass(frozen=True, slots=True)
class TerminalStores:
    """Where terminals, their activity and their people are kept."""

    terminals: TerminalStore
    activity: ActivityStore
    people: TerminalPeopleStore


@dataclass(frozen=True, slots=True, eq=False)
class Terminals:
    """The use cases of the terminals' doors. `copy` is None where no copy is wanted."""

    stores: TerminalStores
    links: MessageLinks
    register: TerminalRegister
    recorder: ActivityRecorder
    live: LiveTerminals
    send: SendCommand
    actions: TerminalActions
    users: TerminalUsers
    collect_log: CollectLog
    activity: BrowseActivity
    decide_access: DecideAccess
    check_snapshot: CheckSnapshot | None
    receive_enrolment: ReceiveEnrolment
    review: ReviewEnrolments
    placing: PlacePeople
    copy: CopyActivity | None

    def close(self) -> None:
        """Writes what waits; the stores stay open."""
        with contextlib.ExitStack() as closing:
            if self.copy is not None:
                closing.callback(self.copy.close)
            closing.callback(self.register.flush, is_last=True)
            self.recorder.close()


def make_terminals(settings: Settings, stores: TerminalStores, around: Surroundings) -> Terminals:
    """Everything but the doors themselves, which are rooms.

    Raises:
        CapabilityMissing: Redis or a copy is wanted, but its client is not installed.
        InvalidInput: the address of the copy cannot be read.
        StoreFailed: the list of terminals cannot be read.
    """
    chosen, clock = settings.terminals, around.clock
    links = make_links(settings.redis)
    register = TerminalRegister(stores.terminals, clock, _register_options(chosen))
    register.load()
    send = SendCommand(links.bus, register, CommandOptions(chosen.command_retries, chosen.add_serial_number))
    pages = ReadPages(send)
    live = LiveTerminals(links.bus, links.feed, clock)
    users = TerminalUsers(send, pages)
    check = _check_snapshot(settings, stores, around)
    placing = _placing(stores, around, users, register)
    copy = _copy(settings.sink, stores.activity)
    # Last: it has a thread, and what comes before may still be refused.
    recorder = ActivityRecorder(stores.activity)
    return Terminals(
        stores=stores,
        links=links,
        register=register,
        recorder=recorder,
        live=live,
        send=send,
        actions=TerminalActions(send, register, clock),
        users=users,
        collect_log=CollectLog(pages, recorder, register, clock, live),
        activity=BrowseActivity(stores.activity),
        decide_access=DecideAccess(_access_policy(chosen), stores.people, check),
        check_snapshot=check if chosen.check_snapshots else None,
        receive_enrolment=ReceiveEnrolment(stores.people),
        review=ReviewEnrolments(stores.people, around.enrol_photos, around.gallery, around.rules, clock),
        placing=placing,
        copy=copy,
    )


def looks_at_snapshots(chosen: TerminalSettings) -> bool:
    """Whether pictures from terminals go through the engine, for which it needs its liveness net."""
    return chosen.enabled and (chosen.check_snapshots or chosen.access_rule is AccessRule.CONFIRMED)


def _register_options(chosen: TerminalSettings) -> RegisterOptions:
    return RegisterOptions(
        accept_unknown=chosen.accept_unknown,
        default_zone=None if chosen.zone is None else parse_zone(chosen.zone),
        access_encoding=chosen.access_encoding,
    )


def _access_policy(chosen: TerminalSettings) -> AccessPolicy:
    return AccessPolicy(
        chosen.access_rule, chosen.access_time_limit_s, chosen.access_when_late, chosen.accept_codes
    )


def _check_snapshot(settings: Settings, stores: TerminalStores, around: Surroundings) -> CheckSnapshot | None:
    chosen = settings.terminals
    if not looks_at_snapshots(chosen):
        return None
    liveness: LivenessPolicy | None = LivenessPolicy(settings.liveness.min_live_probability)
    if "liveness" in around.analysis.missing_checks:
        if chosen.access_rule is AccessRule.CONFIRMED:
            raise CapabilityMissing(
                "FACEGATE_TERMINALS__ACCESS_RULE=confirmed needs the liveness model: "
                "run `facegate models fetch`",
                capability="liveness",
            )
        logger.error("snapshots of terminals are not checked for liveness: its model is missing")
        liveness = None
    return CheckSnapshot(around.analysis, around.gallery, stores.people, liveness)


def _placing(
    stores: TerminalStores, around: Surroundings, users: TerminalUsers, register: TerminalRegister
) -> PlacePeople:
    encoders = [
        PillowJpegEncoder(EncoderOptions(MAX_PHOTO_HEIGHT_PX, quality)) for quality in _PHOTO_QUALITIES
    ]
    photos = SubjectPhotos(
        TerminalPhotos(around.analysis, encoders), around.gallery, around.gallery_store.cutout_of
    )
    return PlacePeople(stores.people, around.gallery, register, photos, users, around.clock)


def _copy(chosen: SinkSettings, store: ActivityStore) -> CopyActivity | None:
    url = sink_url(
        SinkAddress(
            url=None if chosen.url is None else chosen.url.get_secret_value(),
            mssql_host=chosen.mssql_host,
            mssql_user=chosen.mssql_user,
            mssql_password=None
            if chosen.mssql_password is None
            else chosen.mssql_password.get_secret_value(),
            mssql_database=chosen.mssql_database,
        )
    )
    if url is None:
        return None
    # Another database, or another table, gets the history from its beginning.
    reader = f"sink {copy_name(url, chosen.table)}"
    return CopyActivity(store, open_sink(url, chosen.table), reader=reader)
