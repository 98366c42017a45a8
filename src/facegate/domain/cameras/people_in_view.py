"""The people in a camera's view: each a track, what its faces said, and how it looks.

Places and motion make a guess which face is whose; a face that does not look like its track's is taken out of
it, so that two people who cross do not take each other's names with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from facegate.domain.cameras.appearance import Appearance, Likeness
from facegate.domain.cameras.tracking import FaceTracker, Track
from facegate.domain.cameras.visits import VisitShot
from facegate.domain.cameras.votes import FaceVote, TrackVotes, Verdict
from facegate.domain.geometry import PixelBox
from facegate.domain.templates import Template


@dataclass(slots=True, eq=False)
class PersonInView:
    """One track with all that is known of it. `read_s` is when a face of it was last looked at closely.

    `best_quality` is that of its best face so far, `shot` its best picture until its visit takes that over.
    """

    track: Track
    votes: TrackVotes
    appearance: Appearance
    began_at: datetime
    read_s: float | None = None
    best_quality: float = 0.0
    shot: VisitShot | None = field(default=None, repr=False)
    shot_score: float = 0.0

    @property
    def verdict(self) -> Verdict | None:
        """Who it is, as far as that is known and the face now in its place is not in doubt."""
        return None if self.track.is_doubtful else self.votes.verdict

    @property
    def is_settled(self) -> bool:
        """Whether nothing speaks for another look at once."""
        return self.votes.is_settled and not self.track.is_doubtful


@dataclass(frozen=True, slots=True, eq=False)
class FaceReading:
    """What the engine made of the face of one box."""

    box: PixelBox
    quality: float
    template: Template
    vote: FaceVote


class PeopleInView:
    """All of one camera. Times in seconds are monotonic."""

    def __init__(self, likeness: Likeness, votes_needed: int, lost_after_s: float = 1.5) -> None:
        self._likeness = likeness
        self._votes_needed = votes_needed
        self._tracker = FaceTracker(lost_after_s)
        self._people: dict[int, PersonInView] = {}

    @property
    def people(self) -> tuple[PersonInView, ...]:
        """Those in view and those that were a moment ago."""
        return tuple(self._people.values())

    def alive_until_s(self) -> float:
        """Until when somebody is tracked, if no face is seen any more."""
        seen_s = max((person.track.seen_s for person in self._people.values()), default=float("-inf"))
        return seen_s + self._tracker.lost_after_s

    def pass_time(self, at_s: float) -> None:
        """Forgets who was not seen for too long."""
        for track in self._tracker.drop_lost(at_s):
            self._people.pop(track.track_id, None)

    def see(self, boxes: Sequence[PixelBox], at: datetime, at_s: float) -> list[PersonInView]:
        """The person of each box, in order, as place and motion say."""
        self.pass_time(at_s)
        return [self._person(track, at) for track in self._tracker.assign(boxes, at_s)]

    def read(
        self, seen: Sequence[PersonInView], readings: Sequence[FaceReading | None], at: datetime, at_s: float
    ) -> list[PersonInView]:
        """The person of each box once faces were looked at; their votes are counted.

        `seen` is what `see` gave, with a reading for each that was looked at. A face that fits its track
        counts for it. One that does not goes to whose track it does fit, or begins another.
        """
        people = list(seen)
        misplaced = [
            number
            for number, (person, reading) in enumerate(zip(seen, readings, strict=True))
            if reading is not None and not self._takes(person, reading)
        ]
        for number in misplaced:
            self._leave(seen[number])
        in_place = {id(person) for number, person in enumerate(seen) if number not in misplaced}
        free = [person for person in self._people.values() if id(person) not in in_place]
        for number in misplaced:
            reading = readings[number]
            if reading is not None:
                people[number] = self._rehoused(reading, free, at, at_s)
        return people

    def forget_subject(self, subject_id: str) -> None:
        """The person was deleted from the gallery: nobody is them any more."""
        for person in self._people.values():
            person.votes.forget(subject_id)

    def _takes(self, person: PersonInView, reading: FaceReading) -> bool:
        """Counts the reading for the person whose box it is, unless it looks like somebody else.

        A single face that does not fit a track which nothing else speaks against is not counted, and the
        track is in doubt until the next one: faces are blurred and turned at times.
        """
        similarity = person.appearance.similarity(reading.template)
        if similarity is None:
            return self._came_back(person, reading) is None and self._count(person, reading)
        if similarity < self._likeness.other_below:
            was_doubtful = person.track.is_doubtful
            person.track.is_doubtful = True
            return not was_doubtful
        if similarity < self._likeness.same_from and person.track.is_doubtful:
            return True
        return self._count(person, reading)

    def _came_back(self, person: PersonInView, reading: FaceReading) -> PersonInView | None:
        """Whose face this first one of a track is, if somebody is missing who looks the same."""
        missing = [other for other in self._people.values() if other.track.seen_s < person.track.seen_s]
        return self._closest(reading, missing)

    def _leave(self, person: PersonInView) -> None:
        """The face in its place is not its own; a track that never had one is none."""
        if person.votes.count == 0:
            self._tracker.drop(person.track)
            del self._people[person.track.track_id]
        else:
            self._tracker.put_back(person.track)

    def _count(self, person: PersonInView, reading: FaceReading) -> bool:
        person.track.is_doubtful = False
        person.appearance.add(reading.quality, reading.template)
        person.votes.add(reading.vote)
        person.best_quality = max(person.best_quality, reading.quality)
        return True

    def _rehoused(
        self, reading: FaceReading, free: list[PersonInView], at: datetime, at_s: float
    ) -> PersonInView:
        home = self._closest(reading, free)
        if home is None:
            home = self._person(self._tracker.begin(reading.box, at_s), at)
        else:
            free.remove(home)
            self._tracker.adopt(home.track, reading.box, at_s)
        home.read_s = at_s
        self._count(home, reading)
        return home

    def _closest(self, reading: FaceReading, people: Sequence[PersonInView]) -> PersonInView | None:
        own = Appearance(self._likeness.metric)
        own.add(reading.quality, reading.template)
        found = own.most_alike([person.appearance for person in people], self._likeness.join_from)
        return None if found is None else people[found]

    def _person(self, track: Track, at: datetime) -> PersonInView:
        person = self._people.get(track.track_id)
        if person is None:
            appearance = Appearance(self._likeness.metric)
            person = PersonInView(track, TrackVotes(self._votes_needed), appearance, at)
            self._people[track.track_id] = person
        return person
