"""`facegate enrol` on a real gallery with an engine without models."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.unit.commands.conftest import Run


def test_every_photo_is_told_and_the_person_is_known(run: Run, photo: Callable[..., Path]) -> None:
    answer = run("enrol", "ann", photo("1.jpg", "ann"), photo("2.jpg", "ann", variant=1), "--name", "Ann A.")
    assert answer.exit_code == 0, answer.output
    assert "2 of 2 photos enrolled" in answer.stdout
    listed = json.loads(run("subjects", "list", "--json").stdout)
    assert [(one["subject_id"], one["display_name"], one["template_count"]) for one in listed] == [
        ("ann", "Ann A.", 2)
    ]


def test_a_bad_photo_does_not_stop_the_good_ones(
    run: Run, photo: Callable[..., Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    answer = run("enrol", "ann", broken, photo("empty.jpg"), photo("1.jpg", "ann"), "--json")
    assert answer.exit_code == 1
    files = json.loads(answer.stdout)["files"]
    assert [line["kind"] for line in files] == ["unreadable_image", "no_face", None]
    assert files[2]["quality"] > 0


def test_a_folder_or_a_missing_file_is_refused_before_any_work(
    run: Run, photo: Callable[..., Path], tmp_path: Path
) -> None:
    for wrong, advice in ((tmp_path, "facegate import photos"), (tmp_path / "nothing.jpg", "no file")):
        answer = run("enrol", "ann", photo("1.jpg", "ann"), wrong)
        assert answer.exit_code == 2
        assert advice in answer.stderr
    assert json.loads(run("subjects", "list", "--json").stdout) == []


def test_an_id_that_cannot_be_is_one_sentence(run: Run, photo: Callable[..., Path]) -> None:
    answer = run("enrol", "x" * 200, photo("1.jpg", "ann"))
    assert answer.exit_code == 2
    assert answer.stderr.strip() == "The id is longer than 128 characters."
