"""The ports that a test or an embedding program may put in place of the real ones."""

from dataclasses import dataclass

from facegate.composition.terminals.parts import TerminalStores
from facegate.composition.watching.stores import WatchStores
from facegate.ports.cameras.video_source import VideoSource
from facegate.ports.client_store import ClientStore
from facegate.ports.clock import Clock
from facegate.ports.face_cutter import FaceCutter
from facegate.ports.face_detector import FaceDetector
from facegate.ports.face_embedder import FaceEmbedder
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.image_decoder import ImageDecoder
from facegate.ports.liveness_checker import LivenessChecker
from facegate.ports.model_files import ModelFiles
from facegate.ports.phone_detector import PhoneDetector
from facegate.ports.template_index import TemplateIndex
from facegate.ports.token_store import TokenStore


@dataclass(frozen=True, slots=True)
class PortOverrides:
    """Ports to use instead of the real ones, for tests and for embedding. None means the real one."""

    store: GalleryStore | None = None
    token_store: TokenStore | None = None
    client_store: ClientStore | None = None
    terminal_stores: TerminalStores | None = None
    watch_stores: WatchStores | None = None
    index: TemplateIndex | None = None
    decoder: ImageDecoder | None = None
    detector: FaceDetector | None = None
    embedder: FaceEmbedder | None = None
    cutter: FaceCutter | None = None
    liveness: LivenessChecker | None = None
    phones: PhoneDetector | None = None
    model_files: ModelFiles | None = None
    video_source: VideoSource | None = None
    clock: Clock | None = None
