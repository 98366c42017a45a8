"""The measurement of cameras: its counting, its targets, its page and its plot."""

import threading
import time
from pathlib import Path

import psutil
import pytest
from benchmarks import cameras_parts as parts
from benchmarks.cameras import QUICK, CameraOptions, CameraResults, options_with
from benchmarks.cameras_event_stream import HeardEvent
from benchmarks.cameras_faults import CASES as FAULT_CASES
from benchmarks.cameras_faults import FROZEN, ToldFault
from benchmarks.cameras_holdings import Holding, Usage, UsageMeter, holding_of
from benchmarks.cameras_plot import plot_cameras
from benchmarks.cameras_reconnects import ReconnectFigures, ReconnectSample
from benchmarks.cameras_report import cameras_page
from benchmarks.cameras_stage import StageFailed, wait_until
from benchmarks.cameras_streams import (
    ASKING,
    FATES,
    RTSP_SERVER,
    SERVER,
    CaseFigures,
    StreamCase,
    rates_between,
)
from benchmarks.cameras_targets import target_rows
from benchmarks.cameras_walk_ins import (
    WalkIn,
    WalkInFigures,
    by_window,
    delays,
    first_of_each,
    sent_at,
    since_whole_face,
)
from benchmarks.timing import Timing


def test_what_was_told_belongs_to_the_walk_in_before_it() -> None:
    assert by_window([10.0, 20.0, 30.0], [5.0, 10.0, 19.9, 31.0, 32.0]) == [[10.0, 19.9], [], [31.0, 32.0]]
    assert by_window([], [1.0]) == []


def test_stamps_tell_when_a_picture_was_sent() -> None:
    assert sent_at("0 1.5\n1 1.54\n0 3.5\n", 0) == [1.5, 3.5]
    assert sent_at("", 0) == []


def test_an_event_that_is_told_again_is_one_visit() -> None:
    events = [
        HeardEvent(1.0, "a", "gate", None),
        HeardEvent(2.0, "a", "gate", "x"),
        HeardEvent(3.0, "b", "gate", "x"),
    ]
    assert [event.at_s for event in first_of_each(events)] == [1.0, 3.0]


def walk_in(message_s: float | None = 0.8, messages: int = 1, wrong: int = 0) -> WalkIn:
    return WalkIn(1, 0.3, 0.7, 0.7, message_s, 1, messages, wrong)


def test_delays_are_of_those_that_were_told() -> None:
    found = delays([walk_in(0.5), walk_in(2.5), walk_in(None)], lambda one: one.message_s)
    assert found is not None
    assert (found.count, found.p50_s, found.greatest_s, found.within_wanted) == (2, 1.5, 2.5, 1)
    assert delays([walk_in(None)], lambda one: one.message_s) is None
    assert since_whole_face(walk_in(), 0.8) == pytest.approx(0.5)
    assert since_whole_face(walk_in(), None) is None


def test_rates_are_of_one_stretch() -> None:
    before = {"counts": dict.fromkeys(("decoded", *FATES), 10)}
    after = {"counts": {**dict.fromkeys(FATES, 10), "decoded": 60, "analysed": 20}}
    rates = rates_between(before, after, 2.0)
    assert (rates["decoded"], rates["analysed"], rates["still"]) == (25.0, 5.0, 0.0)


def test_a_meter_sees_processor_time_and_what_is_held() -> None:
    with UsageMeter({"us": psutil.Process()}, every_s=0.02).watching() as meter:
        end_s = time.process_time() + 0.2
        while time.process_time() < end_s:
            pass
    assert meter.usage is not None
    assert meter.usage.cores["us"] > 0.1
    assert meter.usage.peak_mib > 10
    assert meter.usage.holdings[0].thread_count >= threading.active_count()
    assert holding_of(psutil.Process(), time.monotonic()).descriptor_count > 0


def test_waiting_gives_up() -> None:
    with pytest.raises(StageFailed, match="nothing came"):
        wait_until(lambda: False, 0.05, "nothing came")


def test_options_take_over_what_was_asked_for() -> None:
    options = options_with(CameraOptions(), sections=("streams",), streams=4, seconds=None)
    assert (options.streams.streams, options.streams.seconds, options.walk_ins.cameras) == (4, 120.0, 4)
    assert options.sections == ("streams",)
    unchanged = options_with(QUICK, sections=QUICK.sections, streams=None, seconds=None)
    assert unchanged == QUICK


