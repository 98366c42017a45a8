"""Keeps the surest of boxes that overlap. Used by both detectors."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
"""Shape (n, 4), float32: left, top, right, bottom in pixels."""


def surest_boxes(boxes: Boxes, confidences: NDArray[np.float32], max_overlap: float) -> list[int]:
    """Positions of the boxes kept by greedy non-maximum suppression, surest first.

    A box goes when its intersection over union with a surer kept one is above `max_overlap`. Ties are
    kept in order of position, so the result is deterministic.
    """
    if len(boxes) <= 1:
        return list(range(len(boxes)))
    order = np.argsort(-confidences, kind="stable")
    left, top, right, bottom = boxes.T
    areas = np.maximum(0, right - left) * np.maximum(0, bottom - top)
    kept: list[int] = []
    while order.size:
        first, others = order[0], order[1:]
        kept.append(int(first))
        widths = np.minimum(right[first], right[others]) - np.maximum(left[first], left[others])
        heights = np.minimum(bottom[first], bottom[others]) - np.maximum(top[first], top[others])
        shared = np.maximum(0, widths) * np.maximum(0, heights)
        order = others[shared <= max_overlap * (areas[first] + areas[others] - shared)]
    return kept
