"""One frame of one workstation: look, hold against the last seconds, decide."""

import hashlib
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from facegate.domain.errors import SubjectNotFound
from facegate.domain.images import DetectedFace, DetectedPhone, Frame, SmallLook
from facegate.domain.presence.identity_cues import IdentityLimits, identity_cues
from facegate.domain.presence.observation import Observation, SeenIdentity
from facegate.domain.presence.picture_cues import PictureLimits, picture_cues
from facegate.domain.presence.policy import PresencePolicy, decide
from facegate.domain.presence.reuse import REUSABLE_CHECKS, Reuse, ReusePolicy, Sight, may_hold, reusable
from facegate.domain.presence.thumbnails import thumbnail_of
from facegate.domain.presence.verdicts import Check, CheckState, Verdict
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.watches import Glanced, Watch, Watches

TINY_BELOW_PX = 16

_GLANCE_PX = 320

_CHECK_OF_MODEL = {"liveness": Check.LIVENESS, "phones": Check.PHONE}
_CAN_BE_MISSING = frozenset(_CHECK_OF_MODEL.values())


@dataclass(frozen=True, slots=True)
class PresenceLimits:
    """The thresholds of all findings."""

    identity: IdentityLimits = field(default_factory=IdentityLimits)
    picture: PictureLimits = field(default_factory=PictureLimits)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class JudgeFrameRequest:
    """An encoded picture of a client's camera; `arrived_s` is monotonic."""

    client_id: str
    encoded: bytes
    arrived_s: float


@dataclass(frozen=True, slots=True, eq=False)
class JudgedFrame:
    """The verdict with what it rests on.

    Boxes of the observation are in pixels of its own `size`; `frame` is smaller where a glance was enough and
    nothing was wrong.
    """

    verdict: Verdict
    observation: Observation
    frame: Frame


