"""Enrolling a person from one or more photos."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from facegate.domain.enrolment_face import choose_enrolment_face
from facegate.domain.errors import FacegateError, FaceRefused, InvalidInput, NotLive, PoorQuality
from facegate.domain.gallery import Enrolment, EnrolmentOutcome, NewTemplate
from facegate.domain.liveness import LivenessPolicy
from facegate.ports.clock import Clock
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One encoded picture with the name that reports call it by (a file name)."""

    label: str
    encoded: bytes


@dataclass(frozen=True, slots=True)
class EnrolmentRules:
    """What a photo must fulfil, and how many templates a person keeps.

    With `skip_known` a photo that the person is enrolled with already is accepted and adds nothing, so
    that an interrupted import can simply be run again. The old doors' contracts count every photo.
    """

    min_quality: float = 0.0
    max_templates: int | None = None
    liveness: LivenessPolicy | None = None
    keep_cutouts: bool = False
    skip_known: bool = False


@dataclass(frozen=True, slots=True)
class EnrolPhotosRequest:
    """Photos of one person. `source` is kept with each template, such as the name of the door.

    With `must_exist` the person is not created: who was removed meanwhile stays so.
    """

    subject_id: str
    photos: Sequence[Photo]
    source: str
    rules: EnrolmentRules
    display_name: str | None = None
    must_exist: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedPhoto:
    """A photo that became a template, or whose template the person has already; `quality` is on 0..1."""

    label: str
    template_id: str
    quality: float
    was_known: bool = False


@dataclass(frozen=True, slots=True)
class RejectedPhoto:
    """A photo that did not, and why."""

    label: str
    error: FacegateError


@dataclass(frozen=True, slots=True)
class EnrolPhotosResult:
    """`outcome` is None when no photo was accepted; then nothing was written, not even the subject."""

    subject_id: str
    accepted: tuple[AcceptedPhoto, ...]
    rejected: tuple[RejectedPhoto, ...]
    outcome: EnrolmentOutcome | None


class EnrolPhotos:
    """Takes one face from each photo and writes all templates in one transaction."""

    def __init__(self, analysis: FaceAnalysis, gallery: Gallery, clock: Clock) -> None:
        self._analysis = analysis
        self._gallery = gallery
        self._clock = clock

    def __call__(self, request: EnrolPhotosRequest) -> EnrolPhotosResult:
        """Enrols what can be enrolled and reports the rest.

        Raises:
            EngineFailed, CapabilityMissing, StoreFailed: these are never a photo's fault.
            SubjectNotFound: the person must exist and does not.
        """
        accepted: list[AcceptedPhoto] = []
        rejected: list[RejectedPhoto] = []
        templates: list[NewTemplate] = []
        for photo in request.photos:
            try:
                template = self._template_of(photo, request)
            except (InvalidInput, FaceRefused) as error:
                rejected.append(RejectedPhoto(photo.label, error))
                continue
            known_id = self._known_id(request, template, templates)
            if known_id is None:
                templates.append(template)
            accepted.append(
                AcceptedPhoto(
                    photo.label,
                    known_id or template.template_id,
                    template.quality or 0.0,
                    was_known=known_id is not None,
                )
            )
        outcome = self._write(request, templates) if accepted else None
        return EnrolPhotosResult(request.subject_id, tuple(accepted), tuple(rejected), outcome)

    def _known_id(
        self, request: EnrolPhotosRequest, new: NewTemplate, earlier: Sequence[NewTemplate]
    ) -> str | None:
        """The template of the very same picture: sending it again must not crowd out different ones."""
        if not request.rules.skip_known:
            return None
        for one in earlier:
            if one.template.is_of_same_picture(new.template):
                return one.template_id
        return self._gallery.known_template_id(request.subject_id, new.template)

    def _write(self, request: EnrolPhotosRequest, templates: list[NewTemplate]) -> EnrolmentOutcome:
        return self._gallery.enrol(
            Enrolment(
                subject_id=request.subject_id,
                templates=tuple(templates),
                enrolled_at=self._clock.now_utc(),
                display_name=request.display_name,
                max_templates=request.rules.max_templates,
                must_exist=request.must_exist,
            )
        )

    def _template_of(self, photo: Photo, request: EnrolPhotosRequest) -> NewTemplate:
        rules = request.rules
        frame = self._analysis.decode(photo.encoded)
        face = choose_enrolment_face(self._analysis.find_faces(frame))
        judged = self._analysis.judge(frame, face)
        quality = judged.quality.quality
        if quality < rules.min_quality:
            raise PoorQuality(
                f"the face's quality is {quality:.2f}, at least {rules.min_quality:.2f} is needed: "
                f"{judged.quality.advice}",
                quality=quality,
                min_quality=rules.min_quality,
            )
        if rules.liveness is not None:
            probability = self._analysis.live_probability(frame, face)
            if not rules.liveness.passes(probability):
                raise NotLive("the face does not look live: enrol from the camera, not from a picture")
        return NewTemplate(
            template_id=uuid.uuid4().hex,
            template=self._analysis.embed([judged])[0],
            source=request.source,
            quality=quality,
            cutout=self._analysis.cut(frame, face) if rules.keep_cutouts else None,
        )
