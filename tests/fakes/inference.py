"""A session that answers from a function, and tiny real graphs, for tests of what stands on sessions."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from onnx import TensorProto, helper

from facegate.domain.errors import EngineFailed
from facegate.ports.inference_session import Tensor

TINY_INPUT = "x"


class FakeSession:
    """Calls a function instead of a net and keeps what it was fed."""

    def __init__(self, answer: Callable[[Mapping[str, Tensor]], Sequence[Tensor]]) -> None:
        self._answer = answer
        self.fed: list[dict[str, Tensor]] = []

    @property
    def runtime(self) -> str:
        return "fake/CPU"

    def run(self, feeds: Mapping[str, Tensor]) -> list[Tensor]:
        self.fed.append(dict(feeds))
        return [np.ascontiguousarray(output, dtype=np.float32) for output in self._answer(feeds)]


def doubling_session() -> FakeSession:
    """Does what `tiny_graph` does, and fails like a runtime on other inputs."""

    def answer(feeds: Mapping[str, Tensor]) -> Sequence[Tensor]:
        if set(feeds) != {TINY_INPUT} or feeds[TINY_INPUT].ndim != 2 or feeds[TINY_INPUT].shape[1] != 3:
            raise EngineFailed("the net tiny failed")
        return [feeds[TINY_INPUT] * 2, feeds[TINY_INPUT] + 1]

    return FakeSession(answer)


def tiny_graph() -> bytes:
    """A serialised graph: `x`, n x 3 float32, to 2 x and x + 1."""
    row = ["n", 3]
    graph = helper.make_graph(
        [
            helper.make_node("Add", [TINY_INPUT, TINY_INPUT], ["twice"]),
            helper.make_node("Add", [TINY_INPUT, "one"], ["more"]),
        ],
        "tiny",
        [helper.make_tensor_value_info(TINY_INPUT, TensorProto.FLOAT, row)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, row) for name in ("twice", "more")],
        [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    serialised: bytes = model.SerializeToString()
    return serialised
