"""Phones found and false alarms as a page of tables."""

from collections.abc import Sequence
from typing import Any

from benchmarks.phones import Outcome
from benchmarks.results_files import facts_lines, markdown_table


def phones_page(facts: dict[str, Any], outcomes: dict[str, list[Outcome]]) -> list[str]:
    """Recall by kind of scene, false alarms by kind, what they were, and how often the net ran."""
    first = next(iter(outcomes.values()))
    return [
        "# Phones",
        "",
        *facts_lines(facts),
        "A photo with a phone counts as found when anything in it is taken for one, a drawn phone when the",
        "box lies on it. *At a desk* is the photo in a frame of 640 x 480 with the face that high, with",
        "noise and as a JPEG. Such frames, and mirrored ones, show no new phones: heads give the number of",
        "photos.",
        "",
        "## Found",
        "",
        *_table(outcomes, _kinds(first, has_phone=True), has_phone=True),
        "## False alarms",
        "",
        *_table(outcomes, _kinds(first, has_phone=False), has_phone=False),
        "## Scenes without a phone: how often the net ran",
        "",
        *markdown_table(
            ["", "scenes looked at again", "runs per scene"],
            [
                [name, f"{_looked_again(rows):.1%}", f"{_runs_per_scene(rows):.2f}"]
                for name, rows in outcomes.items()
            ],
        ),
        "## What was taken for a phone",
        "",
        *[f"- {name}: {_alarms(rows)}" for name, rows in outcomes.items()],
    ]


def summary(outcomes: dict[str, list[Outcome]]) -> list[str]:
    """One line per variant."""
    lines = []
    for name, rows in outcomes.items():
        positive = [row for row in rows if row.has_phone]
        negative = [row for row in rows if not row.has_phone]
        lines.append(
            f"{name}: found {sum(row.is_found for row in positive)} of {len(positive)}, false alarms "
            f"{sum(row.is_found for row in negative)} of {len(negative)}, "
            f"looked again {_looked_again(rows):.1%}"
        )
    return lines


def _kinds(rows: Sequence[Outcome], *, has_phone: bool) -> list[str]:
    return list(dict.fromkeys(row.kind for row in rows if row.has_phone is has_phone))


def _table(outcomes: dict[str, list[Outcome]], kinds: Sequence[str], *, has_phone: bool) -> list[str]:
    first = next(iter(outcomes.values()))
    head = [""]
    for kind in kinds:
        names = {row.name.removesuffix(" mirrored") for row in _of(first, kind, has_phone)}
        head.append(f"{kind} ({len(names)})")
    body = []
    for name, rows in outcomes.items():
        cells = []
        for kind in kinds:
            chosen = _of(rows, kind, has_phone)
            cells.append(f"{sum(row.is_found for row in chosen)} of {len(chosen)}")
        body.append([name, *cells])
    return markdown_table(head, body)


def _of(rows: Sequence[Outcome], kind: str, has_phone: bool) -> list[Outcome]:
    return [row for row in rows if row.kind == kind and row.has_phone is has_phone]


def _looked_again(rows: Sequence[Outcome]) -> float:
    runs = [row.runs for row in rows if not row.has_phone]
    return sum(count > 1 for count in runs) / max(1, len(runs))


def _runs_per_scene(rows: Sequence[Outcome]) -> float:
    runs = [row.runs for row in rows if not row.has_phone]
    return sum(runs) / max(1, len(runs))


def _alarms(rows: Sequence[Outcome]) -> str:
    alarms = [
        f"{row.name} {row.kind} ({row.confidence})" for row in rows if row.is_found and not row.has_phone
    ]
    return "; ".join(alarms) or "nothing"
