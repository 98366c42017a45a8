"""Which nets run on which runtime. The nets themselves live in their adapters."""

import importlib.util
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from facegate.adapters.face_nets.yunet_detector import DetectorOptions, YuNetDetector
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.process.usable_cores import usable_core_count
from facegate.domain.errors import CapabilityMissing
from facegate.ports.face_detector import FaceDetector
from facegate.ports.face_embedder import FaceEmbedder
from facegate.ports.inference_session import InferenceSession
from facegate.ports.liveness_checker import LivenessChecker
from facegate.ports.model_files import ModelFiles
from facegate.ports.phone_detector import PhoneDetector
from facegate.settings.engine_groups import Embedder, EngineSettings, Provider, Runtime

logger = logging.getLogger(__name__)

DETECTOR_MODEL = "yunet-2023mar"
LIVENESS_MODEL = "minifasnet-se"
PHONE_MODEL = "yolox-nano"

EMBEDDER_MODELS: Mapping[Embedder, str] = MappingProxyType(
    {
        Embedder.SFACE: "sface-2021dec",
        Embedder.SFACE_INT8: "sface-2021dec-int8",
        Embedder.DLIB: "dlib-resnet-v1",
        Embedder.DLIB_INT8: "dlib-resnet-v1-int8",
    }
)

FASTER_IN_OPENVINO = frozenset(
    {LIVENESS_MODEL, EMBEDDER_MODELS[Embedder.SFACE_INT8], EMBEDDER_MODELS[Embedder.DLIB_INT8]}
)
"""Measured on one core of a server CPU with AVX2, ONNX Runtime against OpenVINO: MiniFASNet 5.3 against 3.7
ms; SFace in 8 bits 23 against 8.8 ms, since only OpenVINO has kernels that give float out of 8-bit products;
the dlib net in 8 bits 4.1 against 3.9 ms, and 1.8 against 1.1 on one with AMX, for 21 MB more; SFace 16.8
against 15.4 ms (12.8 against 11.4), which is not worth 45 MB more. docs/engine.md has YuNet and YOLOX-Nano,
which are faster in ONNX Runtime."""

_COPIED_UP_TO_BYTES = 8 * 2**20
_MOST_COPIES = 4
"""Small nets are loaded several times (`NetCopies` says why): one more YuNet and YOLOX take 13 MB together.
SFace with its 37 MB of weights came out the same with one copy and with two."""

_PROVIDER_NAMES = MappingProxyType(
    {Provider.CPU: "CPU", Provider.CUDA: "CUDA", Provider.OPENVINO: "OpenVINO", Provider.COREML: "CoreML"}
)


@dataclass(frozen=True, slots=True)
class Engine:
    """The nets that are loaded, None where one is off or missing, and the runtime of each by model id.

    `missing_models` were asked for and could not be had.
    """

    detector: FaceDetector
    embedder: FaceEmbedder
    liveness: LivenessChecker | None
    phones: PhoneDetector | None
    runtimes: Mapping[str, str]
    missing_models: tuple[str, ...]


def worker_count(settings: EngineSettings) -> int:
    """How many pictures are worked on at once."""
    return settings.workers or usable_core_count()


def is_openvino_installed() -> bool:
    """Whether the extra is there; nothing is imported."""
    return importlib.util.find_spec("openvino") is not None


def runtime_for(model_id: str, settings: EngineSettings, *, has_openvino: bool) -> Runtime:
    """The runtime that the settings mean for this net."""
    if settings.runtime is not Runtime.AUTO:
        return settings.runtime
    is_better = model_id in FASTER_IN_OPENVINO and settings.provider is Provider.CPU
    return Runtime.OPENVINO if is_better and has_openvino else Runtime.ONNXRUNTIME


