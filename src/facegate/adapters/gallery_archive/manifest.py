"""`manifest.json` of an archive: what the file is, what it holds and the digest that proves it."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from facegate import __version__
from facegate.domain.errors import InvalidInput

FORMAT_NAME = "facegate-gallery"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """Counts and digest of `subjects.jsonl`; `models` is the dimension by model id."""

    subject_count: int
    template_count: int
    cutout_count: int
    models: dict[str, int]
    subjects_bytes: int
    subjects_sha256: str

    def to_json(self) -> bytes:
        """Readable JSON with format, version and the time of writing."""
        header = {
            "format": FORMAT_NAME,
            "version": FORMAT_VERSION,
            "facegate_version": __version__,
            "written_at": datetime.now(UTC).isoformat(),
        }
        return orjson.dumps({**header, **asdict(self)}, option=orjson.OPT_INDENT_2)


def parse_manifest(content: bytes) -> Manifest:
    """The manifest of an archive that this version can read.

    Raises:
        InvalidInput: not ours, damaged, or written by a newer version.
    """
    try:
        data: dict[str, Any] = orjson.loads(content)
        if data["format"] != FORMAT_NAME:
            raise InvalidInput("this is not an export of a facegate gallery")
        if int(data["version"]) > FORMAT_VERSION:
            raise InvalidInput(
                f"this export was written by facegate {str(data.get('facegate_version'))[:20]}, in a newer "
                "format than this version can read: update facegate first"
            )
        return Manifest(
            subject_count=int(data["subject_count"]),
            template_count=int(data["template_count"]),
            cutout_count=int(data["cutout_count"]),
            models={str(model_id): int(dimension) for model_id, dimension in data["models"].items()},
            subjects_bytes=int(data["subjects_bytes"]),
            subjects_sha256=str(data["subjects_sha256"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput("the export's manifest is damaged") from error
