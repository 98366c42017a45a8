"""The load of the terminals' door as a page for people."""

from collections.abc import Mapping
from typing import Any

from benchmarks.results_files import facts_lines, markdown_table
from benchmarks.terminal_counts import Count
from benchmarks.terminals import Phase, TerminalsResult

WANTED_P99_MS = 1000.0
WANTED_SHARE_OF_SCANS = 0.99
WANTED_GROWTH = 0.05
_WARM_UP_SHARE = 0.2


def terminals_page(facts: dict[str, Any], result: TerminalsResult) -> list[str]:
    """The whole page."""
    options = result.options
    return [
        "# The terminals' door under load",
        "",
        *facts_lines(facts),
        f"{options.terminals:,} simulated terminals in one process, the server in another, on all cores.",
        f"{options.scans_per_s:g} scans/s, {options.picture_share:.0%} of them with a photo;",
        f"{options.commands_per_s:g} commands/s to random terminals through `POST /admin/push`, answered by",
        f"the terminal after 20 ms. The copy goes to {result.sink_kind}, messages through a Redis.",
        "Scans and commands go on while things fail. Pictures are not analysed.",
        "",
        "## Targets",
        "",
        *markdown_table(["What", "Wanted", "Measured", ""], [list(row) for row in target_rows(result)]),
        "## Phases",
        "",
        *markdown_table(
            [
                "Phase",
                "s",
                "commands answered",
                "p50 ms",
                "p99 ms",
                "greatest ms",
                "foreign replies",
                "scans acknowledged",
                "p50 ms",
                "p99 ms",
                "sent again",
                "links lost",
                "server's cores",
            ],
            [_phase_row(phase) for phase in result.phases],
        ),
        "Commands that were not answered:",
        "",
        *[f"* {phase.name}: {_counts(phase.commands.failures) or 'none'}" for phase in result.phases],
        "",
        "## Registration storms",
        "",
        f"* all switched on at once: {result.first_storm_s:g} s",
        f"* after the server was stopped and started: {result.restart_storm_s:g} s from its readiness",
        f"* after `kill -9`, with scans waiting: {result.storm_after_kill_s:g} s from its readiness",
        "",
        "Terminals try again every one to two seconds.",
        "",
        "## Was anything lost or doubled?",
        "",
        *markdown_table(
            ["Where", "acknowledged", "found", "lost", "doubled", "unknown"],
            [
                [
                    count.where,
                    *map(str, (count.acknowledged, count.found, count.lost, count.doubled, count.unknown)),
                ]
                for count in result.counts
            ],
        ),
        f"After the last scan it took {result.settled_after_s:g} s until all were acknowledged, and then",
        f"{result.copied_after_s:g} s until the copy had them.",
        "",
        "## Resident memory of the server in MiB over the seconds of each phase",
        "",
        *[f"* {phase.name}: {_counts(phase.resident_mib)}" for phase in result.phases],
    ]


def target_rows(result: TerminalsResult) -> list[tuple[str, str, str, str]]:
    """What was asked for, what was measured, and whether that is enough."""
    steady, options = result.phases[0], result.options
    failed = sum(steady.commands.failures.values())
    p99_ms, growth = steady.commands.p99_ms, memory_growth(steady)
    rate = steady.scans.acknowledged / steady.duration_s
    foreign = sum(phase.commands.foreign_replies for phase in result.phases)
    rows = [
        (
            "commands, steady",
            "p99 under 1 s, none unanswered",
            f"p99 {p99_ms if p99_ms is not None else 'none'} ms, {failed} unanswered",
            p99_ms is not None and p99_ms < WANTED_P99_MS and failed == 0,
        ),
        ("foreign replies, all phases", "0", str(foreign), foreign == 0),
        (
            "scans, steady",
            f"{options.scans_per_s:g}/s acknowledged",
            f"{rate:.1f}/s",
            rate >= WANTED_SHARE_OF_SCANS * options.scans_per_s,
        ),
        (
            "memory after the warm-up, steady",
            f"grows by less than {WANTED_GROWTH:.0%}",
            "not measured" if growth is None else f"{growth:+.1%}",
            growth is not None and growth < WANTED_GROWTH,
        ),
        *(
            (
                f"records in the {count.where}",
                "every acknowledged one once",
                _wrong_counts(count),
                count.is_exact,
            )
            for count in result.counts
        ),
    ]
    return [
        (what, wanted, measured, "met" if is_met else "**missed**") for what, wanted, measured, is_met in rows
    ]


def _wrong_counts(count: Count) -> str:
    wrong = f"{count.lost} lost, {count.doubled} doubled, {count.unknown} unknown"
    return f"{wrong}; {count.acknowledged:,} acknowledged"


def memory_growth(phase: Phase) -> float | None:
    """From the end of the first fifth to the end, as a share; None with too few readings."""
    warm = [mib for second, mib in phase.resident_mib.items() if second >= _WARM_UP_SHARE * phase.duration_s]
    return warm[-1] / warm[0] - 1 if len(warm) > 1 else None


def _phase_row(phase: Phase) -> list[str]:
    commands, scans = phase.commands, phase.scans
    return [
        phase.name,
        f"{phase.duration_s:g}",
        str(commands.answered),
        *map(_number, (commands.median_ms, commands.p99_ms, commands.greatest_ms)),
        str(commands.foreign_replies),
        str(scans.acknowledged),
        *map(_number, (scans.median_ms, scans.p99_ms)),
        str(phase.sent_again),
        str(phase.links_lost),
        _number(phase.server_cores),
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _counts(counts: Mapping[Any, Any]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())
