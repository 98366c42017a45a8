"""Reports of bulk jobs."""

import csv
import json
from pathlib import Path

import pytest

from facegate.commands.output.file_reports import FileLine, check_report_path, show_lines, write_report
from facegate.commands.output.outcomes import CommandRefused

LINES = [
    FileLine("ann", "ann/1.jpg", 0.9),
    FileLine("ann", "ann/\udcff, two.jpg", None, "no_face", 'no "face"\nat all'),
]


def test_both_forms_hold_every_line(tmp_path: Path) -> None:
    write_report(LINES, tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["status"] for row in rows] == ["accepted", "rejected"]
    assert rows[0] == {
        "status": "accepted",
        "subject_id": "ann",
        "file": "ann/1.jpg",
        "quality": "0.9",
        "kind": "",
        "reason": "",
    }
    assert rows[1]["reason"] == 'no "face"\nat all'
    assert rows[1]["file"] == "ann/\\udcff, two.jpg"

    write_report(LINES, tmp_path / "report.json")
    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [row["kind"] for row in data] == [None, "no_face"]


@pytest.mark.parametrize("name", ["report.txt", "no/such/folder/report.csv"])
def test_a_report_that_cannot_be_written_is_refused_early(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandRefused):
        check_report_path(tmp_path / name, source=tmp_path, is_forced=False)


def test_a_report_replaces_only_with_force_and_never_the_input(tmp_path: Path) -> None:
    there, source = tmp_path / "report.csv", tmp_path / "encodings.csv"
    there.write_text("older")
    source.write_text("ann,1")
    with pytest.raises(CommandRefused, match="--force"):
        check_report_path(there, source=source, is_forced=False)
    check_report_path(there, source=source, is_forced=True)
    (tmp_path / "link.csv").hardlink_to(source)
    for name in ("encodings.csv", "link.csv"):
        with pytest.raises(CommandRefused, match="overwrite"):
            check_report_path(tmp_path / name, source=source, is_forced=True)


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_files_that_were_passed_over_are_a_line_of_their_own(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"report{suffix}"
    write_report(LINES[:1], path, passed_over_count=3)
    text = path.read_text(encoding="utf-8")
    assert "passed_over" in text
    assert "3 other files were passed over" in text
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_of_a_long_list_only_the_rejected_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    many = [FileLine("ann", f"good {n}", 0.9) for n in range(100)]
    many += [FileLine("ann", f"bad {n}", None, "no_face", "no face") for n in range(60)]
    show_lines(many)
    printed = capsys.readouterr()
    assert "good" not in printed.out
    assert printed.out.count("bad") == 50
    assert "10 more" in printed.err
