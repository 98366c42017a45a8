"""Which checks of an earlier frame still hold, because nothing has changed since they ran."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import DetectedFace
from facegate.domain.presence.changes import Changes, changes_between, patched
from facegate.domain.presence.memory import RememberedFrame
from facegate.domain.presence.observation import FaceSamples, Observation, SearchedPicture, Thumbnail
from facegate.domain.presence.thumbnails import face_samples, likeness_of_faces
from facegate.domain.presence.verdicts import Check, CheckState

# A gap is also what a busy server leaves. With 2.5 and 5 s it did not find out of a start in which 150
# clients need every check at once, 3 to 6 s of work for two cores, since no track was ever unbroken.
_MAX_GAP_S = 10.0

_MOST_SEARCHED_IN_PART = 0.6
"""Beyond this share of the picture a part costs the detector hardly less than all of it."""

REUSABLE_CHECKS = (Check.IDENTITY, Check.LIVENESS, Check.PHONE)


@dataclass(frozen=True, slots=True)
class ReusePolicy:
    """How long checks hold while nothing changes. `max_age_s` 0 runs every check on every frame.

    A check holds less than `max_age_s` since it ran. So that many clients do not all run theirs in the same
    second, each has its turn at a point of that period of its own (`has_turns`), and what ran before holds
    until then: 150 clients that begin together need 15 looks a second afterwards, where shortening each age
    at random needed 20. With a random `turns_key` (up to 64 bytes) nobody can tell when a turn is.

    The track of the faces is unbroken while frames are at most `max_gap_s` apart and every face overlaps that
    of the frame before, and of the frame that is reused, by `min_overlap` (intersection over union). A live
    probability below `min_live_probability` is never reused.

    Nothing holds for a face that looks less than `min_face_likeness` like before. Phones are searched again
    after a change of `max_change`, the share of a place the size of a phone. Who sits there and whether they
    live is asked again after more: `max_body_change`, and that beyond what the motion of the head explains.
    """

    max_age_s: float = 0.0
    has_turns: bool = True
    turns_key: bytes = b""
    max_gap_s: float = _MAX_GAP_S
    min_overlap: float = 0.5
    max_change: float = 0.05
    max_body_change: float = 0.3
    min_face_likeness: float = 0.7
    min_live_probability: float = 0.5

    def __post_init__(self) -> None:
        if not self.max_age_s >= 0.0:
            raise ValueError("an age is not negative")

    def age_limit_s(self, client_id: str, ran_at_s: float) -> float:
        """How long checks that ran then hold: to the client's next turn."""
        if not self.has_turns or self.max_age_s == 0.0:
            return self.max_age_s
        digest = hashlib.blake2b(
            client_id.encode("utf-8", "surrogatepass"), digest_size=8, key=self.turns_key
        ).digest()
        turn_s = int.from_bytes(digest) / 2**64 * self.max_age_s
        return (turn_s - ran_at_s) % self.max_age_s or self.max_age_s


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is known of a frame before the checks that may be reused. Times and boxes as in `Observation`."""

    at_s: float
    size: ImageSize
    faces: tuple[DetectedFace, ...]
    thumbnail: Thumbnail
    face_samples: FaceSamples | None = field(init=False, default=None)
    """Of the largest face; taken once, as it is held against several frames."""

    def __post_init__(self) -> None:
        if self.faces:
            samples = face_samples(self.thumbnail, self.faces[0].box, self.size)
            object.__setattr__(self, "face_samples", samples)


@dataclass(frozen=True, slots=True)
class Reuse:
    """The observation that each check may be taken from; `was_compared` says whether pictures were.

    `phones_in_part` is there where phones have to be searched again, but only where something has changed.
    """

    sources: Mapping[Check, Observation] = field(default_factory=dict)
    was_compared: bool = False
    phones_in_part: "SearchInPart | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class SearchInPart:
    """The place, in pixels of the frame, and what counts as searched once it was."""

    place: PixelBox
    searched: SearchedPicture


def reusable(client_id: str, sight: Sight, past: Sequence[RememberedFrame], policy: ReusePolicy) -> Reuse:
    """What needs not run in this frame. `past` are the client's frames, oldest first.

    A source is the frame in which the check last ran, so reusing never prolongs itself. Neither it nor any
    frame since showed a reason against the user, and what it found speaks for them.
    """
    if policy.max_age_s <= 0.0:
        return Reuse()
    unbroken = _unbroken_track(sight, past, policy)
    candidates: dict[Check, Observation] = {}
    for check in REUSABLE_CHECKS:
        source = next((seen for seen in unbroken if seen.checks.get(check) is CheckState.RAN), None)
        if source is None or not _speaks_for_the_user(source, check, policy):
            continue
        ran_at_s = _ran_at_s(source, check)
        if any(frame.reasons for frame in past if frame.at_s >= ran_at_s):
            # Judged late, after a search of a part that goes back beyond it.
            continue
        if sight.at_s - ran_at_s < policy.age_limit_s(client_id, ran_at_s):
            candidates[check] = source
    compared = {id(source): _Comparison(source, sight, policy) for source in candidates.values()}
    sources = {check: source for check, source in candidates.items() if compared[id(source)].lets_hold(check)}
    in_part = None
    if Check.PHONE in candidates and Check.PHONE not in sources:
        in_part = compared[id(candidates[Check.PHONE])].part_to_search()
    return Reuse(sources, was_compared=bool(candidates), phones_in_part=in_part)


def may_hold(client_id: str, at_s: float, past: Sequence[RememberedFrame], policy: ReusePolicy) -> bool:
    """Whether all checks ran so recently that they could be reused now, whatever the picture shows."""
    ran_at_s: dict[Check, float] = {}
    for frame in reversed(past):
        for check in REUSABLE_CHECKS:
            if check not in ran_at_s and frame.observation.checks.get(check) is CheckState.RAN:
                ran_at_s[check] = _ran_at_s(frame.observation, check)
        if len(ran_at_s) == len(REUSABLE_CHECKS):
            break
    return bool(ran_at_s) and all(
        at_s - time_s < policy.age_limit_s(client_id, time_s) for time_s in set(ran_at_s.values())
    )


def _ran_at_s(source: Observation, check: Check) -> float:
    """When the check ran on the whole picture: a search of a part does not prolong the rest."""
    return source.searched.since_s if check is Check.PHONE else source.at_s


def _unbroken_track(sight: Sight, past: Sequence[RememberedFrame], policy: ReusePolicy) -> list[Observation]:
    """The frames before this one that show the same faces and no reason, newest first, up to a break.

    Nor beyond the last in which everything ran.
    """
    track: list[Observation] = []
    later: Sight | Observation = sight
    for frame in reversed(past):
        earlier = frame.observation
        gap_s = later.at_s - earlier.at_s
        if frame.reasons or not 0.0 <= gap_s <= policy.max_gap_s:
            break
        if not _show_the_same_faces(earlier, later, policy.min_overlap):
            break
        track.append(earlier)
        later = earlier
        if all(earlier.checks.get(check) is CheckState.RAN for check in REUSABLE_CHECKS):
            # No source lies before a frame in which everything ran.
            break
    return track


def _show_the_same_faces(earlier: Observation, later: Sight | Observation, min_overlap: float) -> bool:
    if earlier.size != later.size or len(earlier.faces) != len(later.faces) or not later.faces:
        return False
    unmatched = list(earlier.faces)
    for face in later.faces:
        nearest = max(unmatched, key=lambda other: other.box.intersection_over_union(face.box))
        if nearest.box.intersection_over_union(face.box) < min_overlap:
            return False
        unmatched.remove(nearest)
    return True


def _speaks_for_the_user(source: Observation, check: Check, policy: ReusePolicy) -> bool:
    """A look that was uncertain gave no reason alone, but must be repeated."""
    match check:
        case Check.IDENTITY:
            return source.identity is not None and source.identity.is_user
        case Check.LIVENESS:
            probability = source.live_probability
            return probability is not None and probability >= policy.min_live_probability
        case Check.PHONE:
            return source.phones == ()
        case _:
            return False


class _Comparison:
    """This frame held against one in which a check ran; each question is answered once."""

    def __init__(self, source: Observation, sight: Sight, policy: ReusePolicy) -> None:
        self._source = source
        self._searched = source.searched
        self._sight = sight
        self._policy = policy
        self._is_the_same_face = self._shows_the_same_face()
        # Kept by hand: cached_property of Python 3.11 has one lock for all clients.
        self._kept_changes: Changes | None = None
        self._kept_body: bool | None = None

    def lets_hold(self, check: Check) -> bool:
        """Whether what has changed since says nothing about this check."""
        if not self._is_the_same_face:
            return False
        if check is Check.PHONE:
            return self._changes_since_search().greatest_share <= self._policy.max_change
        if self._kept_body is None:
            self._kept_body = self._shows_the_same_body()
        return self._kept_body

    def part_to_search(self) -> SearchInPart | None:
        """Where phones have to be searched again; None where that is the whole picture."""
        if not self._is_the_same_face:
            return None
        before, changes = self._searched, self._changes_since_search()
        place = changes.place(self._policy.max_change)
        if place is None:
            return None
        # A phone that comes in slowly changes at its edge alone: the rest lies where it was just searched.
        place = place.joined_with(before.places)
        if place.share_of(before.thumbnail) > _MOST_SEARCHED_IN_PART:
            return None
        thumbnail = patched(before.thumbnail, self._sight.thumbnail, changes.gain, place)
        box = place.box(thumbnail, self._sight.size)
        return SearchInPart(box, SearchedPicture(thumbnail, before.since_s, (*before.places, place)))

    def _shows_the_same_face(self) -> bool:
        source, sight = self._source, self._sight
        if not _show_the_same_faces(source, sight, self._policy.min_overlap):
            return False
        before, now = source.face_samples, sight.face_samples
        if before is None:
            before = face_samples(source.thumbnail, source.faces[0].box, source.size)
        likeness = 0.0 if now is None else likeness_of_faces(before, now)
        return likeness >= self._policy.min_face_likeness

    def _shows_the_same_body(self) -> bool:
        most = max(self._policy.max_change, self._policy.max_body_change)
        before = self._source.thumbnail
        if before is self._searched.thumbnail:
            changes = self._changes_since_search()
        else:
            changes = self._changes_since(before)
        if changes.greatest_share <= most:
            return True
        moved_px = _motion_px(self._source.faces[0].box, self._sight.faces[0].box)
        if moved_px == (0.0, 0.0):
            return False
        return self._changes_since(before, moved_px).greatest_share <= most

    def _changes_since_search(self) -> Changes:
        if self._kept_changes is None:
            self._kept_changes = self._changes_since(self._searched.thumbnail)
        return self._kept_changes

    def _changes_since(self, before: Thumbnail, moved_px: tuple[float, float] = (0.0, 0.0)) -> Changes:
        boxes = [face.box for face in (*self._source.faces, *self._sight.faces)]
        return changes_between(before, self._sight.thumbnail, self._sight.size, boxes, moved_px)


def _motion_px(before: PixelBox, now: PixelBox) -> tuple[float, float]:
    right = now.left_px + now.right_px - before.left_px - before.right_px
    down = now.top_px + now.bottom_px - before.top_px - before.bottom_px
    return right / 2, down / 2
