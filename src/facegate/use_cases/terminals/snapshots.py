"""A second look at the picture that a terminal took: is it who the terminal says, and alive?"""

from facegate.domain.errors import InvalidInput
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.terminals.activity import ActivityKind, Scan, SnapshotCheck, SnapshotVerdict
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.identify_faces import IdentifyFaces, IdentifyFacesRequest
from facegate.use_cases.verify_face import VerifiedFace, VerifyFace, VerifyFaceRequest


class CheckSnapshot:
    """Looks at the largest face: whoever stands at a terminal fills its picture.

    The person is held against the owner of the record's number, and against the whole gallery.
    """

    def __init__(
        self,
        analysis: FaceAnalysis,
        gallery: Gallery,
        people: TerminalPeopleStore,
        liveness: LivenessPolicy | None,
    ) -> None:
        """`liveness` None asks for no such check."""
        self._verify = VerifyFace(analysis, gallery)
        self._identify = IdentifyFaces(analysis, gallery)
        self._people = people
        self._liveness = liveness

    def __call__(self, scan: Scan) -> SnapshotCheck:
        """What the picture shows; `failed` is a picture that cannot be read.

        Raises:
            InvalidInput: the scan has no picture.
            StoreFailed, EngineFailed, CapabilityMissing: the look could not be taken.
        """
        if scan.snapshot is None:
            raise InvalidInput("the scan has no picture")
        owner = None
        if scan.record.kind is ActivityKind.ATTENDANCE:
            owner = self._people.subject_of_number(scan.record.enroll_id)
        try:
            if owner is None:
                return self._without_claim(scan.record.kind, scan.snapshot)
            return self._against(owner, scan.snapshot)
        except InvalidInput:
            return SnapshotCheck(SnapshotVerdict.FAILED)

    def _against(self, owner: str, snapshot: bytes) -> SnapshotCheck:
        request = VerifyFaceRequest(snapshot, owner, max_faces=1, liveness=self._liveness)
        faces = self._verify(request).faces
        if not faces:
            return SnapshotCheck(SnapshotVerdict.NO_FACE)
        face = faces[0]
        similarity = _similarity(face)
        if face.is_live is False:
            verdict = SnapshotVerdict.NOT_LIVE
        elif face.is_claimed:
            verdict = SnapshotVerdict.CONFIRMED
        elif face.subject_id is not None:
            verdict = SnapshotVerdict.OTHER_PERSON
        elif face.verification is None:
            # Enrolled without a template of the model in use: no picture could ever confirm them.
            verdict = SnapshotVerdict.NOT_COMPARABLE
        else:
            verdict = SnapshotVerdict.STRANGER
        return SnapshotCheck(verdict, face.subject_id, similarity, face.live_probability)

    def _without_claim(self, kind: ActivityKind, snapshot: bytes) -> SnapshotCheck:
        """Nobody in the gallery has the number: it may still be told who stands there."""
        request = IdentifyFacesRequest(snapshot, max_candidates=1, only_largest=True, liveness=self._liveness)
        faces = self._identify(request).faces
        if not faces:
            return SnapshotCheck(SnapshotVerdict.NO_FACE)
        face = faces[0]
        candidates = face.identification.candidates
        similarity = candidates[0].similarity if candidates else None
        match = face.identification.match
        if face.is_live is False:
            verdict = SnapshotVerdict.NOT_LIVE
        elif match is None:
            verdict = SnapshotVerdict.STRANGER
        elif kind is ActivityKind.UNKNOWN_FACE:
            verdict = SnapshotVerdict.OTHER_PERSON
        else:
            # The terminal knows a number that we do not: neither right nor wrong.
            verdict = SnapshotVerdict.NOT_COMPARABLE
        return SnapshotCheck(
            verdict, None if match is None else match.subject_id, similarity, face.live_probability
        )


def _similarity(face: VerifiedFace) -> float | None:
    """To the person it is, or to the number's owner where it is nobody."""
    match = face.identification.match
    if not face.is_claimed and face.subject_id is not None and match is not None:
        return match.similarity
    return None if face.verification is None else face.verification.similarity
