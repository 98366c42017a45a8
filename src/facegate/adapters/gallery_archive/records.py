"""One line of `subjects.jsonl`: a subject with its templates. No file is touched here.

Vectors and pictures are base64 of their bytes; vectors are little-endian float32. Times are ISO 8601.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import orjson

from facegate.domain.errors import InvalidInput
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import FaceCutout
from facegate.domain.subjects import Subject, parse_display_name, parse_subject_id
from facegate.domain.templates import StoredTemplate, Template
from facegate.ports.gallery_archive import ArchivedSubject, ArchivedTemplate

_MAX_TEXT_CHARS = 200


def to_line(archived: ArchivedSubject) -> bytes:
    """The subject as one line of JSON, line break included."""
    subject = archived.subject
    record: dict[str, object] = {
        "subject_id": subject.subject_id,
        "display_name": subject.display_name,
        "created_at": subject.created_at.isoformat(),
        "updated_at": subject.updated_at.isoformat(),
        "enrolment_number": subject.enrolment_number,
        "templates": [_template_record(template) for template in archived.templates],
    }
    if archived.groups is not None:
        record["groups"] = sorted(archived.groups)
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def from_line(line: bytes) -> ArchivedSubject:
    """The subject of one line.

    Raises:
        InvalidInput: the line is damaged; the sentence says how.
    """
    try:
        record = orjson.loads(line)
        subject_id = parse_subject_id(record["subject_id"])
        templates = tuple(_archived_template(subject_id, item) for item in record["templates"])
        number = record["enrolment_number"]
        groups = record.get("groups")
        if subject_id != record["subject_id"] or not _is_number(number):
            raise InvalidInput("an id in the archive is not in its proper form")
        return ArchivedSubject(
            Subject(
                subject_id=subject_id,
                display_name=parse_display_name(record["display_name"]),
                created_at=_time(record["created_at"]),
                updated_at=_time(record["updated_at"]),
                template_count=len(templates),
                enrolment_number=number,
            ),
            templates,
            None if groups is None else frozenset(map(_text, groups)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, binascii.Error) as error:
        raise InvalidInput("the archive holds a record that cannot be read") from error


def _is_number(value: object) -> bool:
    """Whether a store's 64 bits can hold it, or it is None."""
    return value is None or (type(value) is int and 0 <= value < 1 << 63)


def _template_record(archived: ArchivedTemplate) -> dict[str, object]:
    stored = archived.stored
    record: dict[str, object] = {
        "template_id": stored.template_id,
        "model_id": stored.template.model_id,
        "vector": _to_base64(stored.template.vector.astype("<f4").tobytes()),
        "source": stored.source,
        "quality": stored.quality,
        "created_at": stored.created_at.isoformat(),
    }
    if archived.cutout is not None:
        record["cutout"] = {
            "jpeg": _to_base64(archived.cutout.encoded_image),
            "landmarks_xy_px": archived.cutout.landmarks.points_xy_px.astype(float).tolist(),
        }
    return record


def _archived_template(subject_id: str, record: Mapping[str, Any]) -> ArchivedTemplate:
    vector = np.frombuffer(_from_base64(record["vector"]), dtype="<f4").astype(np.float32)
    quality = record["quality"]
    if quality is not None and not 0.0 <= float(quality) <= 1.0:
        raise ValueError("a quality is on 0..1")
    cutout = _cutout(record["cutout"]) if record.get("cutout") is not None else None
    stored = StoredTemplate(
        template_id=_text(record["template_id"]),
        subject_id=subject_id,
        template=Template(_text(record["model_id"]), vector),
        source=_text(record["source"]),
        quality=None if quality is None else float(quality),
        created_at=_time(record["created_at"]),
        has_cutout=cutout is not None,
    )
    return ArchivedTemplate(stored, cutout)


def _cutout(record: Mapping[str, Any]) -> FaceCutout:
    points = np.array(record["landmarks_xy_px"], dtype=np.float32)
    return FaceCutout(_from_base64(record["jpeg"]), FaceLandmarks(points))


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT_CHARS or not value.isprintable():
        raise ValueError("a short printable text is needed")
    return value


def _time(value: str) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError("a time needs its zone")
    return time


def _to_base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
