"""Watching one camera: faces become tracks, tracks become people, people become visits."""

import logging
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from facegate.domain.cameras.appearance import Likeness
from facegate.domain.cameras.camera import Camera
from facegate.domain.cameras.face_turns import choose_faces
from facegate.domain.cameras.motion import MotionGate
from facegate.domain.cameras.people_in_view import FaceReading, PeopleInView, PersonInView
from facegate.domain.cameras.visit_book import VisitBook
from facegate.domain.cameras.visits import VisitChange, VisitShot
from facegate.domain.errors import FacegateError, StoreFailed
from facegate.domain.images import DetectedFace, Frame
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.matching import Band
from facegate.domain.subjects import STRANGER_ID
from facegate.ports.cameras.frame_drawer import DrawnBox
from facegate.ports.cameras.video_source import GrabbedFrame, LumaPixels
from facegate.use_cases.cameras.face_reader import FaceReader
from facegate.use_cases.cameras.fault_log import FaultLog
from facegate.use_cases.cameras.watching import Look
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery

logger = logging.getLogger(__name__)

MAX_SHOT_SIDE_PX = 1280
OPEN_LABEL = "?"

_MAX_FACES = 64
_LOST_AFTER_S, _LOST_AFTER_LOOKS = 1.5, 2.5
_LOOK_AT_LEAST_EVERY_S = 3.0
"""Whatever the motion gate says: somebody may have come in unnoticed, or stood still from the beginning."""

_BETTER_SHOT_TIMES = 1.1
_LARGE_FACE_SHARE = 0.25
"""Of the picture's height; a larger face makes no better picture."""

_SHOTS_OF_UNDECIDED = 6
"""So many people who have no visit yet may have a picture kept, 2.8 MB each."""


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """One grabbed frame with what was found in it: faces as seen, and in pixels of the whole picture."""

    grabbed: GrabbedFrame
    frame: Frame
    found: list[DetectedFace]
    faces: list[DetectedFace]

    def whole(self) -> Frame:
        """The picture in full; converted when first asked for at that size."""
        return self.frame if self.frame.size == self.grabbed.size else self.grabbed.picture()


