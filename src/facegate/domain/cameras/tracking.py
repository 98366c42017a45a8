"""Which face of this picture is which of the one before, by place and motion alone.

People walk up to ten face widths a second; at five pictures a second boxes of one person need not overlap.
So a guess is told as one: who uses a track decides by the face itself, see `people_in_view`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from facegate.domain.geometry import PixelBox

_REACH_AT_ONCE, _REACH_PER_S, _MOST_REACH = 0.5, 8.0, 5.0
"""How far from where it was expected a face may be, in heights of the face: at once, per second, at most."""

_MOST_SIZE_RATIO = 2.0
_SURE_OVERLAP, _RIVAL_OVERLAP, _SURE_SIZE_RATIO = 0.3, 0.1, 1.4
_NEAR = 2.5
"""In heights of the face."""

_SPEED_SHARE = 0.6
"""How much of a track's speed is taken from its last step; the rest is kept."""

_MOST_PREDICTED_S = 0.6
"""Beyond it nobody's way is foreseen."""

_MOST_TRACKS = 128
"""More than a picture holds people; of a picture that is full of what is no face, the oldest are dropped."""


@dataclass(frozen=True, slots=True)
class _Motion:
    """Where a face was, when, how fast its middle moved, and whether it came where it was expected."""

    box: PixelBox
    seen_s: float
    right_px_per_s: float = 0.0
    down_px_per_s: float = 0.0
    is_steady: bool = False

    def predicted(self, at_s: float) -> PixelBox:
        ahead_s = min(_MOST_PREDICTED_S, max(0.0, at_s - self.seen_s))
        return self.box.moved(self.right_px_per_s * ahead_s, self.down_px_per_s * ahead_s)

    def moved_to(self, box: PixelBox, at_s: float) -> "_Motion":
        passed_s = at_s - self.seen_s
        if passed_s <= 0.0:
            return _Motion(box, at_s, self.right_px_per_s, self.down_px_per_s)
        (x1, y1), (x2, y2) = _middle(self.box), _middle(box)
        share = _SPEED_SHARE if self.right_px_per_s or self.down_px_per_s else 1.0
        right = share * (x2 - x1) / passed_s + (1.0 - share) * self.right_px_per_s
        down = share * (y2 - y1) / passed_s + (1.0 - share) * self.down_px_per_s
        is_steady = self.predicted(at_s).intersection_over_union(box) >= _SURE_OVERLAP
        return _Motion(box, at_s, right, down, is_steady)


@dataclass(slots=True, eq=False)
class Track:
    """One face over several pictures.

    `is_doubtful`: it may be another's face since the last sure look. `is_away`: another's face was in its
    place; only its own face brings it back.
    """

    track_id: int
    motion: _Motion
    before: _Motion | None = None
    is_doubtful: bool = False
    is_away: bool = False

    @property
    def box(self) -> PixelBox:
        """Where it was last."""
        return self.motion.box

    @property
    def seen_s(self) -> float:
        """When it was last seen."""
        return self.motion.seen_s