def load_engine(settings: EngineSettings, files: ModelFiles, ports: PortOverrides) -> Engine:
    """Loads every net that the settings ask for and `ports` lacks, fetching its file if that is allowed.

    Raises:
        CapabilityMissing: the detector or the embedder cannot be had, or the runtime or provider is missing.
        EngineFailed: a file cannot be loaded.
    """
    sessions = _Sessions(settings, files)
    return Engine(
        detector=ports.detector or _detector(settings, sessions),
        embedder=ports.embedder or _embedder(settings.embedder, sessions),
        liveness=ports.liveness or (_liveness(sessions) if settings.liveness else None),
        phones=ports.phones or (_phones(sessions) if settings.phones else None),
        runtimes=MappingProxyType(sessions.runtimes),
        missing_models=tuple(sessions.missing),
    )


class _Sessions:
    """Loads nets and remembers what runs them."""

    def __init__(self, settings: EngineSettings, files: ModelFiles) -> None:
        self._settings = settings
        self._files = files
        self._has_openvino = is_openvino_installed()
        self.runtimes: dict[str, str] = {}
        self.missing: list[str] = []

    def load(self, model_id: str) -> InferenceSession:
        path = self._files.locate(model_id)
        runtime = runtime_for(model_id, self._settings, has_openvino=self._has_openvino)
        session: InferenceSession
        if runtime is Runtime.OPENVINO:
            from facegate.adapters.openvino_sessions.inference_session import OpenVinoOptions, OpenVinoSession

            parallel = OpenVinoOptions(parallel_calls=worker_count(self._settings))
            session = OpenVinoSession(path, model_id, parallel)
        else:
            from facegate.adapters.onnxruntime_sessions.inference_session import (
                ExecutionProvider,
                OnnxRuntimeOptions,
                OnnxRuntimeSession,
            )

            provider = ExecutionProvider(_PROVIDER_NAMES[self._settings.provider])
            is_small = path.stat().st_size <= _COPIED_UP_TO_BYTES
            copies = min(worker_count(self._settings), _MOST_COPIES) if is_small else 1
            options = OnnxRuntimeOptions(provider=provider, copies=copies)
            session = OnnxRuntimeSession(path, model_id, options)
        self.runtimes[model_id] = session.runtime
        return session

    def load_optional(self, model_id: str) -> InferenceSession | None:
        """None, said in the log, where the file cannot be had: what needs it then refuses by name."""
        try:
            return self.load(model_id)
        except CapabilityMissing as error:
            logger.error("a check cannot run: %s", error.message)
            self.missing.append(model_id)
            return None


def _detector(settings: EngineSettings, sessions: _Sessions) -> FaceDetector:
    options = DetectorOptions(
        first_pass_px=settings.detector_first_pass_px, second_pass_px=settings.detector_second_pass_px
    )
    return YuNetDetector(sessions.load(DETECTOR_MODEL), options)


def _embedder(choice: Embedder, sessions: _Sessions) -> FaceEmbedder:
    session = sessions.load(EMBEDDER_MODELS[choice])
    if choice is Embedder.SFACE_INT8 and not session.runtime.startswith(Runtime.OPENVINO):
        logger.warning("sface-int8 is slower than sface in %s; it is made for OpenVINO", session.runtime)
    if not choice.is_dlib:
        from facegate.adapters.face_nets.sface_embedder import SFaceEmbedder

        return SFaceEmbedder(session)
    from facegate.adapters.face_nets.dlib_embedder import DlibEmbedder

    return DlibEmbedder(session)


def _liveness(sessions: _Sessions) -> LivenessChecker | None:
    from facegate.adapters.face_nets.minifasnet_liveness import MiniFasNetLiveness

    session = sessions.load_optional(LIVENESS_MODEL)
    return MiniFasNetLiveness(session) if session is not None else None


def _phones(sessions: _Sessions) -> PhoneDetector | None:
    from facegate.adapters.face_nets.phone_cascade import yolox_cascade

    session = sessions.load_optional(PHONE_MODEL)
    return yolox_cascade(session) if session is not None else None
