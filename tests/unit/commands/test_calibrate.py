"""`facegate calibrate`, on drawn people of an engine without models."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.commands.conftest import Run


@pytest.fixture
def people(photo: Callable[..., Path], tmp_path: Path) -> Path:
    """Sixty people with two photos each, and one photo of nobody."""
    for number in range(60):
        for variant in range(2):
            photo(f"people/p{number:02}/{variant}.jpg", f"person {number}", variant=variant)
    photo("people/p00/wall.jpg")
    return tmp_path / "people"


def test_the_measured_curve_is_shown_and_used_from_the_next_start_on(
    run: Run, people: Path, tmp_path: Path
) -> None:
    before = json.loads(run("identify", people / "p00" / "0.jpg", "--json").stdout or "{}")
    answer = run("calibrate", people)
    assert answer.exit_code == 0, answer.output
    assert "120 photos of 60 people, 60 genuine and 7,080 impostor pairs" in answer.stdout
    assert "1e-02" in answer.stdout
    assert "p00/wall.jpg" in answer.stdout
    assert "ten pairs beyond it" in answer.stderr
    assert "curve that comes with facegate goes on" in answer.stderr
    changes = [line.split() for line in answer.stdout.splitlines() if " templates " in line]
    assert [line[0] for line in changes] == ["100", "10,000"]
    assert all(0 < float(value) < 1 for line in changes for value in line[2:])
    run("enrol", "ann", people / "p00" / "0.jpg")
    after = json.loads(run("identify", people / "p00" / "1.jpg", "--json").stdout)
    assert after["faces"][0]["min_similarity"] != before["faces"][0]["min_similarity"]


def test_a_dry_run_keeps_nothing_and_json_holds_the_curve(run: Run, people: Path) -> None:
    before = run("identify", people / "p00" / "0.jpg", "--json").stdout
    data = json.loads(run("calibrate", people, "--dry-run", "--json").stdout)
    assert data["is_kept"] is False
    assert data["curve"]["model_id"] == "sface-2021dec"
    assert data["person_count"] == 60
    assert [one["kind"] for one in data["skipped"]] == ["invalid_input"]
    assert json.loads(run("identify", people / "p00" / "0.jpg", "--json").stdout) == json.loads(before)


def test_a_curve_of_few_people_is_kept_only_on_demand(
    run: Run, photo: Callable[..., Path], data_folder: Path
) -> None:
    for number in range(49):
        for variant in range(2):
            photo(f"few/p{number:02}/{variant}.jpg", f"person {number}", variant=variant)
    answer = run("calibrate", "few")
    assert answer.exit_code == 1
    assert "49 people, fewer than 50" in answer.stderr
    assert "kept and used" not in answer.stdout
    assert json.loads(run("calibrate", "few", "--json").stdout)["is_kept"] is False
    kept = run("calibrate", "few", "--yes")
    assert kept.exit_code == 0, kept.output
    assert "kept and used" in kept.stdout


def test_too_few_people_are_refused(run: Run, photo: Callable[..., Path], tmp_path: Path) -> None:
    photo("few/ann/1.jpg", "ann")
    photo("few/bob/1.jpg", "bob")
    answer = run("calibrate", "few")
    assert answer.exit_code == 2
    assert "at least 50 different persons" in answer.stderr


def test_the_plot_is_drawn(run: Run, people: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert run("calibrate", people, "--dry-run", "--plot", "roc.jpeg").exit_code == 2
    (tmp_path / "roc.png").write_bytes(b"older")
    assert "--force" in run("calibrate", people, "--dry-run", "--plot", "roc.png").stderr
    answer = run("calibrate", people, "--dry-run", "--plot", "roc.png", "--force")
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "roc.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_plot_is_refused_before_the_work(
    run: Run, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    answer = run("calibrate", people, "--plot", "roc.png")
    assert answer.exit_code == 3
    assert "facegate[plots]" in answer.stderr
