"""Encodings in JSON, in the shapes that programs around `face_recognition` write.

`{name: [[...], ...]}`, `{name: [...]}`, `{"names": [...], "encodings": [...]}`, a list of objects, and
the persons server's `person_store.json`, whose shape is not documented: by person, perhaps under `persons`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from facegate.adapters.encoding_files.raw_rows import RawRow
from facegate.domain.errors import InvalidInput

_NAME_KEYS = ("person_id", "user_id", "user_name", "subject_id", "name", "id", "label")
_VECTOR_KEYS = ("encodings", "embeddings", "encoding", "embedding", "vectors", "vector", "descriptor")
_LIST_OF_NAMES_KEYS = ("names", "ids", "labels", "known_face_names")
_LIST_OF_VECTORS_KEYS = ("encodings", "embeddings", "known_face_encodings")
_WRAPPER_KEYS = ("persons", "people", "users", "faces", "data")


def json_rows(path: Path) -> Iterator[RawRow]:
    """The rows of a JSON file.

    Raises:
        InvalidInput: no JSON, or none of the known shapes.
    """
    try:
        # The standard parser takes NaN, which Python programs do write: then one row is bad, not the file.
        content: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput("the JSON file with the encodings is damaged") from error
    return _rows_of(content)


def _rows_of(content: object) -> Iterator[RawRow]:
    if isinstance(content, list):
        return _from_objects(content)
    if not isinstance(content, dict) or not content:
        raise InvalidInput("the JSON file holds no encodings")
    names = _first(content, _LIST_OF_NAMES_KEYS)
    vectors = _first(content, _LIST_OF_VECTORS_KEYS)
    if isinstance(names, list) and isinstance(vectors, list):
        return _paired(names, vectors)
    wrapped = _wrapped(content)
    return _by_person(content) if wrapped is None else _rows_of(wrapped)


def _wrapped(content: Mapping[str, object]) -> object:
    """What lies under `persons` and the like, where nothing beside it may be somebody's encoding."""
    holding = [key for key, value in content.items() if isinstance(value, (list, dict)) and value]
    for key in _WRAPPER_KEYS:
        value = content.get(key)
        is_wrapper = isinstance(value, dict) or (
            isinstance(value, list) and bool(value) and isinstance(value[0], dict)
        )
        if is_wrapper and all(other == key or not _may_hold_vectors(content[other]) for other in holding):
            return value
    return None


def _may_hold_vectors(value: object) -> bool:
    """Whether numbers in lists may be found there: notes such as `{"version": 1}` hold none."""
    if isinstance(value, dict):
        return any(_may_hold_vectors(held) for held in value.values())
    if not isinstance(value, list) or not value:
        return False
    is_vector = all(isinstance(number, (int, float)) for number in value)
    return is_vector or any(_may_hold_vectors(held) for held in value)


def _paired(names: Sequence[object], vectors: Sequence[object]) -> Iterator[RawRow]:
    if len(names) != len(vectors):
        raise InvalidInput(f"the JSON file has {len(names)} names for {len(vectors)} encodings")
    for row, (name, vector) in enumerate(zip(names, vectors, strict=True)):
        yield RawRow(str(name), f"row {row}", vector)


def _by_person(content: Mapping[str, object]) -> Iterator[RawRow]:
    for name, value in content.items():
        yield from _of_one(name, name, value)


def _from_objects(items: Sequence[object]) -> Iterator[RawRow]:
    for row, item in enumerate(items):
        name = _first(item, _NAME_KEYS) if isinstance(item, dict) else None
        # Without a name the id is empty, and the import reports the row for that.
        yield from _of_one("" if name is None else str(name), f"row {row}", item)


def _of_one(subject_id: str, label: str, value: object) -> Iterator[RawRow]:
    """One vector, a list of vectors, or an object that holds either."""
    if isinstance(value, dict):
        held = _first(value, _VECTOR_KEYS)
        if held is None or isinstance(held, dict):
            yield RawRow(subject_id, label, None)
            return
        value = held
    if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
        for number, vector in enumerate(value):
            held = _first(vector, _VECTOR_KEYS) if isinstance(vector, dict) else vector
            yield RawRow(subject_id, f"{label}[{number}]", held)
    else:
        yield RawRow(subject_id, label, value)


def _first(mapping: Mapping[str, object], keys: Sequence[str]) -> object:
    return next((mapping[key] for key in keys if mapping.get(key) is not None), None)
