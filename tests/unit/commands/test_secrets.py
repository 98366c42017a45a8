"""`facegate secrets`."""

from pathlib import Path

from tests.unit.commands.conftest import Run

from facegate.adapters.fernet_secrets import FernetSecretBox


def test_a_new_key_is_alone_on_stdout_and_nothing_is_changed(run: Run, data_folder: Path) -> None:
    made = run("secrets", "new-key")
    assert made.exit_code == 0, made.output
    key = made.stdout.strip()
    assert len(key) == 44
    assert len(made.stdout.splitlines()) == 1
    assert "before the old one" in made.stderr
    assert not data_folder.exists()
    assert run("secrets", "new-key").stdout.strip() != key


def test_a_new_key_before_the_old_one_opens_what_the_old_one_sealed(run: Run) -> None:
    old, new = (run("secrets", "new-key").stdout.strip() for _ in range(2))
    sealed = FernetSecretBox(old).seal("rtsp://user:password@10.0.0.7/")
    both = FernetSecretBox(f"{new},{old}")
    assert both.open(sealed) == "rtsp://user:password@10.0.0.7/"
    assert FernetSecretBox(new).open(both.seal("again")) == "again"


def test_without_a_command_it_says_what_there_is(run: Run) -> None:
    helped = run("secrets")
    assert "new-key" in helped.output
    assert "Traceback" not in helped.output
