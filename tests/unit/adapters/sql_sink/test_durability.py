"""A process is killed again and again while it copies: the copy lacks nothing and doubles nothing."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests.contracts.gallery_stores import sqlite_database
from tests.contracts.sink_databases import SinkDatabase, sink_database
from tests.fakes.activities import new_activity

from facegate.adapters.sql_store import SqlActivityStore
from facegate.use_cases.terminals.copying import CopyActivity

_COPIER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from sqlalchemy import make_url
    from facegate.adapters.sql_sink import open_sink
    from facegate.adapters.sql_store import SqlActivityStore, open_sqlite
    from facegate.use_cases.terminals.copying import CopyActivity

    store = SqlActivityStore(open_sqlite(Path(sys.argv[1])))
    copy = CopyActivity(store, open_sink(make_url(sys.argv[2])), batch_size=10)
    while copy():
        print("copied", flush=True)
    """
)


def copy_until_killed(store_path: Path, database: SinkDatabase, after_count: int) -> None:
    url = database.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-c", _COPIER, str(store_path), url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        for _ in range(after_count):
            next(lines)
        process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=30) == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_kills_lose_and_double_nothing(kind: str, has_key: bool, tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as spool, sink_database(kind, tmp_path) as database:
        store = SqlActivityStore(spool)
        wanted = [new_activity(number, f"SN{number % 5}") for number in range(3000)]
        store.add_activity(wanted)
        if not has_key:
            database.run('CREATE TABLE activity (sn VARCHAR(50), enrollid INT, time VARCHAR(50), "mode" INT)')
        for after_count in (1, 4, 9, 16):
            copy_until_killed(tmp_path / "gallery.sqlite3", database, after_count)
        sink = database.open()
        copy = CopyActivity(store, sink)
        while copy():
            pass
        sink.close()
        held = database.run('SELECT sn, enrollid, time, "mode" FROM activity')
    expected = [(new.serial_number, *new.record.key[:3]) for new in wanted]
    assert len(held) == len(expected)
    assert set(held) == set(expected)
