"""Cameras at work, built from the settings."""

from collections.abc import Callable

from facegate.composition.process.usable_cores import usable_core_count
from facegate.composition.surroundings import Surroundings
from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.sources import check_place, parse_source, place_of
from facegate.domain.liveness import LivenessPolicy
from facegate.ports.cameras.video_source import VideoSource
from facegate.settings.camera_groups import CameraSettings
from facegate.settings.model import Settings
from facegate.use_cases.cameras.register import CameraRegister
from facegate.use_cases.cameras.reports import VisitReports
from facegate.use_cases.cameras.runner import CameraRunner, RunnerOptions
from facegate.use_cases.cameras.watcher import FaceWatcher

PLACES_SETTING = "FACEGATE_CAMERAS__ALLOWED_PLACES"


def source_check(chosen: CameraSettings) -> Callable[[str], None]:
    """Refuses what an address itself names inside; what its name leads to is looked up when it is opened."""

    def check(source: str) -> None:
        check_place(place_of(parse_source(source)), chosen.allowed_places, PLACES_SETTING)

    return check


def make_runner(
    settings: Settings,
    register: CameraRegister,
    source: VideoSource,
    reports: VisitReports,
    around: Surroundings,
) -> CameraRunner:
    """The runner; it has not begun. Liveness, where a camera asks for it, has the limit of all doors."""
    liveness = LivenessPolicy(settings.liveness.min_live_probability)

    def make_watcher(camera: Camera) -> FaceWatcher:
        policy = liveness if camera.watch.checks_liveness else None
        return FaceWatcher(camera, around.analysis, around.gallery, policy)

    runner = CameraRunner(register, source, make_watcher, reports, around.clock, _options(settings.cameras))
    register.on_changed = runner.apply
    return runner


def _options(chosen: CameraSettings) -> RunnerOptions:
    return RunnerOptions(
        analysis_threads=chosen.analysis_threads or usable_core_count(),
        open_timeout_s=chosen.open_timeout_s,
        read_timeout_s=chosen.read_timeout_s,
        frozen_after_s=chosen.frozen_after_s,
        down_after_s=chosen.down_after_s,
        reconnect_min_s=chosen.reconnect_min_s,
        reconnect_max_s=chosen.reconnect_max_s,
    )
