"""A process is killed in the middle of enrolling: what it acknowledged is there, and nothing half."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from tests.fakes.enrolments import enrolment, new_template
from tests.fakes.gallery import FakeClock

from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.adapters.sql_store import SqlGalleryStore, open_sqlite
from facegate.domain.templates import EmbedderIdentity, Metric

_ENROLLER = textwrap.dedent(
    """
    import itertools, sys, uuid
    from datetime import UTC, datetime
    from pathlib import Path
    import numpy as np
    from facegate.adapters.sql_store import SqlGalleryStore, open_sqlite
    from facegate.adapters.system_clock import SystemClock
    from facegate.domain.gallery import Enrolment, NewTemplate
    from facegate.domain.templates import Template

    store = SqlGalleryStore(open_sqlite(Path(sys.argv[1])), SystemClock())
    random = np.random.default_rng(1)
    for number in itertools.count():
        templates = tuple(
            NewTemplate(uuid.uuid4().hex, Template("m", random.normal(size=128).astype("f4")), "test", 0.5)
            for _ in range(2)
        )
        store.enrol(Enrolment(f"person {number}", templates, datetime.now(UTC)))
        print(f"person {number}", flush=True)
    """
)


def enrol_until_killed(path: Path, after_count: int) -> list[str]:
    """The ids that the killed process had acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", _ENROLLER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        acknowledged = [next(lines).strip() for _ in range(after_count)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in lines if line.endswith("\n")]
    assert process.wait(timeout=30) == -signal.SIGKILL
    return acknowledged


def check_nothing_is_lost(path: Path, acknowledged: list[str]) -> None:
    store = SqlGalleryStore(open_sqlite(path), FakeClock())
    held = {subject.subject_id: subject.template_count for subject in store.list_subjects()}
    assert set(acknowledged) <= set(held)
    assert len(held) - len(acknowledged) <= 1  # written, but killed before it could be said
    assert set(held.values()) == {2}
    index = ExactTemplateIndex(EmbedderIdentity("m", 128, Metric.COSINE))
    index.replace_all(
        (stored.template_id, stored.subject_id, stored.template.vector)
        for stored in store.iterate_templates()
    )
    assert index.template_count() == store.counts().template_count == 2 * len(held)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "gallery.sqlite3"
    for round_count in (25, 25):
        path.unlink(missing_ok=True)
        check_nothing_is_lost(path, enrol_until_killed(path, round_count))


@pytest.mark.slow
def test_a_kill_during_a_thousand_enrolments_loses_none(tmp_path: Path) -> None:
    path = tmp_path / "gallery.sqlite3"
    check_nothing_is_lost(path, enrol_until_killed(path, 1000))


def test_a_log_that_cannot_be_emptied_does_not_undo_a_removal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_sqlite(tmp_path / "gallery.sqlite3")
    store = SqlGalleryStore(database, FakeClock())
    store.enrol(enrolment("anna", new_template("t1")))
    has_committed = threading.Event()
    event.listen(database._engine, "commit", lambda _: has_committed.set())

    def fail_after_commit(_: object) -> None:
        if has_committed.is_set():
            raise OperationalError("", {}, sqlite3.OperationalError("disk i/o error"))

    event.listen(database._engine, "engine_connect", fail_after_commit)
    assert store.remove_subject("anna") == ("t1",)
    assert "could not be emptied" in caplog.text
    event.remove(database._engine, "engine_connect", fail_after_commit)
    assert store.find_subject("anna") is None
    database.close()
