"""The routes of /v1 that move whole galleries in and out as files. Long jobs, one at a time."""

import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import BinaryIO, TypeVar

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile
from starlette.responses import Response

from facegate.domain.errors import InvalidInput
from facegate.frontends.rest_v1 import admin_answers as answers
from facegate.frontends.rest_v1.descriptions import errors, file_body
from facegate.frontends.rest_v1.messages import RestoreFields, message_from_texts
from facegate.frontends.rest_v1.parts import RestV1Parts, json_answer, openapi_model, v1_router
from facegate.use_cases.enrol_folder import EnrolFolderReport
from facegate.use_cases.import_encodings import ImportReport

R = TypeVar("R")

_CHUNK_BYTES = 256 * 1024
_SUFFIX = re.compile(r"(?:\.tar)?\.[A-Za-z0-9]{1,10}$", re.IGNORECASE)


def transfer_router(parts: RestV1Parts) -> APIRouter:
    """Import encodings or photos, export, restore."""
    router = v1_router(parts, "transfer")
    transfers, workers = parts.transfers, parts.transfer_workers

    @router.post(
        "/import/encodings",
        summary="Take over encodings of face_recognition",
        description="A file of 128-number encodings: npz, JSON or CSV. Pickle is refused.",
        responses={
            200: openapi_model(answers.ImportEncodingsAnswer, "What was taken over."),
            **errors(413, 415, 422),
        },
        openapi_extra=file_body(description="The file; its name ends in .npz, .json or .csv."),
    )
    async def import_encodings(request: Request) -> Response:
        async with request.form(max_files=1, max_fields=10) as fields:
            upload = _uploaded(fields.get("file"))
            _no_other_fields(fields.keys())
            return await workers.run(
                lambda: _with_file(
                    upload, lambda path: json_answer(_encodings_answer(transfers.import_encodings(path)))
                )
            )

    @router.post(
        "/import/photos",
        summary="Enrol many people from an archive",
        description="An archive laid out as `person/photo.jpg`. Every file is reported that was not taken.",
        responses={
            200: openapi_model(answers.ImportPhotosAnswer, "What became of the photos."),
            **errors(413, 415, 422),
        },
        openapi_extra=file_body(description="The archive: zip, tar or tar.gz."),
    )
    async def import_photos(request: Request) -> Response:
        async with request.form(max_files=1, max_fields=10) as fields:
            upload = _uploaded(fields.get("file"))
            _no_other_fields(fields.keys())
            rules = parts.options.rules
            return await workers.run(
                lambda: _with_file(
                    upload, lambda path: json_answer(_photos_answer(transfers.import_photos(path, rules)))
                )
            )

    @router.get(
        "/export",
        summary="Download the whole gallery",
        description="Every person with all templates and kept cutouts, as one file for `/v1/restore`. "
        "It holds biometric data: keep it as you keep passwords.",
        responses={
            200: {"description": "The archive.", "content": {"application/zip": {}}},
            **errors(),
        },
        response_class=StreamingResponse,
    )
    async def export_gallery() -> Response:
        archive, size_bytes = await workers.run(lambda: _exported(transfers.export_gallery))
        headers = {
            "Content-Length": str(size_bytes),
            "Content-Disposition": 'attachment; filename="facegate-gallery.zip"',
        }
        return StreamingResponse(_chunks(archive), headers=headers, media_type="application/zip")

    @router.post(
        "/restore",
        summary="Restore an exported gallery",
        description="All of it or nothing. With `replace` true the gallery becomes equal to the archive and "
        "everybody else is removed; with false the archive is added.",
        responses={200: openapi_model(answers.RestoreAnswer, "Restored."), **errors(413, 415, 422)},
        openapi_extra=file_body(
            description="A file of `/v1/export`.",
            fields={"replace": {"type": "boolean", "description": "Empty the gallery first."}},
        ),
    )
    async def restore_gallery(request: Request) -> Response:
        async with request.form(max_files=1, max_fields=10) as fields:
            upload = _uploaded(fields.get("file"))
            texts = {name: value for name, value in fields.items() if name != "file"}
            replace = message_from_texts(RestoreFields, texts).replace
            count = await workers.run(
                lambda: _with_file(upload, lambda path: transfers.restore_gallery(path, replace))
            )
        return json_answer(answers.RestoreAnswer(subject_count=count))

    return router


def _uploaded(value: UploadFile | str | None) -> UploadFile:
    if not isinstance(value, UploadFile):
        raise InvalidInput("a file is missing: send it as multipart/form-data", field="file")
    return value


def _no_other_fields(names: Iterable[str]) -> None:
    for name in names:
        if name != "file":
            raise InvalidInput("this field is not known", field=name[:100])


def _with_file(upload: UploadFile, work: Callable[[Path], R]) -> R:
    """The work on the upload as a file of its own, which is gone afterwards."""
    suffix = _SUFFIX.search(upload.filename or "")
    with tempfile.TemporaryDirectory(prefix="facegate-") as folder:
        path = Path(folder) / f"upload{suffix.group().lower() if suffix else ''}"
        with path.open("wb") as copy:
            shutil.copyfileobj(upload.file, copy, _CHUNK_BYTES)
        return work(path)


def _exported(export_gallery: Callable[[Path], int]) -> tuple[BinaryIO, int]:
    """The archive as an open file without a name, so that nothing stays behind however the sending ends."""
    with tempfile.TemporaryDirectory(prefix="facegate-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "gallery.zip"
        export_gallery(path)
        size_bytes = path.stat().st_size
        return path.open("rb"), size_bytes


async def _chunks(archive: BinaryIO) -> AsyncIterator[bytes]:
    with archive:
        while chunk := await anyio.to_thread.run_sync(archive.read, _CHUNK_BYTES):
            yield chunk


def _encodings_answer(report: ImportReport) -> answers.ImportEncodingsAnswer:
    return answers.ImportEncodingsAnswer(
        imported_count=report.imported_count,
        subject_count=report.subject_count,
        is_searched=report.is_searched,
        rejected=[
            answers.RejectedRow(label=row.label, kind=row.error.kind, message=row.error.message)
            for row in report.rejected
        ],
    )


def _photos_answer(report: EnrolFolderReport) -> answers.ImportPhotosAnswer:
    return answers.ImportPhotosAnswer(
        accepted_count=report.accepted_count,
        subject_count=report.subject_count,
        rejected=[
            answers.RejectedRow(label=file.label, kind=file.error.kind, message=file.error.message)
            for file in report.files
            if file.error is not None
        ],
    )
