"""Ready enrolments, templates and cutouts for tests of the gallery."""

import uuid
from datetime import UTC, datetime, timedelta

import numpy as np

from facegate.domain.gallery import Enrolment, NewTemplate
from facegate.domain.geometry import FaceLandmarks
from facegate.domain.images import FaceCutout
from facegate.domain.templates import Template, Vector

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def random_vector(seed: int, dimension: int = 8) -> Vector:
    return np.random.default_rng(seed).normal(size=dimension).astype(np.float32)


def new_cutout(seed: int = 0) -> FaceCutout:
    points = np.random.default_rng(seed).uniform(0, 200, size=(5, 2)).astype(np.float32)
    return FaceCutout(b"\xff\xd8 a jpeg \x00" + bytes([seed % 256]), FaceLandmarks(points))


def new_template(
    template_id: str | None = None,
    *,
    model_id: str = "sface-test",
    quality: float | None = 0.5,
    seed: int = 1,
    cutout: FaceCutout | None = None,
) -> NewTemplate:
    return NewTemplate(
        template_id=template_id or uuid.uuid4().hex,
        template=Template(model_id, random_vector(seed)),
        source="test",
        quality=quality,
        cutout=cutout,
    )


def enrolment(
    subject_id: str,
    *templates: NewTemplate,
    at: datetime = NOON,
    display_name: str | None = None,
    max_templates: int | None = None,
) -> Enrolment:
    return Enrolment(subject_id, templates, at, display_name, max_templates)