@dataclass(slots=True)
class FaceTracker:
    """The faces in view and those that were lately, until they are not seen for `lost_after_s`."""

    lost_after_s: float = 1.5
    tracks: list[Track] = field(default_factory=list)
    _next_id: int = 1

    def assign(self, boxes: Sequence[PixelBox], at_s: float) -> list[Track]:
        """The track of each box, in order; a new one where none fits.

        Tracks that are guesses become doubtful; only whoever looks at the face can settle that.
        """
        tracks = [track for track in self.tracks if not track.is_away]
        places = [_Place.of(track.motion, at_s) for track in tracks]
        near = _Nearness(places, boxes)
        pairs = sorted(
            (
                (score, track_number, box_number)
                for track_number, place in enumerate(places)
                for box_number in near.boxes_of[track_number]
                if (score := _score(place, boxes[box_number])) is not None
            ),
            reverse=True,
        )
        found: dict[int, Track] = {}
        taken: set[int] = set()
        for _, track_number, box_number in pairs:
            if track_number in taken or box_number in found:
                continue
            track = tracks[track_number]
            if not near.is_sure(track_number, box_number):
                track.is_doubtful = True
            track.before, track.motion = track.motion, track.motion.moved_to(boxes[box_number], at_s)
            taken.add(track_number)
            found[box_number] = track
        return [found[n] if n in found else self.begin(box, at_s) for n, box in enumerate(boxes)]

    def begin(self, box: PixelBox, at_s: float) -> Track:
        """A track of a face that was not there before."""
        track = Track(self._next_id, _Motion(box, at_s))
        self._next_id += 1
        self.tracks.append(track)
        return track

    def put_back(self, track: Track) -> None:
        """The box that was last assigned to it was another's: as if it had not been seen."""
        if track.before is not None:
            track.motion, track.before = track.before, None
        track.is_away = True

    def adopt(self, track: Track, box: PixelBox, at_s: float) -> None:
        """This box is this track's face for certain, wherever it was before."""
        track.before, track.motion = track.motion, _Motion(box, at_s)
        track.is_doubtful = track.is_away = False

    def drop(self, track: Track) -> None:
        """Forgets it."""
        self.tracks.remove(track)

    def drop_lost(self, at_s: float) -> list[Track]:
        """Forgets those that were not seen for too long, and says which."""
        by_age = sorted(self.tracks, key=lambda track: track.seen_s, reverse=True)
        kept = [track for track in by_age[:_MOST_TRACKS] if at_s - track.seen_s <= self.lost_after_s]
        lost = by_age[len(kept) :]
        self.tracks = kept
        return lost


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a track's face is expected, how far from there it may be, in its heights, and where it was."""

    expected: PixelBox
    reach: float
    motion: _Motion

    @staticmethod
    def of(motion: _Motion, at_s: float) -> "_Place":
        passed_s = max(0.0, at_s - motion.seen_s)
        reach = min(_MOST_REACH, _REACH_AT_ONCE + _REACH_PER_S * passed_s)
        return _Place(motion.predicted(at_s), reach, motion)

    def touches(self, box: PixelBox) -> bool:
        """Whether the box is where this face may be or was: who stops is not where they were going to be."""
        boxes = (self.expected, self.motion.box)
        return any(one.intersection_over_union(box) > _RIVAL_OVERLAP for one in boxes)


class _Nearness:
    """Which boxes are near which tracks: of a crowd each face is compared with its neighbours alone."""

    def __init__(self, places: Sequence[_Place], boxes: Sequence[PixelBox]) -> None:
        self._places = places
        self._boxes = boxes
        self.boxes_of: list[list[int]] = [[] for _ in places]
        self.tracks_of: list[list[int]] = [[] for _ in boxes]
        ends = [(*_middle(box), box.height_px) for box in boxes]
        for track_number, place in enumerate(places):
            for x, y in (_middle(place.expected), _middle(place.motion.box)):
                for box_number, (box_x, box_y, height_px) in enumerate(ends):
                    reach_px = max(_NEAR, place.reach) * max(1.0, height_px, place.expected.height_px)
                    if abs(x - box_x) < reach_px and abs(y - box_y) < reach_px:
                        self._add(track_number, box_number)

    def _add(self, track_number: int, box_number: int) -> None:
        if track_number not in self.tracks_of[box_number]:
            self.boxes_of[track_number].append(box_number)
            self.tracks_of[box_number].append(track_number)

    def is_sure(self, track_number: int, box_number: int) -> bool:
        """Whether the box is where and as large as expected, and neither has a rival.

        Where somebody goes who has just come or turned round is not known: then whoever is near is a rival.
        """
        own, box = self._places[track_number], self._boxes[box_number]
        if own.expected.intersection_over_union(box) < _SURE_OVERLAP:
            return False
        if _size_ratio(own.expected, box) > _SURE_SIZE_RATIO:
            return False
        others = [self._boxes[n] for n in self.boxes_of[track_number] if n != box_number]
        if not own.motion.is_steady and any(_distance(own.motion.box, other) < _NEAR for other in others):
            return False
        if any(map(own.touches, others)):
            return False
        rivals = (self._places[n] for n in self.tracks_of[box_number] if n != track_number)
        return not any(rival.touches(box) for rival in rivals)


def _score(place: _Place, box: PixelBox) -> float | None:
    """How well a box fits; None where it cannot be the same face."""
    ratio = _size_ratio(place.expected, box)
    distance = _distance(place.expected, box)
    if ratio > _MOST_SIZE_RATIO or distance > place.reach:
        return None
    overlap = place.expected.intersection_over_union(box)
    return 2.0 * overlap - distance / place.reach - 0.5 * math.log(ratio)


def _distance(one: PixelBox, other: PixelBox) -> float:
    """Between the middles, in heights of the faces."""
    height_px = max(1.0, (one.height_px + other.height_px) / 2)
    return math.dist(_middle(one), _middle(other)) / height_px


def _middle(box: PixelBox) -> tuple[float, float]:
    return (box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2


def _size_ratio(one: PixelBox, other: PixelBox) -> float:
    larger, smaller = max(one.height_px, other.height_px), min(one.height_px, other.height_px)
    return max(1.0, larger) / max(1.0, smaller)
