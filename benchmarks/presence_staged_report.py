"""The staged stages as a page for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.presence_staged import StageResult
from benchmarks.results_files import facts_lines, markdown_table


def staged_page(facts: dict[str, Any], results: Sequence[StageResult], *, has_photos: bool) -> list[str]:
    """The whole page."""
    runs = [result for result in results if not result.wanted]
    staged = [result for result in results if result.wanted]
    return [
        "# The presence door's decisions on staged pictures",
        "",
        *facts_lines(facts),
        "Real pictures over a real server's WebSocket, 0.2 s from frame to frame, 10,000 people enrolled.",
        "Each frame has its own noise, brightness and JPEG quality (60 to 95) unless the name says else.",
        *([] if has_photos else ["Without photos of attacks and telephones: those stages are left out."]),
        "",
        "## By group",
        "",
        *markdown_table(
            ["Group", "reuse", "as wanted", "frames to the action", "seconds to the action, greatest"],
            _group_rows(results),
        ),
        "## Where no action is wanted",
        "",
        *markdown_table(
            ["Stage", "reuse", "frames", "false actions", "findings of these", "counted apart"],
            [_run_row(result) for result in runs],
        ),
        "Frames of the user that stand before the stages below: "
        f"{sum(result.before_count for result in staged)}, false actions among them: "
        f"{_counts(_sum(result.false_before for result in staged)) or 'none'}.",
        "",
        "## Where an action is wanted",
        "",
        "*Frame* is the first staged frame with the action, counted from 1; *then* is what later frames",
        "heard. *Known gap*: documented as not seen, measured all the same.",
        "",
        *markdown_table(
            ["Stage", "reuse", "action", "seen", "frame", "after s", "finding", "other actions", "then"],
            [_stage_row(result) for result in staged],
        ),
    ]


def _group_rows(results: Sequence[StageResult]) -> list[list[str]]:
    rows = []
    for group, reuse_s in dict.fromkeys((result.group, result.reuse_s) for result in results):
        own = [result for result in results if (result.group, result.reuse_s) == (group, reuse_s)]
        frames = [result.frames_to_action for result in own if result.frames_to_action is not None]
        seconds = [result.seconds_to_action for result in own if result.seconds_to_action is not None]
        rows.append(
            [
                group,
                _reuse(reuse_s),
                f"{sum(result.is_as_wanted for result in own)} of {len(own)}",
                ", ".join(map(str, sorted(frames))) or "-",
                f"{max(seconds):g}" if seconds else "-",
            ]
        )
    return rows


def _run_row(result: StageResult) -> list[str]:
    return [
        f"{result.group}: {result.name}",
        _reuse(result.reuse_s),
        str(result.staged_count),
        result.refused or _counts(result.wrong) or "none",
        _counts(result.wrong_findings) or "-",
        _counts(result.tolerated) or "-",
    ]


def _stage_row(result: StageResult) -> list[str]:
    name = f"{result.group}: {result.name}" + (" (known gap)" if result.is_known_gap else "")
    if result.refused:
        return [name, _reuse(result.reuse_s), f"not run: {result.refused}", *["-"] * 6]
    is_seen = result.frames_to_action is not None
    outcome = _short(result.outcome) if is_seen else f"**none in {result.staged_count} frames**"
    return [
        name,
        _reuse(result.reuse_s),
        outcome,
        result.actual_username or "-",
        str(result.frames_to_action) if is_seen else "-",
        f"{result.seconds_to_action:g}" if result.seconds_to_action is not None else "-",
        "; ".join(result.findings) or "-",
        _counts(_sum([result.wrong, result.tolerated])) or "-",
        _counts(result.later) or "-",
    ]


def _reuse(reuse_s: float) -> str:
    return f"{reuse_s:g} s" if reuse_s else "off"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_short(name)}: {count}" for name, count in counts.items())


def _short(outcome: str) -> str:
    """The reason alone tells the action; without one there is none."""
    reason = outcome.rpartition(" ")[2] if outcome.startswith(("ACTION_", "NO_ACTION")) else outcome
    return {"EMPTY_REASON": "no action"}.get(reason, reason.removeprefix("REASON_"))


def _sum(counts: Any) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)
