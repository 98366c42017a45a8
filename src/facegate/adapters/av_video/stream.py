"""An open stream: packets in, decoded frames out, one at a time and never for longer than allowed."""

from collections import deque
from collections.abc import Iterator

import av
import av.error

from facegate.adapters.av_video import faults
from facegate.adapters.av_video.decoding_devices import SOFTWARE
from facegate.adapters.av_video.feeds import Feed, VideoPacket
from facegate.adapters.av_video.frames import AvGrabbedFrame
from facegate.adapters.av_video.pace import Pace
from facegate.adapters.av_video.patience import Patience
from facegate.domain.cameras.status import StreamInfo, VideoFault
from facegate.domain.errors import CameraFailed, FacegateError

_MAX_BAD_IN_A_ROW = 50
"""Packets without a picture, two seconds of most cameras."""

_DOWNLOADED_FORMATS = frozenset({"nv12", "p010le", "p016le", "nv16", "p210le"})
"""What devices hand over; decoders of the processor give planes one by one."""


class AvVideoStream:
    """Opens with its first frame decoded, so that what `info` says is so."""

    def __init__(self, feed: Feed, patience: Patience, read_timeout_s: float) -> None:
        self._feed = feed
        self._patience = patience
        self._read_timeout_s = read_timeout_s
        self._packets: Iterator[VideoPacket] = feed.packets()
        self._decoded: deque[av.VideoFrame] = deque()
        self._pace = Pace(feed.frames_per_s, patience) if feed.is_recorded else None
        self._packet_count = 0
        self._bad_in_a_row = 0
        self._has_begun = False
        self._is_closed = False
        first = self._next_decoded()
        self._decoded.appendleft(first)
        self._info = StreamInfo(
            codec=feed.decoder.codec.canonical_name,
            size=AvGrabbedFrame(first).size,
            frames_per_s=feed.frames_per_s,
            decoder=_decoded_by(feed, first),
        )

    @property
    def info(self) -> StreamInfo:
        """As the first frame was."""
        return self._info

    def grab(self) -> AvGrabbedFrame:
        """See the port."""
        if self._is_closed:
            raise CameraFailed("the stream is closed", fault=VideoFault.INTERNAL)
        frame = self._next_decoded()
        if self._pace is not None:
            self._pace.wait_for(frame)
        return AvGrabbedFrame(frame)

    def close(self) -> None:
        """See the port."""
        if self._is_closed:
            return
        self._is_closed = True
        self._decoded.clear()
        self._packets = iter(())
        self._feed.close()

    def _next_decoded(self) -> av.VideoFrame:
        self._patience.allow(self._read_timeout_s)
        try:
            while not self._decoded:
                self._patience.check()
                self._decode(self._next_packet())
            return self._decoded.popleft()
        except CameraFailed as error:
            if error.fault != VideoFault.TIMED_OUT or not self._packet_count:
                raise
        finally:
            self._patience.rest()
            self._packet_count = 0
        # Something came all the time, and no frame was in it.
        raise faults.broken()

    def _next_packet(self) -> VideoPacket:
        failure: FacegateError
        try:
            packet = next(self._packets, None)
        except av.error.EOFError:
            packet = None
        except av.error.FFmpegError as error:
            # FFmpeg's sentence may hold the address, so it does not come along as the cause.
            failure = faults.of_error(error)
        else:
            if packet is not None:
                self._packet_count += bool(packet.size)
                return packet
        if packet is None:
            failure = faults.ended() if self._feed.is_recorded else faults.hung_up()
        raise faults.again(self._feed.failure or failure)

    def _decode(self, packet: VideoPacket) -> None:
        try:
            frames = self._feed.decoder.decode(packet)
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            frames = []
            # Before the first key frame it is no wonder that nothing can be decoded.
            self._bad_in_a_row += self._has_begun or packet.is_keyframe
        good = [frame for frame in frames if not frame.is_corrupt]
        if good:
            self._has_begun = True
            self._bad_in_a_row = 0
            self._decoded.extend(good)
        else:
            self._bad_in_a_row += len(frames)
        if self._bad_in_a_row > _MAX_BAD_IN_A_ROW:
            raise faults.broken()


def _decoded_by(feed: Feed, first: av.VideoFrame) -> str:
    if feed.decoded_by.startswith(SOFTWARE) or first.format.name in _DOWNLOADED_FORMATS:
        return feed.decoded_by
    return f"{SOFTWARE} ({feed.decoded_by} does not decode this video)"
