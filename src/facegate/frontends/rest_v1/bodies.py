"""Reading a request body that may be a form with files or JSON, bounded, without decoding any picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import Request

from facegate.domain.errors import InvalidInput
from facegate.frontends.rest_v1.messages import (
    MAX_PHOTOS_PER_REQUEST,
    message_from_texts,
)
from facegate.frontends.wire.images import decode_base64_image, read_upload
from facegate.frontends.wire.json_bodies import is_json, read_json_body
from facegate.frontends.wire.json_messages import message_from_json
from facegate.use_cases.enrol_photos import Photo

M = TypeVar("M", bound=BaseModel)

_MAX_FIELDS = 100
_MAX_LABEL_CHARS = 200


@dataclass(frozen=True, slots=True, eq=False)
class RequestBody:
    """What came in, as bytes and text. Exactly one of `json` and `texts` is meant."""

    json: bytes | None
    texts: Mapping[str, list[str]]
    photos: tuple[Photo, ...]
    max_image_bytes: int

    def message(self, model: type[M], *, image_field: str) -> tuple[M, list[Photo]]:
        """The checked message and its pictures; runs on a worker thread, since base64 takes its time.

        Raises:
            InvalidInput: see the messages; ImageTooLarge for a picture beyond the limit.
        """
        if self.json is not None:
            message = message_from_json(model, self.json)
            return message, self._base64_photos(getattr(message, image_field), image_field)
        return self._form_message(model, image_field)

    def _form_message(self, model: type[M], image_field: str) -> tuple[M, list[Photo]]:
        texts: dict[str, str] = {}
        encoded: list[str] = []
        for name, values in self.texts.items():
            if name in {"image", "images"}:
                encoded.extend(values)
            elif len(values) > 1:
                raise InvalidInput(f"{name} is given more than once", field=name[:100])
            else:
                texts[name] = values[0]
        message = message_from_texts(model, texts)
        return message, [*self.photos, *self._base64_photos(encoded, image_field)]

    def _base64_photos(self, given: str | list[str] | None, field: str) -> list[Photo]:
        texts = [given] if isinstance(given, str) else given or []
        return [
            Photo(
                f"{field}[{index}]" if len(texts) > 1 else field,
                decode_base64_image(text, max_bytes=self.max_image_bytes, field=field),
            )
            for index, text in enumerate(texts)
        ]


async def read_body(request: Request, *, max_image_bytes: int) -> RequestBody:
    """The body of a multipart or JSON request.

    Raises:
        InvalidInput: another content type, a broken form, or a file in a field that takes none.
        ImageTooLarge: a file or the body as a whole is beyond its limit.
    """
    if is_json(request):
        return RequestBody(await read_json_body(request), {}, (), max_image_bytes)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "multipart/form-data":
        raise InvalidInput("send the body as multipart/form-data or application/json", field="content-type")
    texts: dict[str, list[str]] = {}
    photos: list[Photo] = []
    # A picture may come as base64 in a text field, hence the size of a part.
    form = request.form(
        max_files=MAX_PHOTOS_PER_REQUEST,
        max_fields=_MAX_FIELDS,
        max_part_size=max_image_bytes // 3 * 4 + 1024,
    )
    async with form as fields:
        for name, value in fields.multi_items():
            if isinstance(value, UploadFile):
                if name not in {"image", "images"}:
                    raise InvalidInput("files are taken in the field 'image' alone", field=name[:100])
                label = (value.filename or name)[:_MAX_LABEL_CHARS]
                photos.append(Photo(label, await read_upload(value, max_bytes=max_image_bytes)))
            else:
                texts.setdefault(name, []).append(value)
    return RequestBody(None, texts, tuple(photos), max_image_bytes)


def only_photo(photos: list[Photo]) -> Photo:
    """The one picture that a request must have.

    Raises:
        InvalidInput: none, or several.
    """
    if len(photos) != 1:
        raise InvalidInput("a picture is missing" if not photos else "one picture is enough", field="image")
    return photos[0]
