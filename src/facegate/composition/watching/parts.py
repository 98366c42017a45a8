"""What stands behind cameras, alerts and the history of events, built from the settings."""

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from facegate.adapters.av_video import AvVideoSource
from facegate.adapters.pillow_images.frame_drawer import PillowFrameDrawer
from facegate.adapters.pillow_images.jpeg_encoder import PillowJpegEncoder
from facegate.composition.surroundings import Surroundings
from facegate.composition.watching.cameras import make_runner, source_check
from facegate.composition.watching.channels import make_chat_finder, make_senders
from facegate.composition.watching.stores import WatchStores
from facegate.domain.alerts.channels import ChannelKind
from facegate.domain.events.event import EventDoor
from facegate.ports.alerts.alert_sender import AlertSender
from facegate.ports.cameras.video_source import VideoSource
from facegate.settings.camera_groups import AlertSettings, EventSettings
from facegate.settings.model import Settings
from facegate.use_cases.alerts.channels import AlertChannels
from facegate.use_cases.alerts.deliver_alerts import DeliverAlerts, DeliveryOptions
from facegate.use_cases.alerts.make_digests import DigestOptions, MakeDigests
from facegate.use_cases.alerts.raise_alerts import RaiseAlerts, RaisingOptions
from facegate.use_cases.cameras.register import CameraRegister
from facegate.use_cases.cameras.report_visits import ReportVisits
from facegate.use_cases.cameras.runner import CameraRunner
from facegate.use_cases.cameras.schedule_cameras import ScheduleCameras
from facegate.use_cases.cameras.visit_shots import ShotOptions, VisitShots
from facegate.use_cases.events.browse_events import BrowseEvents
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.forget import ForgetGone
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.review_events import ReviewEvents
from facegate.use_cases.events.sweep_events import EventRetention, SweepEvents

Forget = Callable[[Collection[str]], None]

_SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """The history over all doors."""

    log: EventLog
    live: LiveEvents
    browse: BrowseEvents
    review: ReviewEvents
    sweep: SweepEvents


@dataclass(frozen=True, slots=True, eq=False)
class Watching:
    """Cameras, alerts and events. `runner` is None where cameras are switched off."""

    stores: WatchStores
    events: Events
    register: CameraRegister
    channels: AlertChannels
    schedule: ScheduleCameras
    deliver: DeliverAlerts
    senders: Mapping[ChannelKind, AlertSender]
    drawer: PillowFrameDrawer
    runner: CameraRunner | None

    def close(self) -> None:
        """Ends what is still open, in the order in which nothing is lost; the stores stay open."""
        with contextlib.ExitStack() as closing:
            for sender in self.senders.values():
                closing.callback(sender.close)
            closing.callback(self.events.log.close)


def make_watching(
    settings: Settings,
    stores: WatchStores,
    around: Surroundings,
    forget: Forget,
    video_source: VideoSource | None = None,
) -> Watching:
    """Everything but the routes; no camera is connected yet. Without a source it is FFmpeg.

    Raises:
        StoreFailed: the cameras cannot be read.
    """
    # What can fail comes before the first thread is started.
    register = CameraRegister(
        stores.cameras, around.clock, source_check(settings.cameras), settings.cameras.max_cameras
    )
    register.load()
    events = _events(settings.events, stores, around, forget)
    senders = make_senders(settings.alerts, stores.alerts)
    channels = AlertChannels(
        stores.alerts, senders, around.clock, make_chat_finder(settings.alerts), settings.alerts.language
    )
    drawer = PillowFrameDrawer()
    deliver = _deliver(settings.alerts, stores, senders, register, around)
    reports = _reports(settings, stores, events.log, drawer, deliver, around)
    source = video_source or AvVideoSource(
        settings.cameras.allowed_places, verifies_certificates=settings.cameras.verify_certificates
    )
    runner = make_runner(settings, register, source, reports, around) if settings.cameras.enabled else None
    register.on_changed = _tell_of_deleted(register, senders, register.on_changed)
    return Watching(
        stores=stores,
        events=events,
        register=register,
        channels=channels,
        schedule=ScheduleCameras(register, channels),
        deliver=deliver,
        senders=senders,
        drawer=drawer,
        runner=runner,
    )


def _tell_of_deleted(
    register: CameraRegister,
    senders: Mapping[ChannelKind, AlertSender],
    before: Callable[[Sequence[str]], None],
) -> Callable[[Sequence[str]], None]:
    """Also brokers hear that a camera is no more."""

    def changed(camera_ids: Sequence[str]) -> None:
        before(camera_ids)
        for camera_id in camera_ids:
            if register.find(camera_id) is None:
                for sender in senders.values():
                    sender.drop_camera(camera_id)

    return changed


def _deliver(
    chosen: AlertSettings,
    stores: WatchStores,
    senders: Mapping[ChannelKind, AlertSender],
    register: CameraRegister,
    around: Surroundings,
) -> DeliverAlerts:
    digests = MakeDigests(
        stores.alerts, around.clock, register.find, DigestOptions(chosen.expire_after_s, chosen.language)
    )
    options = DeliveryOptions(keep_finished_s=chosen.keep_finished_days * _SECONDS_PER_DAY)
    return DeliverAlerts(stores.alerts, senders, around.clock, digests, options)


def _reports(
    settings: Settings,
    stores: WatchStores,
    log: EventLog,
    drawer: PillowFrameDrawer,
    deliver: DeliverAlerts,
    around: Surroundings,
) -> ReportVisits:
    chosen, find_subject = settings.alerts, around.gallery.find_subject
    raising = RaiseAlerts(
        stores.alerts,
        stores.groups,
        find_subject,
        around.clock,
        RaisingOptions(chosen.expire_after_s, chosen.language),
    )
    options = ShotOptions(settings.events.keep_shots, chosen.max_picture_side_px)
    shots = VisitShots(stores.shots, PillowJpegEncoder(), drawer, options)
    return ReportVisits(log, raising, find_subject, shots, deliver.wake)


def _events(chosen: EventSettings, stores: WatchStores, around: Surroundings, forget: Forget) -> Events:
    live = LiveEvents()
    gallery, clock = around.gallery, around.clock
    gone = ForgetGone(
        lambda subject_id: gallery.find_subject(subject_id) is not None,
        forget,
        lambda: gallery.removal_count,
    )
    # A camera that nobody keeps a history of is not what somebody means who names other doors.
    doors = chosen.doors | {EventDoor.CAMERAS}
    log = EventLog(stores.events, live, clock, doors, forget_gone=gone)
    retention = EventRetention(
        chosen.retention_days, chosen.shot_retention_days, chosen.shot_max_bytes, chosen.max_events
    )
    return Events(
        log=log,
        live=live,
        browse=BrowseEvents(stores.events, stores.shots),
        review=ReviewEvents(
            stores.events, stores.shots, gallery, around.enrol_photos, around.rules, log, clock
        ),
        sweep=SweepEvents(stores.events, stores.shots, log, retention, clock, gone),
    )
