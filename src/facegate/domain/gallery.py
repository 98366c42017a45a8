"""What is written to and read from the gallery, and the rule for how many templates a person keeps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from facegate.domain.images import FaceCutout
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate, Template


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """A template about to be enrolled. `quality` is on 0..1, None when there was no picture to judge."""

    template_id: str
    template: Template
    source: str
    quality: float | None
    cutout: FaceCutout | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Templates for one subject, who is created if unknown.

    `display_name` None keeps the name that is there (a new subject is named by its id).
    `enrolment_number` is a wish: it goes to a subject that has none, unless another subject has it.
    `max_templates` bounds the subject's templates *per model*: beyond it each new one replaces the poorest.
    With `must_exist` nobody is created: an unknown subject is SubjectNotFound, and nothing is written.
    """

    subject_id: str
    templates: tuple[NewTemplate, ...]
    enrolled_at: datetime
    display_name: str | None = None
    max_templates: int | None = None
    enrolment_number: int | None = None
    must_exist: bool = False


@dataclass(frozen=True, slots=True)
class EnrolmentOutcome:
    """What the store did, after it is durable."""

    subject: Subject
    was_created: bool
    added: tuple[StoredTemplate, ...]
    removed_template_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GalleryCounts:
    """How much is in the gallery; `templates_by_model` counts per model id."""

    subject_count: int
    template_count: int
    templates_by_model: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexCandidate:
    """The closest template of one subject, as the index found it."""

    subject_id: str
    template_id: str
    similarity: float


def surplus_template_ids(
    templates: Sequence[StoredTemplate], max_templates: int, *, added_count: int
) -> tuple[str, ...]:
    """Ids to drop after `added_count` templates came in: poorest first, of equals the oldest.

    Each addition beyond `max_templates` replaces one, no more: a door with a low limit must not empty
    what a door with a higher one enrolled. A template without a quality counts as poorer than any judged
    one. The newest is never dropped, so that an enrolment that was acknowledged has an effect.
    """
    surplus = min(len(templates) - max_templates, added_count)
    if surplus <= 0:
        return ()
    newest = max(templates, key=lambda stored: stored.created_at)
    droppable = sorted(
        (stored for stored in templates if stored.template_id != newest.template_id),
        key=lambda stored: (-1.0 if stored.quality is None else stored.quality, stored.created_at),
    )
    return tuple(stored.template_id for stored in droppable[:surplus])
