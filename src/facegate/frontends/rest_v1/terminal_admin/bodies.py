"""How the OpenAPI page describes bodies that may hold a picture, and need none."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from facegate.frontends.rest_v1.descriptions import body_of


def picture_body(model: type[BaseModel], example: Mapping[str, Any]) -> dict[str, Any]:
    """`openapi_extra` for JSON, or a form in which `image` is a file."""
    described = body_of(model, example=example)
    content = described["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    picture = {"type": "string", "format": "binary", "description": "A JPEG or PNG picture."}
    form = {**schema, "properties": {**schema["properties"], "image": picture}}
    content["multipart/form-data"] = {
        "schema": form,
        "encoding": {"image": {"contentType": "image/jpeg, image/png"}},
    }
    return described
