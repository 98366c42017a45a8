"""What is known of the connection to a camera, and how that changes."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

from facegate.domain.cameras.status import CameraState, VideoFault

_SENTENCES = {
    VideoFault.UNREACHABLE: "the camera cannot be reached",
    VideoFault.TIMED_OUT: "the camera did not answer in time",
    VideoFault.UNAUTHORIZED: "the camera refuses the user or the password",
    VideoFault.NOT_FOUND: "the camera has nothing under this path",
    VideoFault.UNSUPPORTED: "the video cannot be decoded",
    VideoFault.BROKEN: "the stream holds no readable pictures",
    VideoFault.FROZEN: "the picture has not changed for too long",
    VideoFault.ENDED: "the stream has ended",
    VideoFault.REFUSED: "the address may not be used",
    VideoFault.INTERNAL: "something unforeseen went wrong; the log says more",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there are no pictures, in a word and a sentence without secrets."""

    fault: VideoFault
    sentence: str = ""

    @property
    def words(self) -> str:
        """The sentence, or what the fault means where there is none."""
        return self.sentence or _SENTENCES[self.fault]


def failure_of(fault: str, sentence: str, source: str) -> Failure:
    """A failure that was told, without its sentence where that repeats the address or the password."""
    known = VideoFault(fault) if fault in set(VideoFault) else VideoFault.INTERNAL
    return Failure(known, "" if any(secret in sentence for secret in _secrets_of(source)) else sentence)


def _secrets_of(source: str) -> list[str]:
    try:
        password, query = urlsplit(source).password or "", urlsplit(source).query
    except ValueError:
        return [source]
    return [secret for secret in (source, password, unquote(password), query) if secret]


@dataclass(frozen=True, slots=True)
class Connection:
    """A state since when, with the reason where it is not a good one."""

    state: CameraState
    since: datetime
    fault: VideoFault | None = None
    trouble: str = ""
    next_attempt_at: datetime | None = None

    def trying(self, at: datetime) -> "Connection":
        """An attempt begins. A camera that was down stays so until pictures come: it would flicker."""
        if self.state in (CameraState.DOWN, CameraState.FROZEN):
            return replace(self, next_attempt_at=None)
        return self.become(CameraState.CONNECTING, at)

    def lost(
        self, failure: Failure, at: datetime, *, gave_pictures: bool, next_attempt_at: datetime | None
    ) -> "Connection":
        """The attempt or the stream ended. One that fell silent is frozen until a new attempt says more."""
        is_silent = gave_pictures and failure.fault is VideoFault.TIMED_OUT
        state = CameraState.FROZEN if is_silent else CameraState.DOWN
        return replace(self.become(state, at, failure), next_attempt_at=next_attempt_at)

    def become(self, state: CameraState, at: datetime, failure: Failure | None = None) -> "Connection":
        """This state, since now or, if it is the same, since it began."""
        return Connection(
            state,
            self.since if state is self.state else at,
            None if failure is None else failure.fault,
            "" if failure is None else failure.words,
        )
