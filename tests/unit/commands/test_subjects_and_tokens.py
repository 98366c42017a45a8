"""`facegate subjects` and `facegate token`."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

from tests.unit.commands.conftest import Run

from facegate.domain.access import hash_token


def test_people_are_listed_shown_renamed_and_removed(run: Run, photo: Callable[..., Path]) -> None:
    assert run("subjects", "list").stderr == "Nobody is enrolled.\n"
    run("enrol", "[bold]ann", photo("1.jpg", "ann"))
    listed = run("subjects", "list").stdout
    assert "[bold]ann" in listed
    shown = run("subjects", "show", "[bold]ann").stdout
    assert "sface-2021dec" in shown
    assert "command_line" in shown
    assert "is called Ann A. now" in run("subjects", "rename", "[bold]ann", "Ann A.").stdout
    assert run("subjects", "list", "--containing", "zzz").exit_code == 1
    removed = run("subjects", "remove", "nobody", "[bold]ann", "--yes")
    assert removed.exit_code == 1
    assert "[bold]ann is removed" in removed.stdout
    assert "nobody: nobody with this id is enrolled" in removed.stderr
    assert json.loads(run("subjects", "list", "--json").stdout) == []


def test_nothing_is_removed_when_nobody_can_be_asked(run: Run, photo: Callable[..., Path]) -> None:
    run("enrol", "ann", photo("1.jpg", "ann"))
    refused = run("subjects", "remove", "ann")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert len(json.loads(run("subjects", "list", "--json").stdout)) == 1


def test_one_template_can_be_removed(run: Run, photo: Callable[..., Path]) -> None:
    run("enrol", "ann", photo("1.jpg", "ann"), photo("2.jpg", "ann", variant=1))
    templates = json.loads(run("subjects", "show", "ann", "--json").stdout)["templates"]
    assert run("subjects", "remove-template", templates[0]["template_id"], "--yes").exit_code == 0
    left = json.loads(run("subjects", "show", "ann", "--json").stdout)["templates"]
    assert [one["template_id"] for one in left] == [templates[1]["template_id"]]


def test_a_new_token_is_alone_on_stdout(run: Run) -> None:
    made = run("token", "create", "kiosk", "--door", "attendance", "--days", "30")
    assert made.exit_code == 0, made.output
    secret = made.stdout.strip()
    assert secret.startswith("fg_")
    assert secret not in made.stderr
    listed = json.loads(run("token", "list", "--json").stdout)
    kiosk = next(token for token in listed if token["name"] == "kiosk")
    assert kiosk["doors"] == ["attendance"]
    assert secret not in json.dumps(listed)
    assert "every door" in run("token", "list").stdout
    assert run("token", "revoke", kiosk["token_id"]).exit_code == 0
    again = run("token", "revoke", kiosk["token_id"])
    assert again.exit_code == 1
    assert "no stored token" in again.stderr.lower()


def test_the_main_token_is_shown_and_kept_private(run: Run, data_folder: Path) -> None:
    first, second = run("token", "show").stdout, run("token", "show").stdout
    assert first == second
    assert len(hash_token(first.strip())) == 64
    kept = data_folder / "token"
    assert kept.read_text().strip() == first.strip()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert run("token", "show", "--server", "http://127.0.0.1:1").exit_code == 2
