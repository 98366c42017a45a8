"""Builds the application for one process: SQL store, search in memory, nets in this process."""

import contextlib
import logging
from typing import TYPE_CHECKING

from facegate.adapters.calibration_files.shipped_curves import shipped_curves
from facegate.adapters.data_folder import HeldDataFolder
from facegate.adapters.model_files import CachedModelFiles, default_cache_folder
from facegate.adapters.pillow_images.face_cutter import PillowFaceCutter
from facegate.adapters.pillow_images.image_decoder import DecoderLimits, PillowImageDecoder
from facegate.adapters.system_clock import SystemClock
from facegate.composition.access_tokens import MainToken, configured_records, main_token
from facegate.composition.application import Application, enrolment_rules
from facegate.composition.engine import Engine, load_engine, worker_count
from facegate.composition.forgetting import Forgetting
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.presence.parts import make_presence
from facegate.composition.search_index import OpenedIndex, open_index, save_index, save_index_while_open
from facegate.composition.storage import Storage, open_storage
from facegate.composition.surroundings import Surroundings
from facegate.composition.terminals.parts import Terminals, looks_at_snapshots, make_terminals
from facegate.domain.matching import MatchPolicy
from facegate.domain.templates import EmbedderIdentity
from facegate.ports.clock import Clock
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.model_files import FetchProgress, ModelFiles
from facegate.ports.template_index import TemplateIndex
from facegate.settings.engine_groups import EngineSettings
from facegate.settings.model import Settings
from facegate.use_cases.access_control import AccessControl
from facegate.use_cases.calibrate_matching import CalibrateMatching
from facegate.use_cases.check_readiness import CheckReadiness
from facegate.use_cases.enrol_folder import EnrolFolder
from facegate.use_cases.enrol_photos import EnrolPhotos
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.gallery_transfer import ExportGallery, RestoreGallery
from facegate.use_cases.identify_faces import IdentifyFaces
from facegate.use_cases.import_encodings import ImportEncodings
from facegate.use_cases.nightly_maintenance import NightlyMaintenance
from facegate.use_cases.saved_calibrations import curve_for
from facegate.use_cases.verify_face import VerifyFace

if TYPE_CHECKING:
    from facegate.composition.watching.parts import Watching

logger = logging.getLogger(__name__)


def build_application(
    settings: Settings,
    *,
    ports: PortOverrides | None = None,
    progress: FetchProgress | None = None,
    is_serving: bool = False,
) -> Application:
    """Takes the data folder, opens the store, loads the nets and fills the index.

    Args:
        settings: what the operator chose.
        ports: used instead of the real ones; with every net given, no model file is touched.
        progress: hears of models that are fetched.
        is_serving: also builds what the doors of workstations and terminals stand on, and loads the nets
            they need, if the settings serve them.

    Raises:
        GalleryInUse: another process holds the data folder.
        CapabilityMissing: a model, runtime or calibration that is needed cannot be had.
        StoreFailed: the store cannot be opened.
        EngineFailed: a net cannot be loaded.
    """
    ports = ports or PortOverrides()
    with contextlib.ExitStack() as started:
        clock = ports.clock or SystemClock()
        folder = settings.storage.data_folder
        started.callback(HeldDataFolder(folder).release)
        storage = open_storage(settings, ports, clock, started)
        files = ports.model_files or _model_files(settings.engine, progress)
        engine = load_engine(_engine_settings(settings, is_serving=is_serving), files, ports)
        token = main_token(settings.access, folder)
        analysis = _analysis(settings.engine, engine, ports)
        forgetting = Forgetting(folder, storage.terminals.people, storage.watching)
        gallery, index = _gallery(
            settings, storage.store, engine.embedder.identity, ports, started, forgetting
        )
        enrol_photos = EnrolPhotos(analysis, gallery, clock)
        thread_count = worker_count(settings.engine)
        around = Surroundings(
            analysis, gallery, storage.store, enrol_photos, enrolment_rules(settings, None), clock
        )
        watching = _watching(settings, storage, around, forgetting, ports, started) if is_serving else None
        has_presence = is_serving and settings.presence.enabled
        presence = make_presence(settings, storage.clients, around, forgetting) if has_presence else None
        terminals = _terminals(settings, storage, around, forgetting, started) if is_serving else None
        return Application(
            settings=settings,
            clock=clock,
            store=storage.store,
            model_files=files,
            engine=engine,
            token=token,
            access=_access(settings, token, storage, clock),
            analysis=analysis,
            gallery=gallery,
            enrol_photos=enrol_photos,
            enrol_folder=EnrolFolder(enrol_photos, thread_count=thread_count),
            identify_faces=IdentifyFaces(analysis, gallery),
            verify_face=VerifyFace(analysis, gallery),
            import_encodings=ImportEncodings(gallery, clock),
            export_gallery=_export(storage, engine),
            restore_gallery=RestoreGallery(gallery, storage.store, storage.watching.groups),
            calibrate_matching=CalibrateMatching(
                analysis, thread_count=thread_count, shipped=shipped_curves()
            ),
            nightly=NightlyMaintenance(
                analysis, gallery, storage.store, clock, keep_index=lambda: save_index_while_open(index)
            ),
            readiness=CheckReadiness(analysis, engine.embedder, gallery, clock),
            presence=presence,
            terminals=terminals,
            watching=watching,
            close=started.pop_all().close,
        )


