"""Runs a small graph on one picture."""

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import ModelProto


def answer_of(model: ModelProto, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The only output for the input `picture`."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    answer: NDArray[np.float32] = session.run(None, {"picture": picture})[0]
    return answer
