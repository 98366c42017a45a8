"""The routes of /v1 that look at pictures. The work runs on the engine's workers."""

from fastapi import APIRouter, Request, Response

from facegate.domain.errors import InvalidInput
from facegate.domain.subjects import parse_display_name, parse_subject_id
from facegate.frontends.rest_v1 import answers, translate
from facegate.frontends.rest_v1.bodies import RequestBody, only_photo, read_body
from facegate.frontends.rest_v1.descriptions import PICTURE_ERRORS, body_of
from facegate.frontends.rest_v1.descriptions import errors as error_answers
from facegate.frontends.rest_v1.messages import (
    MAX_PHOTOS_PER_REQUEST,
    DetectMessage,
    EnrolMessage,
    IdentifyMessage,
    VerifyMessage,
)
from facegate.frontends.rest_v1.parts import RestV1Parts, json_answer, openapi_model, v1_router
from facegate.use_cases.detect_faces import DetectFacesRequest
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotosRequest
from facegate.use_cases.identify_faces import IdentifyFacesRequest
from facegate.use_cases.verify_face import VerifyFaceRequest

_EXAMPLE_IMAGE = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ..."


def recognition_router(parts: RestV1Parts) -> APIRouter:
    """Enrol, identify, verify, detect."""
    router = v1_router(parts, "recognition")
    max_image_bytes = parts.options.max_image_bytes

    @router.post(
        "/enrol",
        status_code=201,
        summary="Enrol a person from photos",
        description="Each photo with one clear face becomes a template. The person is created if unknown. "
        "Photos that cannot be used are reported; if none can, the answer is that photo's error.",
        responses={
            201: openapi_model(answers.EnrolAnswer, "At least one photo was taken."),
            **PICTURE_ERRORS,
        },
        openapi_extra=body_of(
            EnrolMessage,
            image_field="images",
            example={"subject_id": "ada", "display_name": "Ada Lovelace", "images": [_EXAMPLE_IMAGE]},
        ),
    )
    async def enrol(request: Request) -> Response:
        body = await read_body(request, max_image_bytes=max_image_bytes)
        return await parts.engine_workers.run(lambda: _enrol(parts, body))

    @router.post(
        "/identify",
        summary="Name the faces in a picture",
        description="Every face with the persons it may be, most similar first, and a verdict.",
        responses={200: openapi_model(answers.IdentifyAnswer, "The faces, maybe none."), **PICTURE_ERRORS},
        openapi_extra=body_of(
            IdentifyMessage, image_field="image", example={"image": _EXAMPLE_IMAGE, "max_candidates": 3}
        ),
    )
    async def identify(request: Request) -> Response:
        body = await read_body(request, max_image_bytes=max_image_bytes)
        return await parts.engine_workers.run(lambda: _identify(parts, body))

    @router.post(
        "/verify",
        summary="Check that a picture shows a certain person",
        description="A 1:1 check with a look at the whole gallery: somebody closer refutes the claim.",
        responses={
            200: openapi_model(answers.VerifyAnswer, "The verdict; without a face it is false."),
            **PICTURE_ERRORS,
            **error_answers(404),
        },
        openapi_extra=body_of(
            VerifyMessage, image_field="image", example={"subject_id": "ada", "image": _EXAMPLE_IMAGE}
        ),
    )
    async def verify(request: Request) -> Response:
        body = await read_body(request, max_image_bytes=max_image_bytes)
        return await parts.engine_workers.run(lambda: _verify(parts, body))

    @router.post(
        "/detect",
        summary="Find faces and judge their quality",
        description="Boxes, landmarks and quality; liveness and phones on demand. Nobody is identified.",
        responses={
            200: openapi_model(answers.DetectAnswer, "What was found, maybe nothing."),
            **PICTURE_ERRORS,
        },
        openapi_extra=body_of(
            DetectMessage, image_field="image", example={"image": _EXAMPLE_IMAGE, "find_phones": False}
        ),
    )
    async def detect(request: Request) -> Response:
        body = await read_body(request, max_image_bytes=max_image_bytes)
        return await parts.engine_workers.run(lambda: _detect(parts, body))

    return router


def _enrol(parts: RestV1Parts, body: RequestBody) -> Response:
    message, photos = body.message(EnrolMessage, image_field="images")
    subject_id = parse_subject_id(message.subject_id)
    name = parse_display_name(message.display_name) if message.display_name is not None else None
    if not photos:
        raise InvalidInput("at least one picture is needed", field="image")
    if len(photos) > MAX_PHOTOS_PER_REQUEST:
        raise InvalidInput(f"at most {MAX_PHOTOS_PER_REQUEST} pictures at once", field="images")
    rules = parts.options.rules
    result = parts.enrol_photos(
        EnrolPhotosRequest(
            subject_id=subject_id,
            photos=photos,
            source="rest_v1",
            rules=EnrolmentRules(
                min_quality=rules.min_quality if message.min_quality is None else message.min_quality,
                max_templates=rules.max_templates,
                liveness=parts.options.liveness_for(is_asked_for=message.check_liveness),
                keep_cutouts=rules.keep_cutouts,
                skip_known=message.skip_known,
            ),
            display_name=name or None,
        )
    )
    if result.outcome is None:
        raise result.rejected[0].error
    return json_answer(translate.enrolled(result), 201)


def _identify(parts: RestV1Parts, body: RequestBody) -> Response:
    message, photos = body.message(IdentifyMessage, image_field="image")
    liveness = parts.options.liveness_for(is_asked_for=message.check_liveness)
    result = parts.identify_faces(
        IdentifyFacesRequest(
            only_photo(photos).encoded,
            max_candidates=message.max_candidates,
            only_largest=message.only_largest,
            liveness=liveness,
        )
    )
    return json_answer(
        answers.IdentifyAnswer(
            picture=translate.picture(result.frame),
            model_id=parts.gallery.model_id,
            faces=translate.identified(result, parts.gallery),
            checks_not_run=_not_run(liveness=liveness),
        )
    )


def _verify(parts: RestV1Parts, body: RequestBody) -> Response:
    message, photos = body.message(VerifyMessage, image_field="image")
    subject_id = parse_subject_id(message.subject_id)
    photo = only_photo(photos)
    parts.gallery.get_subject(subject_id)
    liveness = parts.options.liveness_for(is_asked_for=message.check_liveness)
    result = parts.verify_face(VerifyFaceRequest(photo.encoded, subject_id, liveness=liveness))
    return json_answer(
        answers.VerifyAnswer(
            is_match=result.is_match,
            subject_id=subject_id,
            picture=translate.picture(result.frame),
            model_id=parts.gallery.model_id,
            faces=translate.verified(result),
            checks_not_run=_not_run(liveness=liveness),
        )
    )


def _detect(parts: RestV1Parts, body: RequestBody) -> Response:
    message, photos = body.message(DetectMessage, image_field="image")
    liveness = parts.options.liveness_for(is_asked_for=message.check_liveness)
    result = parts.detect_faces(
        DetectFacesRequest(only_photo(photos).encoded, liveness=liveness, with_phones=message.find_phones)
    )
    return json_answer(translate.detected(result, _not_run(liveness=liveness, phones=result.phones)))


def _not_run(*, liveness: object = None, phones: object = None) -> list[str]:
    """Names of the checks that an answer does not contain."""
    return [name for name, ran in (("liveness", liveness), ("phones", phones)) if ran is None]
