"""Cameras on a real server and real RTSP streams: what they cost, how soon they tell, how they fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from benchmarks.cameras_clips import FPS, walk_in_clip
from benchmarks.cameras_faults import FROZEN, FaultOptions, ToldFault, measure_faults
from benchmarks.cameras_parts import measure_parts
from benchmarks.cameras_reconnects import ReconnectFigures, ReconnectOptions, measure_reconnects
from benchmarks.cameras_streams import CaseFigures, StreamOptions, measure_streams
from benchmarks.cameras_walk_ins import WalkInFigures, WalkInOptions, measure_walk_ins
from benchmarks.progress import console
from benchmarks.timing import Timing

STREAMS, PARTS, WALK_INS, FAULTS, RECONNECTS = "streams", "parts", "glass", "faults", "reconnects"
SECTIONS = (STREAMS, PARTS, WALK_INS, FAULTS, RECONNECTS)


@dataclass(frozen=True, slots=True)
class CameraOptions:
    """All of it; `parts_rounds` is how often the clip is looked at in process.

    A frozen picture is told after `frozen_after_s`, which is a minute unless set: `frozen` is measured with
    the least that may be set.
    """

    is_quick: bool = False
    sections: tuple[str, ...] = SECTIONS
    streams: StreamOptions = field(default_factory=StreamOptions)
    parts_rounds: int = 10
    parts_stream_s: float = 20.0
    walk_ins: WalkInOptions = field(default_factory=WalkInOptions)
    faults: FaultOptions = field(default_factory=FaultOptions)
    frozen: FaultOptions | None = field(
        default_factory=lambda: FaultOptions(
            settings={"FACEGATE_CAMERAS__FROZEN_AFTER_S": "5"}, names=(FROZEN,)
        )
    )
    reconnects: ReconnectOptions = field(default_factory=ReconnectOptions)


_PROMPT = {
    "FACEGATE_CAMERAS__READ_TIMEOUT_S": "1",
    "FACEGATE_CAMERAS__OPEN_TIMEOUT_S": "1",
    "FACEGATE_CAMERAS__FROZEN_AFTER_S": "5",
}

QUICK = CameraOptions(
    is_quick=True,
    streams=StreamOptions(streams=2, seconds=2.0, warm_up_s=1.0, gallery_size=0),
    parts_rounds=1,
    parts_stream_s=2.0,
    walk_ins=WalkInOptions(
        rounds_alone=2,
        cameras=2,
        rounds_together=1,
        empty_pictures=61,
        present_pictures=61,
        last_messages_s=1.0,
        gallery_size=0,
    ),
    faults=FaultOptions(steady=1, settings=_PROMPT, limit_s=15.0, steady_s=0.0),
    frozen=None,
    reconnects=ReconnectOptions(reconnects=9, flapping=3, steady=1, undisturbed_s=1.0, gallery_size=0),
)


@dataclass(frozen=True, slots=True)
class CameraResults:
    """What was measured; sections that were left out are empty."""

    streams: Sequence[CaseFigures] = ()
    parts: dict[str, Timing] = field(default_factory=dict)
    walk_ins: Sequence[WalkInFigures] = ()
    faults: Sequence[ToldFault] = ()
    reconnects: ReconnectFigures | None = None


def options_with(
    options: CameraOptions, *, sections: tuple[str, ...], streams: int | None, seconds: float | None
) -> CameraOptions:
    """The same with what was asked for."""
    load = replace(
        options.streams,
        streams=streams or options.streams.streams,
        seconds=seconds or options.streams.seconds,
    )
    walk_ins = replace(options.walk_ins, cameras=streams or options.walk_ins.cameras)
    return replace(options, sections=sections, streams=load, walk_ins=walk_ins)


def measure_cameras(options: CameraOptions) -> CameraResults:
    """The sections that are wanted, one after the other, each on a server of its own."""
    wanted = options.sections
    return CameraResults(
        streams=measure_streams(options.streams) if STREAMS in wanted else (),
        parts=_parts(options) if PARTS in wanted else {},
        walk_ins=measure_walk_ins(options.walk_ins) if WALK_INS in wanted else (),
        faults=_faults(options) if FAULTS in wanted else (),
        reconnects=measure_reconnects(options.reconnects) if RECONNECTS in wanted else None,
    )


def _parts(options: CameraOptions) -> dict[str, Timing]:
    console.print("parts of a look, in process")
    return measure_parts(
        walk_in_clip(31, 4 * FPS),
        rounds=options.parts_rounds,
        gallery_size=options.streams.gallery_size,
        stream_s=options.parts_stream_s,
    )


def _faults(options: CameraOptions) -> list[ToldFault]:
    found = measure_faults(options.faults)
    if options.frozen is None:
        return found
    soon = [replace(one, name=f"{one.name} (frozen_after_s 5)") for one in measure_faults(options.frozen)]
    return [*found, *soon]
