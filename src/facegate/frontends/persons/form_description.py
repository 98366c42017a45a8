"""How the OpenAPI description shows the form of `POST /person`, which `routes.py` reads by hand."""

from typing import Any

from facegate.frontends.persons.messages import Action

PERSON_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["action"],
                    "properties": {
                        "action": {"type": "string", "enum": [action.value for action in Action]},
                        "person_id": {
                            "type": "string",
                            "description": "Needed to remove; to add, an id is generated when it is missing.",
                        },
                        "image": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "One or more files to add, exactly one to retrieve.",
                        },
                        "camera_id": {"type": "string"},
                    },
                },
                "encoding": {"image": {"style": "form", "explode": True}},
            }
        },
    }
}
