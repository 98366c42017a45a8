"""What cameras were asked for, what was measured, and whether that is enough."""

from collections.abc import Iterator

from benchmarks.cameras import CameraResults
from benchmarks.cameras_clips import FPS
from benchmarks.cameras_faults import WANTED_S as WANTED_TOLD_S
from benchmarks.cameras_reconnects import ReconnectFigures
from benchmarks.cameras_streams import SERVER, CaseFigures
from benchmarks.cameras_walk_ins import WANTED_S, WalkInFigures, delays

WANTED_ANALYSED_PER_S = 5.0
WANTED_GROWTH = 0.05

_SHARE = 0.98
"""Of a rate, to count as reached: the last look of a stretch may fall just behind its end."""

_STEADY_SHARE = 0.95
_SPARE = 2
"""So many threads or descriptors more may be a request of ours that is being answered."""

Row = tuple[str, str, str, bool]


def target_rows(results: CameraResults) -> list[tuple[str, str, str, str]]:
    """Of the sections that were measured."""
    rows = [*_streams(results), *_walk_ins(results), *_faults(results)]
    if results.reconnects is not None:
        rows += _reconnects(results.reconnects)
    return [
        (what, wanted, measured, "met" if is_met else "**missed**") for what, wanted, measured, is_met in rows
    ]


def _streams(results: CameraResults) -> Iterator[Row]:
    for case in results.streams:
        yield _stream_row(case)


def _stream_row(case: CaseFigures) -> Row:
    """With the gate it is enough that nothing that was due was passed over for lack of time."""
    has_all = case.least_decoded_per_s >= _SHARE * FPS
    lost_per_s = case.fates_per_s["superseded"] + case.fates_per_s["failed"]
    cores = f"{case.usage.cores[SERVER]:.2f} cores of the server"
    if case.case.has_gate:
        wanted = f"{FPS} frames/s read from each, nothing due passed over"
        measured = f"{case.least_decoded_per_s:g}/s, {lost_per_s:g}/s passed over; {cores}"
        is_enough = lost_per_s <= (1 - _SHARE) * WANTED_ANALYSED_PER_S
    else:
        wanted = f"{WANTED_ANALYSED_PER_S:g} analysed frames/s of each"
        measured = f"{case.least_analysed_per_s:g}/s at the slowest; {cores}"
        is_enough = case.least_analysed_per_s >= _SHARE * WANTED_ANALYSED_PER_S
    return f"{case.streams} streams, {case.case.name}", wanted, measured, has_all and is_enough


def _walk_ins(results: CameraResults) -> Iterator[Row]:
    for figures in results.walk_ins:
        yield _message_row(figures)
        yield _count_row(figures)


def _message_row(figures: WalkInFigures) -> Row:
    found = delays(figures.walk_ins, lambda one: one.message_s)
    measured = "none" if found is None else f"p95 {found.p95_s:.2f} s, greatest {found.greatest_s:.2f} s"
    is_met = found is not None and found.within_wanted == len(figures.walk_ins)
    return f"message, {figures.name}", f"within {WANTED_S:g} s of appearing", measured, is_met


def _count_row(figures: WalkInFigures) -> Row:
    walk_ins = figures.walk_ins
    right = sum(
        one.message_count == one.visit_count == 1 and one.wrong_name_count == 0 and one.named_s is not None
        for one in walk_ins
    )
    measured = f"{right} of {len(walk_ins)}"
    return (
        f"visits, {figures.name}",
        "one visit, one message, the right name",
        measured,
        right == len(walk_ins) > 0,
    )


def _faults(results: CameraResults) -> Iterator[Row]:
    for one in results.faults:
        measured = "never" if one.told_after_s is None else f"{one.told_after_s:g} s"
        is_met = one.told_after_s is not None and one.told_after_s <= WANTED_TOLD_S
        yield one.name, f"told within {WANTED_TOLD_S:g} s", measured, is_met
    rates = [one.steady_analysed_per_s for one in results.faults if one.steady_analysed_per_s is not None]
    if rates:
        is_met = min(rates) >= _STEADY_SHARE * WANTED_ANALYSED_PER_S
        yield "others meanwhile", f"{WANTED_ANALYSED_PER_S:g} analysed frames/s", f"{min(rates):g}/s", is_met


def _reconnects(figures: ReconnectFigures) -> Iterator[Row]:
    name, warm, last = f"{figures.reconnects:,} reconnects", figures.warm, figures.last
    growth = last.memory_mib / warm.memory_mib - 1
    yield (
        f"{name}, memory after the first tenth",
        f"grows by less than {WANTED_GROWTH:.0%}",
        f"{growth:+.1%}",
        growth < WANTED_GROWTH,
    )
    more = (last.thread_count - warm.thread_count, last.descriptor_count - warm.descriptor_count)
    yield (
        f"{name}, threads and descriptors",
        "no more than before",
        f"{more[0]:+d} and {more[1]:+d}",
        max(more) <= _SPARE,
    )
    before, meanwhile = figures.undisturbed_analysed_per_s, figures.analysed_per_s
    if before is not None and meanwhile is not None:
        yield (
            f"{name}, others meanwhile",
            f"{_STEADY_SHARE:.0%} of {before:g} analysed frames/s",
            f"{meanwhile:g}/s",
            meanwhile >= _STEADY_SHARE * before,
        )
