"""Turns what a net gave into our errors when it is not what the net promises."""

from collections.abc import Sequence

import numpy as np

from facegate.domain.errors import EngineFailed
from facegate.domain.templates import EmbedderIdentity, Template
from facegate.ports.inference_session import Tensor


def require_finite(numbers: Tensor, net: str) -> None:
    """Raises EngineFailed unless all of these are finite."""
    if not bool(np.isfinite(numbers).all()):
        raise EngineFailed(f"{net} gave numbers that are not finite.")


def require_outputs(outputs: Sequence[Tensor], count: int, net: str) -> None:
    """Raises EngineFailed unless the net gave this many outputs, all of them finite."""
    if len(outputs) != count:
        raise EngineFailed(f"{net} gave {len(outputs)} outputs instead of {count}: not the right model file.")
    for output in outputs:
        require_finite(output, net)


def require_shape(output: Tensor, shape: tuple[int, ...], net: str) -> None:
    """Raises EngineFailed unless the output has this shape."""
    if output.shape != shape:
        raise EngineFailed(f"{net} gave shape {output.shape} instead of {shape}: not the right model file.")


def templates_from(outputs: Sequence[Tensor], count: int, identity: EmbedderIdentity) -> list[Template]:
    """The rows of an embedding net's only output as templates. Raises EngineFailed for unfit ones."""
    net = identity.model_id
    require_outputs(outputs, 1, net)
    require_shape(outputs[0], (count, identity.dimension), net)
    if not bool(outputs[0].any(axis=1).all()):
        raise EngineFailed(f"{net} gave a vector of zeros.")
    return [Template(net, vector) for vector in outputs[0]]
