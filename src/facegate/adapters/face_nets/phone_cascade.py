"""Looks again, closer, where the full view saw what may be a phone but was not sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
from typing_extensions import override

from facegate.adapters.face_nets.yolox_phone_detector import PhoneDetectorOptions, YoloxPhoneDetector
from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import DetectedFace, DetectedPhone, Frame
from facegate.ports.inference_session import InferenceSession
from facegate.ports.phone_detector import PhoneDetector

_SAME_THING_MARGIN = 0.25
"""A find of the closer look is the weak one's when its centre lies in the weak box, grown by this share of
its sides: boxes of weak finds are off by more than overlap would forgive."""


@dataclass(frozen=True, slots=True)
class PhoneCascadeOptions:
    """When the full view is believed, when it is in doubt, and what a closer look has to show.

    A find of at least `sure_from` is a phone. Without one, those of at least `doubt_from` are looked at
    again, the surest `max_second_looks` of them, each in a square of `tile_sides` times its longer side; it
    is a phone when the confidences of both looks add up to `agreement_from`. docs/engine.md has the numbers.
    """

    doubt_from: float = 0.02
    sure_from: float = 0.35
    agreement_from: float = 0.4
    tile_sides: float = 3.0
    min_tile_px: float = 64.0
    max_second_looks: int = 2


class PhoneCascade(PhoneDetector):
    """A phone detector that asks another one twice. Safe from several threads.

    The other has to report finds from `doubt_from` on. Confidence of a phone is that of the surer look.
    """

    def __init__(self, look: PhoneDetector, options: PhoneCascadeOptions | None = None) -> None:
        self._look = look
        self._options = options or PhoneCascadeOptions()
        self._lock = Lock()
        self._full_count = 0
        self._second_count = 0

    @property
    def look_counts(self) -> Mapping[str, int]:
        """Runs of the net since the start: `full` views, one per search, and `second` looks."""
        with self._lock:
            return {"full": self._full_count, "second": self._second_count}

    @override
    def detect(
        self, frame: Frame, faces: Sequence[DetectedFace] = (), within: PixelBox | None = None
    ) -> list[DetectedPhone]:
        options = self._options
        found = self._look.detect(frame, faces, within)
        sure = [phone for phone in found if phone.detection_confidence >= options.sure_from]
        weak = [phone for phone in found if phone.detection_confidence >= options.doubt_from]
        second_count = 0
        if not sure:
            for phone in weak[: options.max_second_looks]:
                second_count += 1
                if agreed := self._looked_at_again(frame, phone):
                    sure = [agreed]
                    break
        self._count(second_count)
        return sure

    def _looked_at_again(self, frame: Frame, weak: DetectedPhone) -> DetectedPhone | None:
        """The phone, where the closer look agrees; its box is the surer look's."""
        left, top, right, bottom = _tile(weak.box, frame.size, self._options)
        pixels = np.ascontiguousarray(frame.pixels_rgb[top:bottom, left:right])
        closer = [
            replace(phone, box=phone.box.moved(left, top)) for phone in self._look.detect(Frame.of(pixels))
        ]
        same = [phone for phone in closer if _is_same_thing(weak.box, phone.box)]
        best = max(same, key=lambda phone: phone.detection_confidence, default=None)
        if (
            best is None
            or weak.detection_confidence + best.detection_confidence < self._options.agreement_from
        ):
            return None
        return max(best, weak, key=lambda phone: phone.detection_confidence)

    def _count(self, second_count: int) -> None:
        with self._lock:
            self._full_count += 1
            self._second_count += second_count


def yolox_cascade(session: InferenceSession, options: PhoneCascadeOptions | None = None) -> PhoneCascade:
    """The cascade over YOLOX, which is told to report from doubt on."""
    chosen = options or PhoneCascadeOptions()
    look = YoloxPhoneDetector(session, PhoneDetectorOptions(min_confidence=chosen.doubt_from))
    return PhoneCascade(look, chosen)


def _tile(box: PixelBox, size: ImageSize, options: PhoneCascadeOptions) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the square about this box, moved into the frame; cut where it is larger."""
    side_px = round(max(options.min_tile_px, options.tile_sides * max(box.width_px, box.height_px)))
    left, width = _span((box.left_px + box.right_px) / 2, side_px, size.width_px)
    top, height = _span((box.top_px + box.bottom_px) / 2, side_px, size.height_px)
    return left, top, left + width, top + height


def _span(centre_px: float, side_px: int, available_px: int) -> tuple[int, int]:
    """Start and length of a stretch about a point, inside of what is there."""
    length = min(side_px, available_px)
    return int(min(max(centre_px - length / 2, 0), available_px - length)), length


def _is_same_thing(weak: PixelBox, other: PixelBox) -> bool:
    x, y = (other.left_px + other.right_px) / 2, (other.top_px + other.bottom_px) / 2
    margin_x, margin_y = _SAME_THING_MARGIN * weak.width_px, _SAME_THING_MARGIN * weak.height_px
    return (
        weak.left_px - margin_x <= x <= weak.right_px + margin_x
        and weak.top_px - margin_y <= y <= weak.bottom_px + margin_y
    )
