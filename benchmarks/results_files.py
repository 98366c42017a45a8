"""Writes results: a dated JSON, a table for people, a plot. Never edited by hand."""

import json
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

RESULTS_FOLDER = Path(__file__).parent / "results"


def result_stem(kind: str, facts: dict[str, Any]) -> str:
    """Such as `2026-01-31-1205-bench-0123abcdef`: sorts by date, names the commit."""
    when = str(facts["measured_at"])
    return f"{when[:10]}-{when[11:13]}{when[14:16]}-{kind}-{facts['commit']}"


def write_json(folder: Path, stem: str, content: dict[str, Any]) -> Path:
    """Writes `<stem>.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.json"
    path.write_text(json.dumps(content, indent=1, default=_plain) + "\n", encoding="utf-8")
    return path


def write_text(folder: Path, stem: str, lines: Sequence[str]) -> Path:
    """Writes `<stem>.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """First column left, the others right, as is usual for figures."""
    return [
        "| " + " | ".join(head) + " |",
        "|" + "|".join(["---", *["---:"] * (len(head) - 1)]) + "|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]


def facts_lines(facts: dict[str, Any]) -> list[str]:
    """The head of a table: where and with what it was measured."""
    packages = ", ".join(f"{name} {found}" for name, found in facts["packages"].items())
    changed = " with uncommitted changes" if facts["has_uncommitted_changes"] else ""
    return [
        f"Measured {facts['measured_at']}, commit {facts['commit']}{changed}.",
        f"{facts['cpu']}, {facts['core_count']} cores, {facts['memory_gib']} GiB, {facts['system']}, "
        f"Python {facts['python']}.",
        f"Load average at start: {facts['load_average_at_start']}. {packages}.",
        "",
    ]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no plain data")