def case(name: str, analysed_per_s: float, *, has_gate: bool, superseded_per_s: float = 0.0) -> CaseFigures:
    holding = Holding(1.0, 400.0, 26, 40)
    return CaseFigures(
        case=StreamCase(name, is_walked_in=False, has_gate=has_gate),
        streams=8,
        megabits_per_s=2.3,
        idle_cores=0.01,
        core_per_stream=0.12,
        usage=Usage(120.0, {SERVER: 1.0, RTSP_SERVER: 0.1, ASKING: 0.01}, 0.6, (holding,)),
        decoded_per_s=25.0,
        least_decoded_per_s=25.0,
        fates_per_s={**dict.fromkeys(FATES, 0.0), "analysed": analysed_per_s, "superseded": superseded_per_s},
        least_analysed_per_s=analysed_per_s,
        latency_ms={"median": 20.0, "greatest": 90.0},
        trouble=["down: the camera cannot be reached"],
    )


def reconnected(last: Holding) -> ReconnectFigures:
    samples = [
        ReconnectSample(0, Holding(0.0, 400.0, 30, 50)),
        ReconnectSample(104, Holding(20.0, 450.0, 30, 50)),
        ReconnectSample(1000, last),
    ]
    return ReconnectFigures(8, 4, 200.0, samples, 5.0, 4.98)


def results(*, is_good: bool) -> CameraResults:
    timing = Timing(1.0, 2.0, 1.1, 10)
    names = (
        *(parts.RECEIVE, parts.DECODE, parts.LUMA, parts.GATE, parts.SMALL, parts.DETECT, parts.WHOLE),
        *(parts.JUDGE, parts.EMBED, parts.SEARCH, parts.NAME, parts.REST),
        *(parts.LOOK_NOBODY, parts.LOOK_FOLLOWED, parts.LOOK_READ),
    )
    last = Holding(200.0, 452.0, 30, 50) if is_good else Holding(200.0, 600.0, 40, 80)
    return CameraResults(
        streams=[
            case("empty, gate", 0.3, has_gate=True, superseded_per_s=0.0 if is_good else 1.0),
            case("empty, no gate", 5.0 if is_good else 3.0, has_gate=False),
        ],
        parts=dict.fromkeys(names, timing),
        walk_ins=[
            WalkInFigures("one camera", 1, [walk_in()] * 3, 0, {"sent": 3})
            if is_good
            else WalkInFigures("one camera", 1, [walk_in(2.4), walk_in(messages=2), walk_in(wrong=1)], 1, {})
        ],
        faults=[
            ToldFault("muted", 8.1 if is_good else None, "frozen", "timed_out", "no picture", 0.7, 5.0),
            ToldFault("gone", 0.1 if is_good else 12.0, "down", "unreachable", None, None, None),
        ],
        reconnects=reconnected(last),
    )


FACTS = {
    "measured_at": "2026-11-21T16:00",
    "commit": "x",
    "has_uncommitted_changes": False,
    "cpu": "c",
    "core_count": 2,
    "memory_gib": 1,
    "system": "s",
    "python": "3",
    "load_average_at_start": 0,
    "packages": {},
}


def test_what_is_enough_is_met_and_what_is_not_is_missed() -> None:
    assert {row[-1] for row in target_rows(results(is_good=True))} == {"met"}
    missed = [row[0] for row in target_rows(results(is_good=False)) if row[-1] != "met"]
    assert missed == [
        "8 streams, empty, gate",
        "8 streams, empty, no gate",
        "message, one camera",
        "visits, one camera",
        "muted",
        "gone",
        "1,000 reconnects, memory after the first tenth",
        "1,000 reconnects, threads and descriptors",
    ]
    assert target_rows(CameraResults()) == []


def test_reconnects_are_held_against_what_is_held_after_a_tenth() -> None:
    figures = reconnected(Holding(200.0, 452.0, 30, 50))
    assert (figures.reconnects, figures.warm.memory_mib, figures.last.memory_mib) == (1000, 450.0, 452.0)


def test_the_page_and_the_plot_show_every_section_and_no_other(tmp_path: Path) -> None:
    whole = results(is_good=False)
    page = "\n".join(cameras_page(FACTS, CameraOptions(), whole, "cameras.png"))
    for words in (
        "## Targets",
        "## Streams",
        "## Where time goes",
        "## From glass to event",
        "## Hard times",
    ):
        assert words in page
    assert "empty, no gate: down: the camera cannot be reached" in page
    assert "1 with more than one message, 1 with a wrong name" in page
    assert "| MiB of memory | 400.0 | 450.0 | 600.0 |" in page
    empty = "\n".join(cameras_page(FACTS, QUICK, CameraResults(), "cameras.png"))
    assert "## " not in empty
    assert "no measurement" in empty
    for name, shown in (("whole", whole), ("empty", CameraResults())):
        plot_cameras(shown, tmp_path / f"{name}.png", "title")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_every_fault_of_the_issue_is_staged() -> None:
    told = {fault for _, right in FAULT_CASES.values() for fault in right}
    assert told == {"timed_out", "frozen", "broken", "unauthorized", "unsupported", "unreachable"}
    assert FROZEN in FAULT_CASES
