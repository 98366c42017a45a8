"""One person who was enrolled as two: which templates move, and under which ids."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from facegate.domain.images import FaceCutout
from facegate.domain.templates import StoredTemplate


@dataclass(frozen=True, slots=True, eq=False)
class SisterTemplates:
    """What several models made of the same picture; `first` is the searched model's, where there is one."""

    first: StoredTemplate
    others: tuple[StoredTemplate, ...] = ()
    cutout: FaceCutout | None = None


def merged_template_id(template_id: str, into_id: str) -> str:
    """The id of a template after its move: the same each time, so that a merge cut short can go on."""
    return hashlib.blake2b(f"{template_id}\n{into_id}".encode(), digest_size=16).hexdigest()


def sisters_of(
    templates: Sequence[StoredTemplate], cutouts: dict[str, FaceCutout], model_id: str
) -> list[SisterTemplates]:
    """Templates by the picture that they were made of; `cutouts` are by template id."""
    groups: dict[bytes, list[StoredTemplate]] = {}
    for stored in templates:
        cutout = cutouts.get(stored.template_id)
        key = stored.template_id.encode() if cutout is None else hashlib.sha256(cutout.encoded_image).digest()
        groups.setdefault(key, []).append(stored)
    found = []
    for group in groups.values():
        ordered = sorted(group, key=lambda stored: stored.template.model_id != model_id)
        found.append(SisterTemplates(ordered[0], tuple(ordered[1:]), cutouts.get(ordered[0].template_id)))
    return found


def best_to_move(
    own: Sequence[StoredTemplate], theirs: Sequence[SisterTemplates], max_templates: int | None
) -> list[SisterTemplates]:
    """Those that are among the best `max_templates` of both persons together, per model.

    Without a quality a template counts as poorer than any judged one; of equals the newer is better.
    """
    if max_templates is None:
        return list(theirs)
    moving = []
    for model_id in {one.first.template.model_id for one in theirs}:
        candidates = [one for one in theirs if one.first.template.model_id == model_id]
        ranked = sorted(
            [
                *(stored for stored in own if stored.template.model_id == model_id),
                *(one.first for one in candidates),
            ],
            key=lambda stored: (-1.0 if stored.quality is None else stored.quality, stored.created_at),
            reverse=True,
        )
        kept_ids = {stored.template_id for stored in ranked[:max_templates]}
        moving += [one for one in candidates if one.first.template_id in kept_ids]
    return moving


def is_known_among(stored: StoredTemplate, own: Collection[StoredTemplate]) -> bool:
    """Whether the other person was enrolled with the very same picture."""
    return any(one.template.is_of_same_picture(stored.template) for one in own)
