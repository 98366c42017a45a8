"""The routes of cameras, alerts and events in /v1, each with what it stands on."""

from dataclasses import dataclass

from fastapi import APIRouter

from facegate.composition.application import Application
from facegate.composition.doors import Floor
from facegate.composition.watching.parts import Watching
from facegate.composition.watching.system_figures import system_reader
from facegate.domain.events.event import EventDoor
from facegate.frontends.operations.camera_metrics import CameraFigures
from facegate.frontends.rest_v1.alert_admin.routes import AlertAdminParts, alert_router
from facegate.frontends.rest_v1.camera_admin.parts import CameraAdminParts
from facegate.frontends.rest_v1.camera_admin.routes import camera_router
from facegate.frontends.rest_v1.event_admin.parts import EventAdminParts
from facegate.frontends.rest_v1.event_admin.routes import event_router
from facegate.frontends.rest_v1.gallery_admin.routes import GalleryAdminParts, gallery_admin_router
from facegate.frontends.rest_v1.system_routes import SystemParts, system_router
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.alerts.browse_outbox import BrowseOutbox
from facegate.use_cases.cameras.latest import LatestPicture
from facegate.use_cases.events.scan_events import FollowScans
from facegate.use_cases.matching_distribution import MatchingDistribution
from facegate.use_cases.merge_subjects import MergeStores, MergeSubjects
from facegate.use_cases.subject_groups import SubjectGroups

_NETWORK_THREADS = 4
_NETWORK_MAX_WAITING = 8
_REVIEW_THREADS = 2
_REVIEW_MAX_WAITING = 32


@dataclass(frozen=True, slots=True, eq=False)
class WatchingDoors:
    """What is served, and what has to be ended with the server."""

    watching: Watching
    scans: FollowScans | None
    cameras: CameraAdminParts
    events: EventAdminParts
    network_workers: BoundedWorkers
    review_workers: BoundedWorkers
    routers: tuple[APIRouter, ...]

    def figures(self) -> CameraFigures:
        """For the metrics."""
        runner, noted = self.watching.runner, self.watching.events.log.counts()
        return CameraFigures(
            statuses={} if runner is None else runner.statuses(),
            events_stored=noted.stored,
            events_dropped=noted.dropped,
            events_refused=noted.refused,
            reports_waiting=0 if runner is None else runner.report_backlog,
            reports_lost=0 if runner is None else runner.lost_report_count,
        )

    async def say_goodbye(self) -> None:
        """Before sockets are dropped: those who look on and listen are told."""
        self.cameras.previews.end_all()
        self.events.streams.end_all()

    @property
    def workers(self) -> tuple[BoundedWorkers, ...]:
        """Threads of these routes alone."""
        return (self.network_workers, self.review_workers)


def make_watching_doors(application: Application, watching: Watching, floor: Floor) -> WatchingDoors:
    """Everything of /v1 about cameras, alerts and events."""
    # Cameras and channels take as long as they take: whoever tries them waits beside everything else.
    network_workers = BoundedWorkers(_NETWORK_THREADS, _NETWORK_MAX_WAITING, "network")
    # Decisions are one after the other: those that wait must not hold the threads of everybody's faces.
    review_workers = BoundedWorkers(_REVIEW_THREADS, _REVIEW_MAX_WAITING, "review")
    cameras = _camera_parts(application, watching, floor, network_workers)
    events = EventAdminParts(
        browse=watching.events.browse,
        review=watching.events.review,
        live=watching.events.live,
        gallery=application.gallery,
        gate=floor.gate,
        store_workers=floor.store_workers,
        review_workers=review_workers,
    )
    return WatchingDoors(
        watching=watching,
        scans=_follow_scans(application, watching),
        cameras=cameras,
        events=events,
        network_workers=network_workers,
        review_workers=review_workers,
        routers=(
            camera_router(cameras),
            event_router(events),
            alert_router(_alert_parts(watching, floor, network_workers)),
            gallery_admin_router(_gallery_parts(application, watching, floor)),
            system_router(
                SystemParts(
                    system_reader(
                        watching,
                        (*floor.pools, network_workers),
                        application.settings.storage.data_folder,
                    ),
                    floor.gate,
                    floor.store_workers,
                )
            ),
        ),
    )


def _alert_parts(watching: Watching, floor: Floor, network_workers: BoundedWorkers) -> AlertAdminParts:
    return AlertAdminParts(
        channels=watching.channels,
        outbox=BrowseOutbox(watching.stores.alerts),
        gate=floor.gate,
        store_workers=floor.store_workers,
        network_workers=network_workers,
    )


def _gallery_parts(application: Application, watching: Watching, floor: Floor) -> GalleryAdminParts:
    stores = watching.stores
    merge = MergeSubjects(
        application.gallery,
        MergeStores(
            stores.events, stores.groups, application.store.cutout_of, watching.register.replace_subject
        ),
        watching.events.log,
        application.clock,
        application.settings.enrolment.max_templates,
    )
    return GalleryAdminParts(
        groups=SubjectGroups(stores.groups, application.gallery),
        merge=merge,
        distribution=MatchingDistribution(application.gallery),
        gate=floor.gate,
        store_workers=floor.store_workers,
        transfer_workers=floor.transfer_workers,
    )


def _camera_parts(
    application: Application, watching: Watching, floor: Floor, network_workers: BoundedWorkers
) -> CameraAdminParts:
    drawer = watching.drawer

    def draw(picture: LatestPicture, has_boxes: bool, max_side_px: int) -> bytes:
        return drawer.draw(picture.frame, picture.boxes if has_boxes else (), max_side_px=max_side_px)

    return CameraAdminParts(
        register=watching.register,
        runner=watching.runner,
        draw=draw,
        now_utc=application.clock.now_utc,
        gate=floor.gate,
        store_workers=floor.store_workers,
        engine_workers=floor.engine_workers,
        test_workers=network_workers,
    )


def _follow_scans(application: Application, watching: Watching) -> FollowScans | None:
    terminals = application.terminals
    if terminals is None or not watching.events.log.keeps(EventDoor.TERMINALS):
        return None
    return FollowScans(
        terminals.stores.activity,
        terminals.stores.people,
        terminals.register.find,
        watching.events.log,
        application.clock,
        retention_days=application.settings.events.retention_days,
    )
