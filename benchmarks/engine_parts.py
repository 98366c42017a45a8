"""The product's own engine, put together for measuring: any embedder on any runtime, one thread each."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.util import find_spec

from facegate.adapters.face_nets.dlib_embedder import DlibEmbedder
from facegate.adapters.face_nets.minifasnet_liveness import MiniFasNetLiveness
from facegate.adapters.face_nets.sface_embedder import SFaceEmbedder
from facegate.adapters.face_nets.yolox_phone_detector import YoloxPhoneDetector
from facegate.adapters.face_nets.yunet_detector import DetectorOptions, YuNetDetector
from facegate.adapters.model_files import CachedModelFiles, default_cache_folder
from facegate.adapters.onnxruntime_sessions.inference_session import OnnxRuntimeSession
from facegate.adapters.openvino_sessions.inference_session import OpenVinoSession
from facegate.adapters.pillow_images.face_cutter import PillowFaceCutter
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.composition.engine import load_engine
from facegate.composition.port_overrides import PortOverrides
from facegate.ports.face_embedder import FaceEmbedder
from facegate.ports.inference_session import InferenceSession
from facegate.settings.engine_groups import Embedder, EngineSettings
from facegate.use_cases.face_analysis import FaceAnalysis

ONNXRUNTIME = "onnxruntime"
OPENVINO = "openvino"

_EMBEDDERS: dict[str, tuple[str, Callable[[InferenceSession], FaceEmbedder]]] = {
    "sface": ("sface-2021dec", SFaceEmbedder),
    "sface-int8": ("sface-2021dec-int8", SFaceEmbedder),
    "dlib": ("dlib-resnet-v1", DlibEmbedder),
    "dlib-int8": ("dlib-resnet-v1-int8", DlibEmbedder),
}
EMBEDDER_NAMES = tuple(_EMBEDDERS)


def installed_runtimes() -> list[str]:
    """ONNX Runtime, and OpenVINO where it is installed."""
    return [ONNXRUNTIME, OPENVINO] if find_spec("openvino") else [ONNXRUNTIME]


@cache
def model_files() -> CachedModelFiles:
    """The user's model cache; what is missing is fetched."""
    return CachedModelFiles(default_cache_folder())


def open_session(model_id: str, runtime: str = ONNXRUNTIME) -> InferenceSession:
    """The model in this runtime, one thread per call."""
    path = model_files().locate(model_id)
    return OpenVinoSession(path, model_id) if runtime == OPENVINO else OnnxRuntimeSession(path, model_id)


def open_embedder(name: str, runtime: str = ONNXRUNTIME) -> FaceEmbedder:
    """`sface`, `sface-int8`, `dlib` or `dlib-int8`."""
    model_id, make = _EMBEDDERS[name]
    return make(open_session(model_id, runtime))


def open_detector(runtime: str = ONNXRUNTIME, one_look_px: int | None = None) -> YuNetDetector:
    """The detector with its default looks, or with one look at the picture in this size."""
    options = DetectorOptions()
    if one_look_px is not None:
        options = replace(
            options,
            first_pass_px=one_look_px,
            second_pass_px=one_look_px,
            second_pass_below_interocular_px=0.0,
            refine_below_interocular_px=0.0,
        )
    return YuNetDetector(open_session("yunet-2023mar", runtime), options)


def open_liveness(runtime: str = ONNXRUNTIME) -> MiniFasNetLiveness:
    """The liveness net."""
    return MiniFasNetLiveness(open_session("minifasnet-se", runtime))


def open_phones(runtime: str = ONNXRUNTIME) -> YoloxPhoneDetector:
    """The phone net."""
    return YoloxPhoneDetector(open_session("yolox-nano", runtime))


def open_analysis(embedder_name: str) -> FaceAnalysis:
    """The engine as the use cases see it and as a server with default settings has it."""
    settings = EngineSettings(embedder=Embedder(embedder_name), workers=1)
    engine = load_engine(settings, model_files(), PortOverrides())
    return FaceAnalysis(
        decoder=PillowImageDecoder(),
        detector=engine.detector,
        embedder=engine.embedder,
        cutter=PillowFaceCutter(),
    )
