"""Where packets come from and what decodes them: the one thing in which kinds of sources differ."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, TypeAlias

import av
from av.codec.context import Flags
from av.container import InputContainer

from facegate.adapters.av_video import faults
from facegate.domain.errors import FacegateError

if TYPE_CHECKING:
    VideoPacket: TypeAlias = av.Packet[av.VideoStream]
else:  # the stub is generic, the class is not
    VideoPacket = av.Packet

_MAX_PIXELS = 8192 * 8192
_MAX_FRAMES_PER_S = 240.0


class Feed(Protocol):
    """One open source; used on one thread."""

    @property
    def decoder(self) -> av.VideoCodecContext:
        """What the packets are for."""
        ...

    @property
    def decoded_by(self) -> str:
        """As StreamInfo tells it."""
        ...

    @property
    def frames_per_s(self) -> float | None:
        """As the source says; None where it says nothing that can be."""
        ...

    @property
    def is_recorded(self) -> bool:
        """A recording has an end and is read faster than it was made; a camera has neither."""
        ...

    @property
    def failure(self) -> FacegateError | None:
        """Why packets ended, where that is known better than FFmpeg knows it."""
        ...

    def packets(self) -> Iterator[VideoPacket]:
        """Until the end; may raise FFmpegError."""
        ...

    def close(self) -> None:
        """Never raises."""
        ...


class Carrier(Protocol):
    """What brings a container its bytes."""

    @property
    def failure(self) -> FacegateError | None:
        """Why it stopped."""
        ...

    def close(self) -> None:
        """Never raises."""
        ...


class ContainerFeed:
    """What FFmpeg demuxes: the first video stream, nothing else."""

    def __init__(
        self,
        container: InputContainer,
        carrier: Carrier | None = None,
        *,
        is_recorded: bool = False,
        decoded_by: str = "software",
    ) -> None:
        if not container.streams.video:
            raise faults.no_video()
        self._stream = container.streams.video[0]
        # None where FFmpeg has no decoder, whatever its types say.
        if getattr(self._stream, "codec_context", None) is None:
            raise faults.no_video()
        self._container = container
        self._carrier = carrier
        self.is_recorded = is_recorded
        self.decoded_by = decoded_by
        self.decoder = self._stream.codec_context
        prepare(self.decoder, is_live=not is_recorded)
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.frames_per_s = float(rate) if rate and 0 < rate <= _MAX_FRAMES_PER_S else None

    @property
    def failure(self) -> FacegateError | None:
        """Its carrier's."""
        return None if self._carrier is None else self._carrier.failure

    def packets(self) -> Iterator[VideoPacket]:
        """The last one is empty, which flushes the decoder."""
        return self._container.demux(self._stream)

    def close(self) -> None:
        """The container first: it may have last words for its carrier to bring."""
        self._container.close()
        if self._carrier is not None:
            self._carrier.close()


def prepare(decoder: av.VideoCodecContext, *, is_live: bool) -> None:
    """One thread for each stream: more would hold back frames, and eight cameras share the cores anyway."""
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(_MAX_PIXELS)}
    if is_live:
        decoder.flags |= Flags.low_delay


def probing(*, max_bytes: int, max_s: float) -> dict[str, str]:
    """Options that say how far FFmpeg reads before it tells what a stream is.

    The rate is what the stream says: counting frames would cost a second at each start.
    """
    return {
        "probesize": str(max_bytes),
        "analyzeduration": str(int(max_s * 1_000_000)),
        "fpsprobesize": "0",
        "max_pixels": str(_MAX_PIXELS),
    }
