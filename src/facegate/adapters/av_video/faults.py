"""What went wrong, in the words of the domain. No sentence holds an address."""

import av.error

from facegate.domain.cameras.status import VideoFault
from facegate.domain.errors import CameraFailed, FacegateError

_BY_STATUS = {
    401: (VideoFault.UNAUTHORIZED, "the camera refuses the user or the password"),
    403: (VideoFault.UNAUTHORIZED, "the camera does not allow this user to watch"),
    404: (VideoFault.NOT_FOUND, "the camera has no stream under this path"),
    410: (VideoFault.NOT_FOUND, "the camera has no stream under this path any more"),
    415: (VideoFault.UNSUPPORTED, "the camera has nothing that can be read here"),
    # Only video is asked for: where there is none, no session is begun and playing finds none.
    454: (VideoFault.UNSUPPORTED, "there is no video in this stream"),
    461: (VideoFault.UNSUPPORTED, "the camera does not send over this transport: try the other one"),
}

_BY_ERROR: tuple[tuple[type[Exception], VideoFault, str], ...] = (
    (av.error.FileNotFoundError, VideoFault.NOT_FOUND, "there is no such file or device"),
    (av.error.PermissionError, VideoFault.NOT_FOUND, "the server's user may not read this"),
    (av.error.DecoderNotFoundError, VideoFault.UNSUPPORTED, "the video's codec is not known here"),
    (av.error.DemuxerNotFoundError, VideoFault.UNSUPPORTED, "this kind of video is not known here"),
    (av.error.TimeoutError, VideoFault.TIMED_OUT, "no picture came in time"),
    (av.error.ExitError, VideoFault.TIMED_OUT, "no picture came in time"),
    (av.error.ConnectionRefusedError, VideoFault.UNREACHABLE, "the camera cannot be reached"),
)


def of_status(status: int) -> CameraFailed:
    """An answer of 400 or more, of RTSP or HTTP."""
    fault, sentence = _BY_STATUS.get(
        status, (VideoFault.UNREACHABLE, f"the camera answers with the error {status}")
    )
    return CameraFailed(sentence, fault=fault)


def of_error(error: Exception) -> CameraFailed:
    """What FFmpeg says; its own words may hold the address, so they are not repeated."""
    for kind, fault, sentence in _BY_ERROR:
        if isinstance(error, kind):
            return CameraFailed(sentence, fault=fault)
    return broken()


def broken() -> CameraFailed:
    """Bytes come, pictures do not."""
    return CameraFailed("no picture can be made of what the camera sends", fault=VideoFault.BROKEN)


def no_video() -> CameraFailed:
    """A stream of sound, or of a codec that is not known."""
    return CameraFailed("there is no video here that can be decoded", fault=VideoFault.UNSUPPORTED)


def ended() -> CameraFailed:
    """A file is over."""
    return CameraFailed("the video has come to its end", fault=VideoFault.ENDED)


def hung_up() -> CameraFailed:
    """A camera has no end, so one that ends its stream is away."""
    return CameraFailed("the camera ended the connection", fault=VideoFault.UNREACHABLE)


def again(error: FacegateError) -> FacegateError:
    """The same error, newly made: what is kept, or has a name where it is raised, must not be raised itself.

    Its traceback would hold that place, and the place the error: a circle that keeps a decoder's 8 MB until
    the garbage collector's next full round, which in a server with a large gallery is seldom.
    """
    if isinstance(error, CameraFailed):
        return CameraFailed(error.message, fault=error.fault)
    return type(error)(error.message)
