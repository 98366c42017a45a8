"""Settings of the engine and of recognition. Units are in the names; every field says what it is for."""

from enum import StrEnum

from pydantic import Field, field_validator

from facegate.domain.access import Door
from facegate.settings.group import Group, refuse_other_doors
from facegate.settings.value_forms import Doors, HomePath

CHECKED_DOORS = frozenset({Door.REST_V1, Door.PERSONS, Door.ATTENDANCE, Door.VERIFICATION})
"""Doors that take photos and can check liveness by setting."""


class Embedder(StrEnum):
    """The nets that make templates."""

    SFACE = "sface"
    SFACE_INT8 = "sface-int8"
    DLIB = "dlib"
    DLIB_INT8 = "dlib-int8"

    @property
    def is_dlib(self) -> bool:
        """Whether its templates are distances of dlib's net; the others are cosines of SFace."""
        return self in (Embedder.DLIB, Embedder.DLIB_INT8)


class Runtime(StrEnum):
    """What runs the nets; `auto` takes the faster one per model by our measurements."""

    AUTO = "auto"
    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"


class Provider(StrEnum):
    """Where ONNX Runtime computes."""

    CPU = "cpu"
    CUDA = "cuda"
    OPENVINO = "openvino"
    COREML = "coreml"


class EngineSettings(Group):
    """The nets and how much they may do at once."""

    embedder: Embedder = Field(
        Embedder.SFACE,
        description="Net that makes templates: `sface`, or `dlib` / `dlib-int8` for galleries that come "
        "from `face_recognition`. Templates of different nets are never compared. `sface-int8` makes "
        "templates for the same gallery as `sface` in half the time with OpenVINO, and more slowly without.",
    )
    runtime: Runtime = Field(Runtime.AUTO, description="`auto`, `onnxruntime` or `openvino` (an extra).")
    provider: Provider = Field(
        Provider.CPU, description="Execution provider of ONNX Runtime: `cpu`, `cuda`, `openvino`, `coreml`."
    )
    workers: int = Field(0, ge=0, le=256, description="Pictures worked on at once; 0 means one per core.")
    max_waiting: int = Field(
        64, ge=0, description="Requests that may wait for a worker; beyond that the answer is 503 at once."
    )
    liveness: bool = Field(False, description="Load the liveness net, so that doors can ask for the check.")
    phones: bool = Field(False, description="Load the phone net, so that /v1/detect can ask for the check.")
    models_folder: HomePath | None = Field(
        None,
        description="Your own folder of model files or archives; looked into before anything is fetched.",
    )
    model_cache_folder: HomePath | None = Field(
        None,
        description="Where fetched models are kept.",
        json_schema_extra={"default_text": "the user's cache folder, on Linux `~/.cache/facegate/models`"},
    )
    may_fetch: bool = Field(True, description="Fetch missing models at start.")
    max_image_bytes: int = Field(20 * 2**20, ge=1024, description="Largest encoded picture.")
    max_image_pixels: int = Field(
        50_000_000, ge=10_000, description="Largest picture in pixels, told from its header."
    )
    decode_max_side_px: int = Field(
        1920, ge=320, le=8192, description="Pictures with a longer side are scaled down to this."
    )
    detector_first_pass_px: int = Field(
        320, ge=64, le=4096, description="Longer side of the picture that the detector sees first."
    )
    detector_second_pass_px: int = Field(
        1280, ge=64, le=4096, description="Longer side when the first look found no face, or only small ones."
    )


class RecognitionSettings(Group):
    """When two faces are one person."""

    tolerance: float = Field(
        0.6,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="0.4 strict, 0.6 balanced, 0.8 permissive: a false-positive rate per search of 1e-3, "
        "1e-2, 1e-1, log-linear between.",
    )
    min_margin: float = Field(
        0.0,
        ge=0,
        le=2,
        allow_inf_nan=False,
        description="Least lead in similarity of the best person over the second; below it a match becomes "
        "a review.",
    )
    max_candidates: int = Field(
        5, ge=1, le=100, description="Candidates given when nobody asks for a number."
    )


class EnrolmentSettings(Group):
    """Enrolment at the doors `rest_v1` and `persons` and from the command line."""

    min_quality: float = Field(
        0.3, ge=0, le=1, allow_inf_nan=False, description="Least face quality of a photo, 0 to 1."
    )
    max_templates: int = Field(
        20, ge=1, description="Templates a person keeps; beyond it the poorest is replaced."
    )


class AttendanceSettings(Group):
    """Registration at the door `attendance`."""

    min_quality: float = Field(
        0.8,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Least face quality on /register-face; 0.8 passes nine in ten plain enrolment photos.",
    )
    max_templates: int = Field(
        5, ge=1, description="Templates a person keeps; beyond it the poorest is replaced."
    )


class LivenessSettings(Group):
    """The liveness check at doors that take photos."""

    doors: Doors = Field(
        frozenset(),
        description="Doors that refuse faces that do not look live: `rest_v1`, `persons`, `attendance`, "
        "`verification`. Needs FACEGATE_ENGINE__LIVENESS.",
    )
    min_live_probability: float = Field(
        0.5, ge=0, le=1, allow_inf_nan=False, description="Least live probability that passes."
    )

    @field_validator("doors")
    @classmethod
    def _are_checked_doors(cls, doors: frozenset[Door]) -> frozenset[Door]:
        refuse_other_doors(doors, CHECKED_DOORS, "can check liveness by this setting")
        return doors
