"""The measurement of cameras as a page for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import cameras_parts as parts
from benchmarks.cameras import CameraOptions, CameraResults
from benchmarks.cameras_clips import FPS, SIZE
from benchmarks.cameras_faults import WANTED_S as WANTED_TOLD_S
from benchmarks.cameras_faults import ToldFault
from benchmarks.cameras_reconnects import ReconnectFigures
from benchmarks.cameras_streams import ASKING, FATES, RTSP_SERVER, SERVER, CaseFigures
from benchmarks.cameras_targets import target_rows
from benchmarks.cameras_walk_ins import (
    WANTED_S,
    Delays,
    WalkIn,
    WalkInFigures,
    delays,
    since_whole_face,
)
from benchmarks.results_files import facts_lines, markdown_table
from benchmarks.timing import Timing

_LOOKS_PER_S = 5
_LOOKS = (parts.LOOK_NOBODY, parts.LOOK_FOLLOWED, parts.LOOK_READ)
_PER_SECOND = (parts.RECEIVE, parts.DECODE)


def cameras_page(
    facts: dict[str, Any], options: CameraOptions, results: CameraResults, plot_name: str
) -> list[str]:
    """The whole page; sections that were left out are not named."""
    lines = ["# Cameras", "", *facts_lines(facts), *_how(options)]
    if targets := target_rows(results):
        lines += ["## Targets", ""]
        lines += markdown_table(["What", "Wanted", "Measured", ""], [list(row) for row in targets])
    lines += [f"![CPU per stream, delays, reconnects]({plot_name})", ""]
    if results.streams:
        lines += ["## Streams", "", *_streams(results.streams)]
    if results.parts:
        lines += ["## Where time goes", "", *_parts(results.parts)]
    if results.walk_ins:
        lines += ["## From glass to event", "", *_walk_ins(options, results.walk_ins)]
    if results.faults:
        lines += ["## Hard times", "", *_faults(results.faults)]
    if results.reconnects is not None:
        lines += ["## Reconnects", "", *_reconnects(results.reconnects)]
    return lines


def _how(options: CameraOptions) -> list[str]:
    return [
        f"Streams of {SIZE[0]} x {SIZE[1]} at {FPS} frames/s, H.264, over RTSP (TCP), from a real server",
        "on the same machine; what that takes of the processor is told apart. Our server is a process of its",
        "own on all cores, with default settings but where told; where streams, delays and reconnects are",
        f"measured, {options.streams.gallery_size:,} people are enrolled beside the one who is shown.",
        *(["**A quick run, to see that everything runs: no measurement.**"] if options.is_quick else []),
        "",
    ]


def _streams(cases: Sequence[CaseFigures]) -> list[str]:
    head = ["Case", "cores of the server", "of which per stream", "cores of the RTSP server"]
    head += ["all cores busy", "decoded/s", *(f"{fate}/s" for fate in FATES), "slowest stream's analysed/s"]
    head += ["latency ms, median", "greatest", "MiB, peak", "threads", "descriptors"]
    seconds = cases[0].usage.seconds
    lines = [
        f"{cases[0].streams} streams, {seconds:g} s each after a warm-up. Rates are per stream, cores are",
        "processor seconds per second. Latency is the camera's status: from the picture's coming to the end",
        "of the look at it. All streams show the same clip at nearly the same time: looks at a face fall",
        "together.",
        "",
        *markdown_table(head, [_case_row(case) for case in cases]),
        "Video: " + ", ".join(f"{case.case.name} {case.megabits_per_s:g} Mbit/s" for case in cases) + ".",
        f"Without cameras the server takes {cases[0].idle_cores:.3f} cores, what asks and counts "
        f"{max(case.usage.cores[ASKING] for case in cases):.3f}.",
        "",
    ]
    for case in cases:
        lines += [f"{case.case.name}: {trouble}" for trouble in case.trouble]
    return lines


def _case_row(case: CaseFigures) -> list[str]:
    usage, last = case.usage, case.usage.holdings[-1]
    return [
        case.case.name,
        f"{usage.cores[SERVER]:.2f}",
        f"{case.core_per_stream:.1%}",
        f"{usage.cores[RTSP_SERVER]:.2f}",
        f"{usage.machine_busy_share:.0%}",
        f"{case.decoded_per_s:g}",
        *(f"{case.fates_per_s[fate]:g}" for fate in FATES),
        f"{case.least_analysed_per_s:g}",
        *(_number(case.latency_ms.get(which)) for which in ("median", "greatest")),
        f"{usage.peak_mib:g}",
        str(last.thread_count),
        str(last.descriptor_count),
    ]


def _parts(timings: Mapping[str, Timing]) -> list[str]:
    looks = sum(timings[name].call_count for name in _LOOKS if name in timings)
    rows = []
    for name in sorted(timings, key=_order):
        timing = timings[name]
        per_s = timing.call_count / looks * _LOOKS_PER_S if name not in _PER_SECOND else 1.0
        rows.append(
            [
                name,
                f"{timing.median_ms:.2f}",
                f"{timing.p95_ms:.2f}",
                str(timing.call_count),
                f"{per_s:.2f}",
                f"{timing.mean_ms * per_s:.1f}",
            ]
        )
    return [
        "One stream in one process on one core, somebody there three quarters of the time, no motion gate,",
        "five looks a second; processor time. The last column is what a second of the stream takes.",
        "Receiving holds decoding; the whole looks hold the steps above them.",
        "",
        *markdown_table(["Step", "median ms", "p95 ms", "measured", "times a second", "ms a second"], rows),
    ]


_ORDER = (
    *(parts.RECEIVE, parts.DECODE, parts.LUMA, parts.GATE, parts.SMALL, parts.DETECT, parts.WHOLE),
    *(parts.JUDGE, parts.EMBED, parts.SEARCH, parts.NAME, parts.REST, *_LOOKS),
)


def _order(name: str) -> int:
    return _ORDER.index(name)


def _walk_ins(options: CameraOptions, found: Sequence[WalkInFigures]) -> list[str]:
    whole_face_s = max((one.whole_face_s for figures in found for one in figures.walk_ins), default=0.0)
    head = ["What", "told", "p50 s", "p95 s", "greatest s", f"within {WANTED_S:g} s"]
    lines = [
        "Seconds from the sending of the first picture with a pixel of the person, and from the first with",
        f"their whole face ({whole_face_s:.2f} s later). The event is the first word of the visit on",
        "`/v1/events/stream`; the message is there when the Bot API has all of it, with its picture. Between",
        f"two visits the room is empty for {options.walk_ins.empty_pictures / FPS:.1f} s. Motion gate "
        f"{'on' if options.walk_ins.has_motion_gate else 'off'},",
        f"cooldown 0, `leave_after_s` {options.walk_ins.leave_after_s:g}. At once means that somebody comes",
        "into all pictures in the same second.",
        "",
    ]
    for figures in found:
        lines += [f"### {figures.name.capitalize()}: {len(figures.walk_ins)} walk-ins", ""]
        lines += markdown_table(head, _delay_rows(figures.walk_ins))
        lines += [*_counts_of_walk_ins(figures), ""]
    return lines


def _delay_rows(walk_ins: Sequence[WalkIn]) -> list[list[str]]:
    moments = (
        ("event", lambda one: one.event_s),
        ("right name in an event", lambda one: one.named_s),
        ("Telegram message", lambda one: one.message_s),
    )
    rows = []
    for name, moment in moments:
        rows.append([name, *_delay_cells(delays(walk_ins, moment))])
    for name, moment in moments:
        since = delays(walk_ins, lambda one, moment=moment: since_whole_face(one, moment(one)))  # type: ignore[misc]
        rows.append([f"{name}, since the whole face", *_delay_cells(since)])
    return rows


def _delay_cells(found: Delays | None) -> list[str]:
    if found is None:
        return ["0", "-", "-", "-", "-"]
    return [
        str(found.count),
        *(f"{value:.2f}" for value in (found.p50_s, found.p95_s, found.greatest_s)),
        str(found.within_wanted),
    ]


def _counts_of_walk_ins(figures: WalkInFigures) -> list[str]:
    walk_ins = figures.walk_ins
    counts = {
        "without a visit": sum(one.visit_count == 0 for one in walk_ins),
        "with more than one": sum(one.visit_count > 1 for one in walk_ins),
        "without a message": sum(one.message_count == 0 for one in walk_ins),
        "with more than one message": sum(one.message_count > 1 for one in walk_ins),
        "with a wrong name": sum(one.wrong_name_count > 0 for one in walk_ins),
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    states = ", ".join(f"{count} {state}" for state, count in figures.message_states.items()) or "none"
    return [
        f"Walk-ins: {told}. Events that the stream could not tell: {figures.missed_event_count}.",
        f"The outbox so far: {states}.",
    ]


def _faults(faults: Sequence[ToldFault]) -> list[str]:
    head = ["Trouble", "told after s", "state", "fault", "words", "live again after s"]
    rows = [
        [
            one.name,
            _number(one.told_after_s),
            one.state,
            one.fault or "-",
            one.trouble or "-",
            _number(one.back_after_s),
            _number(one.steady_analysed_per_s),
        ]
        for one in faults
    ]
    return [
        f"From when it happened until the status names it ({WANTED_TOLD_S:g} s are wanted); from when it was",
        "over until the camera is live again. The last column is of the slowest of the cameras beside it, of",
        "which 5 pictures a second are to be looked at.",
        "",
        *markdown_table([*head, "others' analysed/s"], rows),
    ]


def _reconnects(figures: ReconnectFigures) -> list[str]:
    first, warm, last = figures.samples[0].holding, figures.warm, figures.last
    rows = [
        [name, str(getattr(first, what)), str(getattr(warm, what)), str(getattr(last, what))]
        for name, what in (
            ("MiB of memory", "memory_mib"),
            ("threads", "thread_count"),
            ("descriptors", "descriptor_count"),
        )
    ]
    return [
        f"{figures.reconnects:,} reconnects of {figures.flapping} cameras in {figures.seconds:g} s, each",
        f"time hung up on all at once as soon as all were live, beside {figures.steady} to which nothing",
        "happened. Measured when all are live.",
        "",
        *markdown_table(["What the server holds", "before", "after a tenth", "after all"], rows),
        f"Of the slowest of the others {_number(figures.undisturbed_analysed_per_s)} pictures a second were",
        f"looked at before, {_number(figures.analysed_per_s)} meanwhile.",
        "",
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