class FaceWatcher:
    """The CameraWatcher that recognises. What it keeps is bounded, however many faces are in view.

    A person who is deleted from the gallery is nobody from the next look on: their name is neither shown nor
    told, and their visit ends as nobody's.
    """

    def __init__(
        self,
        camera: Camera,
        analysis: FaceAnalysis,
        gallery: Gallery,
        liveness_policy: LivenessPolicy | None = None,
    ) -> None:
        """The policy counts where the camera checks liveness; None is the usual one."""
        self._watch = camera.watch
        self._analysis = analysis
        self._gallery = gallery
        self._reader = FaceReader(analysis, gallery, camera.watch, liveness_policy)
        likeness = Likeness.by(gallery.policy.curve)
        lost_after_s = max(_LOST_AFTER_S, _LOST_AFTER_LOOKS / camera.watch.frames_per_s)
        self._people = PeopleInView(likeness, camera.watch.votes_needed, lost_after_s)
        leave_after_s = max(camera.watch.leave_after_s, _LOST_AFTER_LOOKS / camera.watch.frames_per_s)
        self._book = VisitBook(camera.camera_id, leave_after_s, likeness.join_from)
        self._gate = MotionGate(camera.watch.zone)
        self._name_faults = FaultLog(logger, f"camera {camera.camera_id}: asking for names")
        self._look_every_s = min(_LOOK_AT_LEAST_EVERY_S, camera.watch.leave_after_s / 2)
        # Written by whoever looks, read by the thread that reads the camera: single numbers, never torn.
        self._looked_s = -math.inf
        self._tracked_until_s = -math.inf
        self._blind_since_s: float | None = None

    def is_moving(self, luma: LumaPixels, at_s: float) -> bool:
        """Whether the frame is worth a look: something moved lately, a person is there, or it is time."""
        if not self._watch.has_motion_gate:
            return True
        has_moved = self._gate.is_open(luma, at_s)
        return has_moved or at_s <= self._tracked_until_s or at_s - self._looked_s >= self._look_every_s

    def look(self, grabbed: GrabbedFrame, at: datetime, at_s: float) -> Look:
        """Finds, follows and names the people of this frame.

        Raises:
            EngineFailed, CapabilityMissing: a check could not run; never to be read as "nobody".
        """
        self._looked_s = at_s
        try:
            look = self._look(grabbed, at, at_s)
        except FacegateError:
            # Not being able to look is not "nobody was there": until the next look that works no visit ends.
            self._blind_since_s = at_s if self._blind_since_s is None else self._blind_since_s
            raise
        self._blind_since_s = None
        return look

    def _look(self, grabbed: GrabbedFrame, at: datetime, at_s: float) -> Look:
        self._reader.require()
        picture = self._find(grabbed)
        seen = self._people.see([face.box for face in picture.faces], at, at_s)
        self._tracked_until_s = self._people.alive_until_s()
        readings = self._read(picture, seen, at_s)
        seen = self._people.read(seen, readings, at, at_s)
        self._take_shots(picture, seen, readings, at)
        if self._blind_since_s is not None:
            self._book.postpone(at_s - self._blind_since_s)
            self._blind_since_s = at_s
        names = self._known_names(self._book.subjects_to_tell(seen, at_s))
        changes = self._book.update(seen, at, at_s)
        boxes = tuple(
            self._drawn(face, person, names) for face, person in zip(picture.found, seen, strict=True)
        )
        return Look(picture.frame, boxes, len(seen), tuple(changes))

    def pass_time(self, at: datetime, at_s: float) -> tuple[VisitChange, ...]:
        """Time went by without a frame to look at: visits may end."""
        if self._blind_since_s is not None:
            return ()
        self._people.pass_time(at_s)
        self._known_names(self._book.subjects_to_tell((), at_s))
        return tuple(self._book.pass_time(at_s))

    def end(self, at: datetime) -> tuple[VisitChange, ...]:
        """Ends every visit; the watcher is not used any more."""
        self._known_names(self._book.subjects_to_tell((), math.inf))
        return tuple(self._book.end_all())

    def _find(self, grabbed: GrabbedFrame) -> _Picture:
        """The faces that count: in the zone, and large enough in the camera's own pixels."""
        frame = grabbed.picture(self._watch.detection_side_px)
        zone, size = self._watch.zone, grabbed.size
        scale = size.width_px / max(1, frame.size.width_px)
        found: list[DetectedFace] = []
        faces: list[DetectedFace] = []
        for face in self._analysis.find_faces(frame):
            whole = face.scaled(scale)
            is_in_zone = zone is None or zone.holds_centre_of(whole.box, size)
            if is_in_zone and whole.box.height_px >= self._watch.min_face_px and len(faces) < _MAX_FACES:
                found.append(face)
                faces.append(whole)
        return _Picture(grabbed, frame, found, faces)

    def _read(self, picture: _Picture, seen: Sequence[PersonInView], at_s: float) -> list[FaceReading | None]:
        """A reading for those whose turn it is."""
        chosen = choose_faces(seen, picture.faces, at_s)
        readings: list[FaceReading | None] = [None] * len(seen)
        if not chosen:
            return readings
        read = self._reader.read(picture.whole(), [picture.faces[number] for number in chosen], at_s)
        for number, reading in zip(chosen, read, strict=True):
            seen[number].read_s = at_s
            readings[number] = reading
        return readings

    def _take_shots(
        self,
        picture: _Picture,
        seen: Sequence[PersonInView],
        readings: Sequence[FaceReading | None],
        at: datetime,
    ) -> None:
        """Keeps this picture of those of whom it is the best so far; made once for all of them."""
        shot_frame: Frame | None = None
        for person, reading in zip(seen, readings, strict=True):
            if reading is None or person.track.is_doubtful or not self._may_have_shot(person):
                continue
            share = reading.box.height_px / max(1, picture.grabbed.size.height_px)
            score = reading.quality * math.sqrt(min(1.0, share / _LARGE_FACE_SHARE))
            if score <= _BETTER_SHOT_TIMES * self._book.shot_score(person):
                continue
            shot_frame = shot_frame or _shot_frame(picture)
            scale = shot_frame.size.width_px / max(1, picture.grabbed.size.width_px)
            box = reading.box.scaled(scale).clipped_to(shot_frame.size)
            person.shot, person.shot_score = VisitShot(shot_frame, box, reading.quality, at), score

    def _may_have_shot(self, person: PersonInView) -> bool:
        if person.verdict is not None or person.shot is not None:
            return True
        return sum(other.shot is not None for other in self._people.people) < _SHOTS_OF_UNDECIDED

    def _known_names(self, subject_ids: Collection[str]) -> Mapping[str, str]:
        """Names by id. Who is in the gallery no more is forgotten here.

        Asked at every look, not remembered: a query takes 0.1 ms, and a name that was deleted must not be
        told by anybody. While the store is away ids stand for names and visits go on: nobody can be deleted
        then, and what is told is held against the gallery once more when it is stored.
        """
        try:
            subjects = {subject_id: self._gallery.find_subject(subject_id) for subject_id in subject_ids}
        except StoreFailed as error:
            self._name_faults.failed(error)
            return {subject_id: subject_id for subject_id in subject_ids}
        if subject_ids:
            self._name_faults.went_well()
        names = {}
        for subject_id, subject in subjects.items():
            if subject is None:
                self._people.forget_subject(subject_id)
                self._book.forget_subject(subject_id)
            else:
                names[subject_id] = subject.display_name or subject_id
        return names

    def _drawn(self, face: DetectedFace, person: PersonInView, names: Mapping[str, str]) -> DrawnBox:
        verdict = person.verdict
        if verdict is None:
            return DrawnBox(face.box, OPEN_LABEL)
        subject_id = self._book.subject_of(person)
        if subject_id is not None and subject_id in names:
            return DrawnBox(face.box, names[subject_id], Band.MATCH)
        return DrawnBox(face.box, STRANGER_ID, verdict.band)


def _shot_frame(picture: _Picture) -> Frame:
    """The whole picture as it is sent: no side longer than 1280 px."""
    size, frame = picture.grabbed.size, picture.frame
    wanted_px = min(MAX_SHOT_SIDE_PX, max(size.width_px, size.height_px))
    has_that_size = max(frame.size.width_px, frame.size.height_px) == wanted_px
    return frame if has_that_size else picture.grabbed.picture(MAX_SHOT_SIDE_PX)
