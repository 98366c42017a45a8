"""Taking over encodings that `face_recognition` made: they are templates of dlib's net as they stand."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from facegate.domain.errors import FacegateError, InvalidInput
from facegate.domain.gallery import Enrolment, NewTemplate
from facegate.domain.subjects import parse_subject_id
from facegate.domain.templates import Template
from facegate.ports.clock import Clock
from facegate.ports.encoding_reader import EncodingReader, NamedEncoding
from facegate.use_cases.gallery import Gallery

FACE_RECOGNITION_MODEL_ID = "dlib-resnet-v1"

_BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class RejectedEncoding:
    """A row that was not taken over, and why."""

    label: str
    error: FacegateError


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`is_searched` is False when the server uses another net: then the templates wait unused."""

    imported_count: int
    subject_count: int
    rejected: tuple[RejectedEncoding, ...]
    is_searched: bool


class ImportEncodings:
    """Writes encodings as templates, without a picture and so without a quality.

    Encodings that are there already are passed over, so that a file can be imported again. The limit of
    templates per person does not apply: what another system held is taken over whole.
    """

    def __init__(self, gallery: Gallery, clock: Clock) -> None:
        self._gallery = gallery
        self._clock = clock

    def __call__(
        self, reader: EncodingReader, on_progress: Callable[[int], None] | None = None
    ) -> ImportReport:
        """Takes over every usable row; `on_progress` is told how many rows are done.

        Raises:
            InvalidInput: the file cannot be read at all, or is a pickle.
            StoreFailed: what was written before stays.
        """
        rejected: list[RejectedEncoding] = []
        subjects: set[str] = set()
        imported_count = 0
        pending: dict[str, list[NewTemplate]] = {}
        for row_count, row in enumerate(reader.encodings(), start=1):
            if isinstance(row, NamedEncoding):
                try:
                    subject_id = parse_subject_id(row.subject_id)
                except InvalidInput as error:
                    rejected.append(RejectedEncoding(row.label, error))
                    continue
                pending.setdefault(subject_id, []).append(_template_of(row))
                subjects.add(subject_id)
                imported_count += 1
            else:
                rejected.append(RejectedEncoding(row.label, row.error))
            if row_count % _BATCH_SIZE == 0:
                self._write(pending)
                if on_progress is not None:
                    on_progress(row_count)
        self._write(pending)
        return ImportReport(
            imported_count,
            len(subjects),
            tuple(rejected),
            is_searched=self._gallery.model_id == FACE_RECOGNITION_MODEL_ID,
        )

    def _write(self, pending: dict[str, list[NewTemplate]]) -> None:
        now = self._clock.now_utc()
        for subject_id, templates in pending.items():
            unknown = tuple(
                new for new in templates if self._gallery.known_template_id(subject_id, new.template) is None
            )
            if unknown:
                self._gallery.enrol(Enrolment(subject_id, unknown, enrolled_at=now))
        pending.clear()


def _template_of(row: NamedEncoding) -> NewTemplate:
    return NewTemplate(
        template_id=uuid.uuid4().hex,
        template=Template(FACE_RECOGNITION_MODEL_ID, row.vector),
        source="import:face_recognition",
        quality=None,
    )
