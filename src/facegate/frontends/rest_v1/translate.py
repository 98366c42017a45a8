"""From results of use cases to the answers of /v1 about pictures and persons."""

from datetime import datetime

from facegate.domain.face_quality import FaceQuality
from facegate.domain.geometry import PixelBox
from facegate.domain.images import Frame
from facegate.domain.matching import RankedCandidate, Verification
from facegate.domain.subjects import Subject
from facegate.domain.templates import StoredTemplate
from facegate.frontends.rest_v1 import answers
from facegate.use_cases import detect_faces, identify_faces, verify_face
from facegate.use_cases.enrol_photos import EnrolPhotosResult
from facegate.use_cases.face_analysis import JudgedFace
from facegate.use_cases.gallery import Gallery


def picture(frame: Frame) -> answers.Picture:
    """The size of the picture as it was sent."""
    size = frame.original_size
    return answers.Picture(width_px=size.width_px, height_px=size.height_px)


def box(frame: Frame, found: PixelBox) -> answers.Box:
    """A box of the frame in pixels of the picture as it was sent."""
    scale = frame.scale_to_original
    return answers.Box(
        left_px=_tenth(found.left_px * scale),
        top_px=_tenth(found.top_px * scale),
        right_px=_tenth(found.right_px * scale),
        bottom_px=_tenth(found.bottom_px * scale),
    )


def face(
    frame: Frame, judged: JudgedFace, is_live: bool | None, live_probability: float | None
) -> answers.Face:
    """A face without anybody's name."""
    scale = frame.scale_to_original
    points = (judged.face.landmarks.points_xy_px * scale).tolist()
    liveness = None
    if is_live is not None and live_probability is not None:
        liveness = answers.Liveness(is_live=is_live, live_probability=live_probability)
    return answers.Face(
        box=box(frame, judged.face.box),
        landmarks=[(_tenth(x), _tenth(y)) for x, y in points],
        detection_confidence=judged.face.detection_confidence,
        quality=_quality(judged.quality),
        liveness=liveness,
    )


def _quality(judged: FaceQuality) -> answers.Quality:
    return answers.Quality(quality=judged.quality, advice=judged.advice if judged.quality < 1.0 else None)


def identified(result: identify_faces.IdentifyFacesResult, gallery: Gallery) -> list[answers.IdentifiedFace]:
    """Every face with its candidates; the matched person's name is looked up."""
    return [_identified_face(result.frame, found, gallery) for found in result.faces]


def _identified_face(
    frame: Frame, found: identify_faces.IdentifiedFace, gallery: Gallery
) -> answers.IdentifiedFace:
    identification = found.identification
    match = identification.match if found.is_live is not False else None
    seen = face(frame, found.judged, found.is_live, found.live_probability)
    return answers.IdentifiedFace(
        **dict(seen),
        band=identification.band,
        match=_match(match, gallery) if match is not None else None,
        candidates=[answers.Candidate(**_candidate(ranked)) for ranked in identification.candidates],
        min_similarity=identification.min_similarity,
        margin=identification.margin,
        searched_template_count=identification.searched_template_count,
    )


def _match(ranked: RankedCandidate, gallery: Gallery) -> answers.Match:
    # Whoever was removed between the search and this line still was who the picture shows.
    subject = gallery.find_subject(ranked.subject_id)
    name = subject.display_name if subject is not None else ranked.subject_id
    return answers.Match(**_candidate(ranked), display_name=name)


def _candidate(ranked: RankedCandidate) -> dict[str, str | float]:
    return {
        "subject_id": ranked.subject_id,
        "template_id": ranked.template_id,
        "similarity": ranked.similarity,
        "confidence": ranked.confidence,
        "false_match_rate": ranked.false_match_rate,
    }


def verified(result: verify_face.VerifyFaceResult) -> list[answers.VerifiedFace]:
    """Every face held against the claim."""
    return [
        answers.VerifiedFace(
            **dict(face(result.frame, found.judged, found.is_live, found.live_probability)),
            is_claimed=found.is_claimed,
            verification=_check(found.verification) if found.verification is not None else None,
            subject_id=found.subject_id,
        )
        for found in result.faces
    ]


def _check(verification: Verification) -> answers.Check:
    return answers.Check(
        is_match=verification.is_match,
        similarity=verification.similarity,
        confidence=verification.confidence,
        false_match_rate=verification.false_match_rate,
        min_similarity=verification.min_similarity,
    )


def detected(result: detect_faces.DetectFacesResult, checks_not_run: list[str]) -> answers.DetectAnswer:
    """Faces and phones."""
    phones = None
    if result.phones is not None:
        phones = [
            answers.Phone(box=box(result.frame, phone.box), detection_confidence=phone.detection_confidence)
            for phone in result.phones
        ]
    return answers.DetectAnswer(
        picture=picture(result.frame),
        faces=[
            face(result.frame, found.judged, found.is_live, found.live_probability) for found in result.faces
        ],
        phones=phones,
        checks_not_run=checks_not_run,
    )


def enrolled(result: EnrolPhotosResult) -> answers.EnrolAnswer:
    """What became of each photo; only for results with an outcome."""
    if result.outcome is None:
        raise ValueError("nothing was enrolled")
    return answers.EnrolAnswer(
        subject=subject(result.outcome.subject),
        was_created=result.outcome.was_created,
        accepted=[
            answers.AcceptedImage(file=photo.label, template_id=photo.template_id, quality=photo.quality)
            for photo in result.accepted
        ],
        rejected=[
            answers.RejectedImage(file=photo.label, kind=photo.error.kind, message=photo.error.message)
            for photo in result.rejected
        ],
        replaced_template_ids=list(result.outcome.removed_template_ids),
    )


def subject(found: Subject) -> answers.SubjectAnswer:
    """A person without templates."""
    return answers.SubjectAnswer(**_subject_facts(found))


def subject_details(found: Subject, templates: list[StoredTemplate], model_id: str) -> answers.SubjectDetails:
    """A person with templates; `model_id` is the model in use."""
    return answers.SubjectDetails(
        **_subject_facts(found),
        templates=[
            answers.TemplateAnswer(
                template_id=stored.template_id,
                model_id=stored.template.model_id,
                source=stored.source,
                quality=stored.quality,
                created_at=stored.created_at,
                is_searched=stored.template.model_id == model_id,
            )
            for stored in templates
        ],
    )


def _subject_facts(found: Subject) -> dict[str, str | int | datetime]:
    return {
        "subject_id": found.subject_id,
        "display_name": found.display_name,
        "template_count": found.template_count,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }


def _tenth(pixels: float) -> float:
    return round(pixels, 1)
