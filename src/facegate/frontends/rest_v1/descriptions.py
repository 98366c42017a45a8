"""How the OpenAPI page describes bodies and errors that the routes read and answer by hand."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from facegate.frontends.rest_v1.answers import ErrorAnswer

Responses = dict[int | str, dict[str, Any]]

_MEANINGS = {
    401: "No token, or one that is not known or has expired.",
    403: "The token is not for this door.",
    404: "Nothing has this id.",
    409: "It is there already, or its state does not allow this; `kind` says which.",
    413: "The picture or the request is larger than allowed.",
    415: "The picture's format is not accepted.",
    422: "The input is not valid, or the picture cannot be used; `kind` says which.",
    429: "Too many requests; `Retry-After` says when to come back.",
    500: "The engine or the server broke; the log has it under the request's id.",
    502: "The camera gives no picture, or the channel took no message; the sentence says why.",
    503: "Overloaded (`Retry-After` says when to come back), a part is missing, the store failed, or the "
    "terminal is not connected.",
    504: "The terminal did not answer in time; it may have done what was asked all the same.",
}

_EVERYWHERE = (401, 403, 429, 500, 503)


def errors(*statuses: int) -> Responses:
    """Documented error answers: those of every route and the given ones."""
    return {
        status: {"model": ErrorAnswer, "description": _MEANINGS[status]}
        for status in sorted({*_EVERYWHERE, *statuses})
    }


PICTURE_ERRORS = errors(413, 415, 422)


def body_of(
    model: type[BaseModel],
    *,
    example: Mapping[str, Any] | None = None,
    image_field: str | None = None,
    is_required: bool = True,
) -> dict[str, Any]:
    """`openapi_extra` for a body that is JSON, and a form with files if `image_field` is given."""
    schema = _inlined(model)
    json_content: dict[str, Any] = {"schema": schema}
    if example is not None:
        json_content["example"] = dict(example)
    content = {"application/json": json_content}
    if image_field is not None:
        schema.setdefault("required", []).append(image_field)
        content["multipart/form-data"] = _form_of(schema, image_field)
    return {"requestBody": {"required": is_required, "content": content}}


def file_body(*, description: str, fields: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """`openapi_extra` for a form with one file and text fields, all of them required."""
    properties = {
        "file": {"type": "string", "format": "binary", "description": description},
        **(fields or {}),
    }
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def _form_of(schema: Mapping[str, Any], image_field: str) -> dict[str, Any]:
    properties = {name: dict(facts) for name, facts in schema["properties"].items() if name != image_field}
    picture = {"type": "string", "format": "binary"}
    if image_field == "images":
        properties["image"] = {
            "type": "array",
            "items": picture,
            "minItems": 1,
            "description": "Photo files.",
        }
    else:
        properties["image"] = {**picture, "description": "A JPEG, PNG, WebP, BMP or HEIC picture."}
    required = [name for name in schema.get("required", []) if name != image_field]
    form = {**schema, "properties": properties, "required": [*required, "image"]}
    return {"schema": form, "encoding": {"image": {"contentType": "image/jpeg, image/png, image/heic"}}}


def _inlined(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema without references, which would point into a document of their own."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                return resolved(definitions[reference.rsplit("/", 1)[-1]])
            return {name: resolved(value) for name, value in node.items()}
        return [resolved(item) for item in node] if isinstance(node, list) else node

    whole: dict[str, Any] = resolved(schema)
    return whole