def _export(storage: Storage, engine: Engine) -> ExportGallery:
    return ExportGallery(storage.store, [engine.embedder.identity.model_id], storage.watching.groups)


def _access(settings: Settings, token: MainToken, storage: Storage, clock: Clock) -> AccessControl:
    known = configured_records(settings.access, token, clock.now_utc())
    return AccessControl(storage.tokens, clock, known)


def _engine_settings(settings: Settings, *, is_serving: bool) -> EngineSettings:
    """Workstations need every check on every frame, pictures from terminals liveness, whatever others ask."""
    more: dict[str, object] = {}
    if is_serving and settings.presence.enabled:
        more = {"liveness": True, "phones": True}
    elif is_serving and looks_at_snapshots(settings.terminals):
        more = {"liveness": True}
    return settings.engine.model_copy(update=more)


def _terminals(
    settings: Settings,
    storage: Storage,
    around: Surroundings,
    forgetting: Forgetting,
    started: contextlib.ExitStack,
) -> Terminals | None:
    if not settings.terminals.enabled:
        return None
    terminals = make_terminals(settings, storage.terminals, around)
    forgetting.placing = terminals.placing
    started.callback(terminals.close)
    return terminals


def _watching(
    settings: Settings,
    storage: Storage,
    around: Surroundings,
    forgetting: Forgetting,
    ports: PortOverrides,
    started: contextlib.ExitStack,
) -> "Watching":
    # Imported here: FFmpeg and the channels' libraries are nothing for commands that list subjects.
    from facegate.composition.watching.parts import make_watching

    watching = make_watching(settings, storage.watching, around, forgetting.forget_events, ports.video_source)
    forgetting.cameras = watching.register
    forgetting.alert_senders = tuple(watching.senders.values())
    started.callback(watching.close)
    return watching


def open_model_files(settings: EngineSettings, progress: FetchProgress | None = None) -> ModelFiles:
    """The model files alone, without gallery or nets."""
    return _model_files(settings, progress)


def _model_files(settings: EngineSettings, progress: FetchProgress | None) -> ModelFiles:
    return CachedModelFiles(
        settings.model_cache_folder or default_cache_folder(),
        operator_folder=settings.models_folder,
        may_fetch=settings.may_fetch,
        progress=progress,
    )


def _analysis(settings: EngineSettings, engine: Engine, ports: PortOverrides) -> FaceAnalysis:
    limits = DecoderLimits(
        max_encoded_bytes=settings.max_image_bytes,
        max_pixels=settings.max_image_pixels,
        decode_max_side_px=settings.decode_max_side_px,
    )
    return FaceAnalysis(
        decoder=ports.decoder or PillowImageDecoder(limits),
        detector=engine.detector,
        embedder=engine.embedder,
        cutter=ports.cutter or PillowFaceCutter(),
        liveness=engine.liveness,
        phones=engine.phones,
    )


def _gallery(
    settings: Settings,
    store: GalleryStore,
    identity: EmbedderIdentity,
    ports: PortOverrides,
    started: contextlib.ExitStack,
    forgetting: Forgetting,
) -> tuple[Gallery, TemplateIndex]:
    policy = MatchPolicy(
        curve=curve_for(store, identity.model_id, shipped_curves()),
        tolerance=settings.recognition.tolerance,
        mode=settings.matching,
        min_margin=settings.recognition.min_margin,
    )
    if ports.index is not None:
        opened = OpenedIndex(ports.index, is_current=False)
    else:
        opened = open_index(identity, settings.storage.data_folder, store.change_number())
    gallery = Gallery(store, opened.index, policy, [forgetting])
    count = gallery.indexed_template_count() if opened.is_current else gallery.load()
    started.callback(save_index, opened.index, store)
    logger.info("%d templates of %s are searched", count, identity.model_id)
    return gallery, opened.index