class JudgeFrame:
    """Judges frames of all clients, several at once, those of one client one after the other."""

    def __init__(
        self,
        analysis: FaceAnalysis,
        gallery: Gallery,
        policy: PresencePolicy,
        limits: PresenceLimits,
        reuse: ReusePolicy,
        allow_missing: frozenset[Check] = frozenset(),
    ) -> None:
        """`allow_missing` are checks that may be missing: liveness, phone or both.

        Raises:
            ValueError: another check is to be allowed to be missing.
        """
        if others := sorted(allow_missing - _CAN_BE_MISSING):
            raise ValueError(f"there is no presence check without {', '.join(others)}")
        self._analysis = analysis
        self._gallery = gallery
        self._policy = policy
        self._identity_limits = replace(limits.identity, allow_missing=allow_missing)
        self._picture_limits = limits.picture
        self._reuse = replace(reuse, min_live_probability=limits.picture.min_live_probability)
        missing = {_CHECK_OF_MODEL[name] for name in analysis.missing_checks}
        self._needed = frozenset(REUSABLE_CHECKS) - missing
        self._unmet = tuple(sorted(missing - allow_missing))
        self._watches = Watches()

    @property
    def unmet_checks(self) -> tuple[Check, ...]:
        """Checks that can neither run nor be left out: every face is a violation as long as there are any."""
        return self._unmet

    @property
    def watched_count(self) -> int:
        """How many clients something is kept of."""
        return len(self._watches)

    def is_tiny(self, encoded: bytes) -> bool:
        """Whether the picture has less than 16 px on either side: such a first frame only logs in.

        Told from the header: the contract's own example, 1 x 1, has broken pixels.

        Raises:
            InvalidInput: it is no picture.
        """
        size = self._analysis.measure(encoded)
        return max(size.width_px, size.height_px) < TINY_BELOW_PX

    def __call__(self, request: JudgeFrameRequest) -> JudgedFrame:
        """The verdict on this frame. A frame that raises leaves no trace in what is kept of the client.

        Raises:
            InvalidInput: the picture cannot be read.
            EngineFailed: the runtime broke.
        """
        watch = self._watches.of(request.client_id, request.arrived_s)
        with watch.lock:
            frame = self._analysis.decode(request.encoded)
            past = watch.memory.frames(request.arrived_s)
            glanced, watch.glanced = watch.glanced, None
            if glanced is None or glanced.request() is not request or glanced.sight.size != frame.size:
                faces = tuple(self._analysis.find_faces(frame))
                sight = Sight(request.arrived_s, frame.size, faces, thumbnail_of(frame.pixels_rgb))
                reuse = reusable(request.client_id, sight, past, self._reuse)
                return self._decided(request, frame, sight, reuse, watch)
            sight, reuse = glanced.sight, glanced.reuse
            if not self._needs_phones_alone(reuse):
                # Landmarks have to be exact where a face is embedded.
                seen = SmallLook(sight.faces, glanced.scale)
                sight = replace(sight, faces=tuple(self._analysis.find_faces(frame, seen)))
                reuse = reusable(request.client_id, sight, past, self._reuse)
            return self._decided(request, frame, sight, reuse, watch)

    def glance(self, request: JudgeFrameRequest) -> JudgedFrame | None:
        """The verdict from a small picture, if that is enough to see that every check still holds; else None.

        The detector looks at so small a picture first anyway, and landmarks need not be exact where no face
        is embedded. It takes a tenth of the time of all checks; callers let it go before full looks, so
        that users who are known to be there do not wait behind those who have to be looked at in full.

        Raises:
            InvalidInput: the picture cannot be read.
            EngineFailed: the runtime broke.
        """
        if self._reuse.max_age_s <= 0.0:
            return None
        watch = self._watches.of(request.client_id, request.arrived_s)
        with watch.lock:
            watch.glanced = None
            past = watch.memory.frames(request.arrived_s)
            if not may_hold(request.client_id, request.arrived_s, past, self._reuse):
                return None
            frame = self._analysis.decode(request.encoded, _GLANCE_PX)
            size = past[-1].observation.size
            scale = size.width_px / frame.size.width_px
            if abs(scale * frame.size.height_px - size.height_px) > scale:
                return None
            faces = tuple(face.scaled(scale) for face in self._analysis.find_faces(frame))
            sight = Sight(request.arrived_s, size, faces, thumbnail_of(frame.pixels_rgb))
            reuse = reusable(request.client_id, sight, past, self._reuse)
            if not self._needed <= reuse.sources.keys():
                watch.glanced = Glanced(weakref.ref(request), sight, 1.0 / scale, reuse)
                return None
            return self._decided(request, frame, sight, reuse, watch)

    def _needs_phones_alone(self, reuse: Reuse) -> bool:
        return self._needed - reuse.sources.keys() <= {Check.PHONE}

    def _decided(
        self, request: JudgeFrameRequest, frame: Frame, sight: Sight, reuse: Reuse, watch: Watch
    ) -> JudgedFrame:
        """Checked where nothing holds, held against the frames before, decided and remembered."""
        observation = self._observation(request, frame, sight, reuse)
        past = watch.memory.past(request.arrived_s)
        cues = [
            *identity_cues(observation, past, self._identity_limits),
            *picture_cues(observation, past, self._picture_limits),
        ]
        verdict = decide(request.client_id, cues, watch.memory, self._policy, observation)
        watch.memory.remember(observation, frozenset(cue.finding.reason for cue in cues))
        if verdict.is_violation and frame.size != observation.size:
            # Evidence is the picture as it was sent.
            frame = self._analysis.decode(request.encoded)
        return JudgedFrame(verdict, observation, frame)

    def forget(self, client_id: str) -> None:
        """Drops what is kept of the client: its next frame is its first."""
        self._watches.forget(client_id)

    def _observation(
        self, request: JudgeFrameRequest, frame: Frame, sight: Sight, reuse: Reuse
    ) -> Observation:
        faces, in_part = sight.faces, reuse.phones_in_part
        identity, identity_state = self._identity(request.client_id, frame, faces, reuse)
        live_probability, liveness_state = self._liveness(frame, faces, reuse)
        phones, phone_state = self._phones(frame, faces, reuse)
        return Observation(
            at_s=request.arrived_s,
            size=sight.size,
            faces=faces,
            thumbnail=sight.thumbnail,
            face_samples=sight.face_samples,
            encoded_sha256=hashlib.sha256(request.encoded).digest(),
            identity=identity,
            live_probability=live_probability,
            phones=phones,
            checks={
                Check.FACE: CheckState.RAN,
                Check.CHANGE: CheckState.RAN if reuse.was_compared else CheckState.NOT_NEEDED,
                Check.IDENTITY: identity_state,
                Check.LIVENESS: liveness_state,
                Check.PHONE: phone_state,
            },
            searched_in_part=None if in_part is None else in_part.searched,
        )

    def _identity(
        self, client_id: str, frame: Frame, faces: Sequence[DetectedFace], reuse: Reuse
    ) -> tuple[SeenIdentity | None, CheckState]:
        """The largest face against the user and against everybody; missing for a user without a template."""
        if not faces:
            return None, CheckState.NOT_NEEDED
        if (source := reuse.sources.get(Check.IDENTITY)) is not None:
            return source.identity, CheckState.REUSED
        judged = self._analysis.judge(frame, faces[0])
        template = self._analysis.embed([judged])[0]
        try:
            verification = self._gallery.verify(client_id, template)
        except SubjectNotFound:
            verification = None
        if verification is None:
            return None, CheckState.MISSING
        match = self._gallery.identify(template, max_candidates=1).match
        seen = SeenIdentity(
            is_user=verification.is_match,
            similarity=verification.similarity,
            min_similarity=verification.min_similarity,
            best_subject_id=None if match is None else match.subject_id,
            best_similarity=None if match is None else match.similarity,
            quality=judged.quality.quality,
            false_match_rate=verification.false_match_rate,
        )
        return seen, CheckState.RAN

    def _liveness(
        self, frame: Frame, faces: Sequence[DetectedFace], reuse: Reuse
    ) -> tuple[float | None, CheckState]:
        if "liveness" in self._analysis.missing_checks:
            return None, CheckState.MISSING
        if not faces:
            return None, CheckState.NOT_NEEDED
        if (source := reuse.sources.get(Check.LIVENESS)) is not None:
            return source.live_probability, CheckState.REUSED
        return self._analysis.live_probability(frame, faces[0]), CheckState.RAN

    def _phones(
        self, frame: Frame, faces: Sequence[DetectedFace], reuse: Reuse
    ) -> tuple[tuple[DetectedPhone, ...] | None, CheckState]:
        """Without a face too: a phone may hide it."""
        if "phones" in self._analysis.missing_checks:
            return None, CheckState.MISSING
        if (source := reuse.sources.get(Check.PHONE)) is not None:
            return source.phones, CheckState.REUSED
        place = None if reuse.phones_in_part is None else reuse.phones_in_part.place
        found = self._analysis.find_phones(frame, faces, place)
        if found and place is not None:  # the part may have cut it off
            found = self._analysis.find_phones(frame, faces) or found
        return tuple(found), CheckState.RAN
