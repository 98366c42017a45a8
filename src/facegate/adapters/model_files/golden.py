"""Checks a converted file by what it computes, since its bytes change with the `onnx` version."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegate.adapters.model_files.manifest import GoldenCase, GoldenOutput


class GoldenMismatch(ValueError):
    """The file loads but does not compute what the published model computes."""


def golden_picture(shape: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """A made-up N x C x H x W picture of whole numbers 0..255 from integer arithmetic, equal everywhere.

    Overlaid triangle waves: smooth enough that 8-bit builds stay within the ranges measured on faces.
    """
    _, channels, height, width = shape
    channel = np.arange(channels).reshape(-1, 1, 1)
    row = np.arange(height).reshape(1, -1, 1)
    column = np.arange(width).reshape(1, 1, -1)
    wave = np.abs((column + channel * 17) % 97 - 48) + np.abs((row + channel * 11) % 83 - 41)
    picture = (wave * 255 // 89).astype(np.float32)
    return np.ascontiguousarray(np.broadcast_to(picture, shape))


def check_golden(model: bytes, cases: Sequence[GoldenCase]) -> None:
    """Run the serialised graph on every case.

    Raises:
        GoldenMismatch: it does not load, or answers something else.
    """
    # Imported here: only fetching and verifying need it in this room.
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        (input_info,) = session.get_inputs()
        names = [output.name for output in session.get_outputs()]
        for case in cases:
            answers = session.run(names, {input_info.name: golden_picture(case.input_shape)})
            for name, expected in case.outputs.items():
                _compare(name, np.asarray(dict(zip(names, answers, strict=True))[name]), expected, case)
    except GoldenMismatch:
        raise
    except Exception as error:  # the runtime's exceptions share no base of their own
        raise GoldenMismatch(f"the runtime does not take the file ({type(error).__name__})") from error


def _compare(name: str, answer: NDArray[np.generic], expected: GoldenOutput, case: GoldenCase) -> None:
    flat = answer.astype(np.float64).ravel()
    wanted = np.asarray(expected.values)
    got = flat[: wanted.size]
    if not np.isfinite(flat).all() or got.size != wanted.size:
        raise GoldenMismatch(f"output {name} has another size or is not finite")
    if case.min_cosine is not None:
        cosine = float(got @ wanted) / float(np.linalg.norm(got) * np.linalg.norm(wanted) or 1.0)
        if cosine < case.min_cosine:
            raise GoldenMismatch(f"output {name} points elsewhere (cosine {cosine:.4f})")
        return
    limit = case.tolerance * max(1.0, float(np.abs(wanted).max()))
    difference = float(np.abs(got - wanted).max())
    norm_difference = abs(float(np.linalg.norm(flat)) - expected.norm)
    if difference > limit or norm_difference > case.tolerance * max(1.0, expected.norm):
        raise GoldenMismatch(f"output {name} differs by {difference:.2g}")
