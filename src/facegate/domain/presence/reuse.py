"""Which checks of an earlier frame still hold, because nothing has changed since they ran."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from facegate.domain.geometry import ImageSize, PixelBox
from facegate.domain.images import DetectedFace
from facegate.domain.presence.memory import RememberedFrame
from facegate.domain.presence.observation import Observation, Thumbnail
from facegate.domain.presence.thumbnails import change_between, likeness_of_faces
from facegate.domain.presence.verdicts import Check, CheckState

# A gap is also what a busy server leaves. With 2.5 and 5 s it did not find out of a start in which 150
# clients need every check at once, 3 to 6 s of work for two cores, since no track was ever unbroken.
_MAX_GAP_S = 10.0

REUSABLE_CHECKS = (Check.IDENTITY, Check.LIVENESS, Check.PHONE)
_ABOUT_THE_FACE = frozenset({Check.IDENTITY, Check.LIVENESS})


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


@dataclass(frozen=True, slots=True)
class Reuse:
    """The observation that each check may be taken from; `was_compared` says whether pictures were."""

    sources: Mapping[Check, Observation] = field(default_factory=dict)
    was_compared: bool = False


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
        if sight.at_s - source.at_s < policy.age_limit_s(client_id, source.at_s):
            candidates[check] = source
    compared = {id(source): source for source in candidates.values()}
    holding = {key: _unchanged_for(source, sight, policy) for key, source in compared.items()}
    sources = {check: source for check, source in candidates.items() if check in holding[id(source)]}
    return Reuse(sources, was_compared=bool(compared))


def may_hold(client_id: str, at_s: float, past: Sequence[RememberedFrame], policy: ReusePolicy) -> bool:
    """Whether all checks ran so recently that they could be reused now, whatever the picture shows."""
    ran_at_s: dict[Check, float] = {}
    for frame in reversed(past):
        for check in REUSABLE_CHECKS:
            if check not in ran_at_s and frame.observation.checks.get(check) is CheckState.RAN:
                ran_at_s[check] = frame.observation.at_s
        if len(ran_at_s) == len(REUSABLE_CHECKS):
            break
    return bool(ran_at_s) and all(
        at_s - time_s < policy.age_limit_s(client_id, time_s) for time_s in set(ran_at_s.values())
    )


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


def _unchanged_for(source: Observation, sight: Sight, policy: ReusePolicy) -> frozenset[Check]:
    """The checks that what has changed since the source says nothing about."""
    if not _show_the_same_faces(source, sight, policy.min_overlap):
        return frozenset()
    before, now = source.faces[0].box, sight.faces[0].box
    likeness = likeness_of_faces(source.thumbnail, before, sight.thumbnail, now, sight.size)
    if likeness < policy.min_face_likeness:
        return frozenset()
    boxes = [face.box for face in (*source.faces, *sight.faces)]
    change = change_between(source.thumbnail, sight.thumbnail, sight.size, excluded=boxes)
    if change <= policy.max_change:
        return frozenset(REUSABLE_CHECKS)
    moved_px = _motion_px(before, now)
    if change > policy.max_body_change and moved_px != (0.0, 0.0):
        change = change_between(source.thumbnail, sight.thumbnail, sight.size, boxes, moved_px)
    return _ABOUT_THE_FACE if change <= policy.max_body_change else frozenset()


def _motion_px(before: PixelBox, now: PixelBox) -> tuple[float, float]:
    right = now.left_px + now.right_px - before.left_px - before.right_px
    down = now.top_px + now.bottom_px - before.top_px - before.bottom_px
    return right / 2, down / 2
