"""How domain objects look as rows, and the only place that encodes a template. No SQL is run here."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Row, Select, func, select

from facegate.adapters.sql_store.schema import subjects, templates
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import FaceCutout
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate, Template, Vector

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TEMPLATE_COLUMNS = (
    templates.c.template_id,
    templates.c.subject_id,
    templates.c.model_id,
    templates.c.vector,
    templates.c.source,
    templates.c.quality,
    templates.c.created_at_us,
    templates.c.cutout_id,
)

OLDEST_FIRST = (templates.c.created_at_us, templates.c.added_change)


def to_us(time: datetime) -> int:
    """Whole microseconds since 1970 in UTC."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def from_us(time_us: int) -> datetime:
    """Aware, in UTC."""
    return _EPOCH + timedelta(microseconds=time_us)


def optional_us(time: datetime | None) -> int | None:
    """As `to_us`; None stays None."""
    return None if time is None else to_us(time)


def optional_time(time_us: int | None) -> datetime | None:
    """As `from_us`; None stays None."""
    return None if time_us is None else from_us(time_us)


def vector_to_blob(vector: Vector) -> bytes:
    """Little-endian float32, whatever this processor uses."""
    return vector.astype("<f4").tobytes()


def vector_from_blob(blob: bytes) -> Vector:
    """A vector of its own, not a view of the blob."""
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)


def stored_template(row: Sequence[Any]) -> StoredTemplate:
    """A row of TEMPLATE_COLUMNS as a template."""
    template_id, subject_id, model_id, blob, source, quality, created_at_us, cutout_id = row
    return StoredTemplate(
        template_id=template_id,
        subject_id=subject_id,
        template=Template(model_id, vector_from_blob(blob)),
        source=source,
        quality=quality,
        created_at=from_us(created_at_us),
        has_cutout=cutout_id is not None,
    )


def select_subjects() -> Select[Any]:
    """All of a subject's columns with the number of its templates."""
    template_count = (
        select(func.count())
        .where(templates.c.subject_id == subjects.c.subject_id)
        .scalar_subquery()
        .label("template_count")
    )
    return select(
        subjects.c.subject_id,
        subjects.c.display_name,
        subjects.c.created_at_us,
        subjects.c.updated_at_us,
        subjects.c.enrolment_number,
        template_count,
    )


def subject_of(row: Row[Any]) -> Subject:
    """A row of `select_subjects` as a subject."""
    return Subject(
        subject_id=row.subject_id,
        display_name=row.display_name,
        created_at=from_us(row.created_at_us),
        updated_at=from_us(row.updated_at_us),
        template_count=row.template_count,
        enrolment_number=row.enrolment_number,
    )


def search_text_of(subject_id: str, display_name: str) -> str:
    """What `containing` looks in: both, case folded, since SQLite folds ASCII only."""
    return f"{subject_id}\n{display_name}".casefold()


def cutout_row(subject_id: str, cutout: FaceCutout) -> dict[str, object]:
    """A row of the cutouts; the same piece of the same subject always has the same id."""
    landmarks = cutout.landmarks.points_xy_px.astype("<f4").tobytes()
    digest = hashlib.sha256(subject_id.encode() + b"\n" + landmarks + cutout.encoded_image)
    return {
        "cutout_id": digest.hexdigest(),
        "subject_id": subject_id,
        "encoded_image": cutout.encoded_image,
        "landmarks": landmarks,
    }


def cutout_of_row(row: Sequence[Any]) -> FaceCutout:
    """The columns `encoded_image` and `landmarks` as a cutout."""
    encoded_image, landmarks = row
    points = np.frombuffer(landmarks, dtype="<f4").astype(np.float32).reshape(5, 2)
    return FaceCutout(bytes(encoded_image), FaceLandmarks(points))


def storable(text: str) -> str:
    """The text with U+FFFD for each character that no row can hold: what a device says is never refused."""
    if is_storable(text):
        return text
    return "".join(char if is_storable(char) else "\ufffd" for char in text)


def is_storable(text: str) -> bool:
    """False for what no row can hold (NUL, lone surrogates): then nothing has this id."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
