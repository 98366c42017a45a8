"""The engine parts that the contract suites run over: real nets on real photos, and the fakes."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.engine import (
    FakeCutter,
    FakeDecoder,
    FakeDetector,
    FakeEmbedder,
    FakeFace,
    FakeLiveness,
    FakePhones,
    fake_picture,
)
from tests.real_pictures import RealPictures

from facegate.adapters.face_nets.dlib_embedder import DlibEmbedder
from facegate.adapters.face_nets.minifasnet_liveness import MiniFasNetLiveness
from facegate.adapters.face_nets.sface_embedder import SFaceEmbedder
from facegate.adapters.face_nets.yolox_phone_detector import YoloxPhoneDetector
from facegate.adapters.face_nets.yunet_detector import YuNetDetector
from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.onnxruntime_sessions.inference_session import OnnxRuntimeSession
from facegate.adapters.pillow_images.face_cutter import PillowFaceCutter
from facegate.adapters.pillow_images.image_decoder import PillowImageDecoder
from facegate.domain.images import Frame
from facegate.ports.face_cutter import FaceCutter
from facegate.ports.face_detector import FaceDetector
from facegate.ports.face_embedder import FaceEmbedder
from facegate.ports.inference_session import InferenceSession
from facegate.ports.liveness_checker import LivenessChecker
from facegate.ports.phone_detector import PhoneDetector


@dataclass(frozen=True)
class EngineParts:
    """One engine and frames that it can see: the same person twice, somebody else, six people, nobody."""

    detector: FaceDetector
    embedder: FaceEmbedder
    liveness: LivenessChecker
    phones: PhoneDetector
    cutter: FaceCutter
    person: Frame
    same_person: Frame
    other_person: Frame
    six_people: Frame
    nobody: Frame


def fake_engine() -> EngineParts:
    """All fakes."""

    def frame(*faces: FakeFace) -> Frame:
        return FakeDecoder().decode(fake_picture(*faces))

    return EngineParts(
        detector=FakeDetector(),
        embedder=FakeEmbedder(),
        liveness=FakeLiveness(),
        phones=FakePhones(),
        cutter=FakeCutter(),
        person=frame(FakeFace("ann")),
        same_person=frame(FakeFace("ann", variant=1)),
        other_person=frame(FakeFace("bob")),
        six_people=frame(*[FakeFace(name) for name in "abcdef"]),
        nobody=frame(),
    )


def real_engine(
    files: CachedModelFiles,
    pictures: RealPictures,
    *,
    embedder_id: str = "sface-2021dec",
    load: Callable[..., InferenceSession] = OnnxRuntimeSession,
) -> EngineParts:
    """Real nets; `load` makes a session of a model file and its name."""

    def session(model_id: str) -> InferenceSession:
        return load(files.locate(model_id), model_id)

    def frame(name: str) -> Frame:
        return PillowImageDecoder().decode(pictures.read(name))

    make_embedder = SFaceEmbedder if embedder_id.startswith("sface") else DlibEmbedder
    return EngineParts(
        detector=YuNetDetector(session("yunet-2023mar")),
        embedder=make_embedder(session(embedder_id)),
        liveness=MiniFasNetLiveness(session("minifasnet-se")),
        phones=YoloxPhoneDetector(session("yolox-nano")),
        cutter=PillowFaceCutter(),
        person=frame("obama.jpg"),
        same_person=frame("obama2.jpg"),
        other_person=frame("biden.jpg"),
        six_people=frame("group.jpg"),
        nobody=frame("chelsea.png"),
    )
