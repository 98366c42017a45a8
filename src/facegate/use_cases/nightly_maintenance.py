"""The work at 01:00: templates for the model in use, a fresh index, and a report of what looks wrong."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from facegate.domain.errors import InvalidInput
from facegate.domain.gallery import NewTemplate
from facegate.domain.templates import StoredTemplate
from facegate.ports.clock import Clock
from facegate.ports.gallery_store import GalleryStore
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery

REPORT_KIND = "nightly"

_REEMBED_BATCH = 100
_SUBJECTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Outlier:
    """A template that an administrator should look at.

    `lookalike_id` is the other person whom it matches; None when it is merely unlike its own person's
    other templates. `similarity` is that to the look-alike, or to the closest own template.
    """

    subject_id: str
    template_id: str
    reason: str
    similarity: float
    lookalike_id: str | None = None


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """What was done and found. `outliers_checked` says how far the look at outliers came in its time."""

    started_at: str
    finished_at: str
    reembedded_count: int
    reembed_failures: int
    indexed_template_count: int
    index_agreed: bool
    outliers_checked: int
    outliers: tuple[Outlier, ...]


class NightlyMaintenance:
    """Re-embeds from kept cutouts, rebuilds the index, looks for outliers, keeps the report."""

    def __init__(
        self,
        analysis: FaceAnalysis,
        gallery: Gallery,
        store: GalleryStore,
        clock: Clock,
        *,
        max_outlier_search_s: float = 600.0,
        keep_index: Callable[[], None] = lambda: None,
    ) -> None:
        """`keep_index` is called when the index is fresh: what a removal deleted is written anew."""
        self._analysis = analysis
        self._gallery = gallery
        self._store = store
        self._clock = clock
        self._max_outlier_search_s = max_outlier_search_s
        self._keep_index = keep_index

    def __call__(self, should_stop: Callable[[], bool] = lambda: False) -> NightlyReport:
        """Runs everything; `should_stop` is asked between steps, so that a shutdown need not wait."""
        started_at = self._clock.now_utc()
        reembedded_count, failure_count = self._reembed(should_stop)
        index_agreed = self._gallery.index_agrees_with_store()
        indexed_count = self._gallery.load()
        self._keep_index()
        checked_count, outliers = self._find_outliers(should_stop)
        report = NightlyReport(
            started_at=started_at.isoformat(),
            finished_at=self._clock.now_utc().isoformat(),
            reembedded_count=reembedded_count,
            reembed_failures=failure_count,
            indexed_template_count=indexed_count,
            index_agreed=index_agreed,
            outliers_checked=checked_count,
            outliers=tuple(outliers),
        )
        self._store.save_report(REPORT_KIND, json.dumps(asdict(report)))
        return report

    def last_report(self) -> dict[str, object] | None:
        """The newest report as plain data, or None before the first night."""
        kept = self._store.load_report(REPORT_KIND)
        if kept is None:
            return None
        report: dict[str, object] = json.loads(kept)
        return report

    def _reembed(self, should_stop: Callable[[], bool]) -> tuple[int, int]:
        done_count = 0
        failed_ids: set[str] = set()
        model_id = self._gallery.model_id
        while not should_stop():
            # Failed ones come again with every batch, so ask for that many more.
            batch = self._store.templates_to_reembed(model_id, _REEMBED_BATCH + len(failed_ids))
            batch = [stored for stored in batch if stored.template_id not in failed_ids]
            if not batch:
                break
            for stored in batch:
                if self._reembed_one(stored):
                    done_count += 1
                else:
                    failed_ids.add(stored.template_id)
        return done_count, len(failed_ids)

    def _reembed_one(self, stored: StoredTemplate) -> bool:
        cutout = self._store.cutout_of(stored.template_id)
        if cutout is None:
            return False
        try:
            template = self._analysis.embed_cutout(cutout)
        except InvalidInput:  # a damaged cutout; a broken engine ends the run instead
            return False
        sister = NewTemplate(uuid.uuid4().hex, template, stored.source, stored.quality)
        return self._gallery.add_sister_template(stored.template_id, sister) is not None

    def _find_outliers(self, should_stop: Callable[[], bool]) -> tuple[int, list[Outlier]]:
        deadline_s = self._clock.monotonic_s() + self._max_outlier_search_s
        outliers: list[Outlier] = []
        checked_count = 0
        for stored in self._templates():
            if should_stop() or self._clock.monotonic_s() > deadline_s:
                break
            checked_count += 1
            outlier = self._lookalike_of(stored) or self._unlike_its_own(stored)
            if outlier is not None:
                outliers.append(outlier)
        return checked_count, outliers

    def _templates(self) -> Iterator[StoredTemplate]:
        """All templates, person by person: one long read would keep removed faces in the database's log."""
        after: str | None = None
        while page := self._store.list_subjects(after=after, limit=_SUBJECTS_AT_ONCE):
            for subject in page:
                yield from self._store.templates_of(subject.subject_id, model_id=self._gallery.model_id)
            after = page[-1].subject_id

    def _lookalike_of(self, stored: StoredTemplate) -> Outlier | None:
        found = self._gallery.closest_others(stored)
        other = found.match
        if other is None:
            return None
        return Outlier(
            stored.subject_id,
            stored.template_id,
            "matches another person",
            round(other.similarity, 4),
            lookalike_id=other.subject_id,
        )

    def _unlike_its_own(self, stored: StoredTemplate) -> Outlier | None:
        similarity = self._gallery.similarity_to_sisters(stored)
        if similarity is None or self._gallery.policy.verify(similarity).is_match:
            return None
        return Outlier(
            stored.subject_id,
            stored.template_id,
            "unlike the person's other templates",
            round(similarity, 4),
        )
