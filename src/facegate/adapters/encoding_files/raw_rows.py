"""Rows as a file holds them, the check that makes a vector of one, and the refusal of pickles."""

from dataclasses import dataclass

import numpy as np

from facegate.domain.errors import InvalidInput
from facegate.domain.templates import Vector

MAX_FILE_BYTES = 1 << 30
"""JSON is read whole; a gibibyte of it is some 400,000 encodings."""


@dataclass(frozen=True, slots=True, eq=False)
class RawRow:
    """Whatever stood where an encoding should be, with whose it is and where it stood."""

    subject_id: str
    label: str
    values: object


def vector_of(values: object, dimension: int) -> Vector:
    """The row as float32.

    Raises:
        InvalidInput: not so many finite numbers, or all zero.
    """
    if values is None:
        raise InvalidInput("there is no encoding")
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput("the encoding is not a list of numbers") from error
    if numbers.shape != (dimension,):
        raise InvalidInput(f"the encoding has the shape {numbers.shape}, {dimension} numbers are needed")
    with np.errstate(over="ignore", under="ignore"):
        vector = numbers.astype(np.float32)
    if not bool(np.isfinite(vector).all()):
        raise InvalidInput("the encoding holds a number that is not finite")
    if not bool(vector.any()):
        raise InvalidInput("the encoding is all zero")
    return vector


def pickle_refused() -> InvalidInput:
    """Why, and the three lines that turn an old file into one that can be read."""
    return InvalidInput(
        "this is a pickle file, and opening one can run any code that is in it, so facegate does not. "
        "Convert it once, where you trust it:\n"
        "    import pickle, numpy as np\n"
        '    data = pickle.load(open("encodings.pickle", "rb"))\n'
        '    np.savez("encodings.npz", encodings=np.array(data["encodings"], float), '
        'names=np.array(data["names"], str))'
    )
