"""A database that goes away and comes back, and what is said meanwhile."""

import os
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.contracts.sink_databases import SinkDatabase, sink_database
from tests.fakes.activities import activity
from tests.unit.adapters.sql_sink.broken_line import BrokenLine

from facegate.adapters.sql_sink import open_sink
from facegate.domain.errors import StoreFailed


@pytest.fixture(params=["postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SinkDatabase]:
    with sink_database(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def line(database: SinkDatabase) -> Iterator[BrokenLine]:
    default_port = 5432 if database.url.get_backend_name() == "postgresql" else 3306
    with BrokenLine(database.url.host or "127.0.0.1", database.url.port or default_port) as opened:
        yield opened


def over(line: BrokenLine, database: SinkDatabase) -> SinkDatabase:
    return replace(database, url=database.url.set(host="127.0.0.1", port=line.port))


def test_a_line_that_breaks_heals_by_itself(database: SinkDatabase, line: BrokenLine) -> None:
    sink = over(line, database).open()
    sink.write([activity(1)])
    line.cut()
    for _ in range(2):
        with pytest.raises(StoreFailed, match="activity copy"):
            sink.write([activity(2)])
    line.mend()
    sink.write([activity(2), activity(3)])
    sink.close()
    assert len(database.rows()) == 3


def test_a_server_that_restarted_meanwhile_is_not_noticed(database: SinkDatabase, line: BrokenLine) -> None:
    sink = over(line, database).open()
    sink.write([activity(1)])
    line.cut()
    line.mend()
    sink.write([activity(2)])
    sink.close()
    assert len(database.rows()) == 2


def test_a_database_that_is_down_does_not_stop_a_start(database: SinkDatabase, line: BrokenLine) -> None:
    line.cut()
    sink = over(line, database).open()
    with pytest.raises(StoreFailed):
        sink.write([activity(1)])
    line.mend()
    sink.write([activity(1)])
    sink.close()
    assert len(database.rows()) == 1


def test_a_write_that_is_refused_leaves_nothing_and_says_no_data(database: SinkDatabase) -> None:
    columns = "sn VARCHAR(20), enrollid INT, time VARCHAR(20), CHECK (enrollid < 4240)"
    database.run(f"CREATE TABLE activity ({columns})")
    several = [activity(n, "".join(["SECRET", "-SN"]), enroll_id=4240 + n) for n in range(3)]
    sink = database.open()
    with pytest.raises(StoreFailed, match="refuses a row") as caught:
        sink.write(several)
    assert database.rows() == []
    said = "".join(traceback.format_exception(caught.value))
    assert "SECRET-SN" not in said
    assert "424" not in said
    # Somebody mends the table, here by taking it away: it is read anew.
    database.run("DROP TABLE activity")
    sink.write(several)
    sink.close()
    assert len(database.rows()) == 3


def test_a_lock_of_another_server_is_waited_for_in_turn(database: SinkDatabase) -> None:
    several = [database.open() for _ in range(3)]
    for sink in several:
        sink.write([activity(1)])
    for sink in several:
        sink.close()
    assert len(database.rows()) == 1


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql+pymysql://root@127.0.0.1:1/x", "cannot be reached"),
        ("postgresql+psycopg://root@127.0.0.1:1/x", "cannot be reached"),
        ("mysql+pymysql://root@127.0.0.1/x?colour=blue", "a parameter that its driver does not know"),
        ("sqlite:////nowhere/at/all/copy.sqlite3", "cannot be opened"),
    ],
)
def test_what_stops_the_copy_is_one_sentence(url: str, sentence: str) -> None:
    sink = open_sink(make_url(url))
    with pytest.raises(StoreFailed, match=sentence) as caught:
        sink.write([activity(1)])
    sink.close()
    assert "nowhere" not in caught.value.message


def test_an_unknown_user_and_an_unknown_database_are_named(database: SinkDatabase) -> None:
    for url in (
        database.url.set(username="nobody_here", password="geheim"),
        database.url.set(database="facegate_no_such_database"),
    ):
        sink = open_sink(url)
        with pytest.raises(StoreFailed, match=r"refuses the user|does not exist|lacks something") as caught:
            sink.write([activity(1)])
        sink.close()
        assert "geheim" not in caught.value.message


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    with sink_database("sqlite", tmp_path) as database:
        sink = database.open()
        sink.write([activity(1)])
        sink.close()
        read_only = open_sink(
            database.url.set(database=f"file:{database.url.database}").update_query_dict(
                {"mode": "ro", "uri": "true"}
            )
        )
        with pytest.raises(StoreFailed, match="may only be read"):
            read_only.write([activity(2)])
        read_only.close()
        (tmp_path / "copy.sqlite3").write_bytes(os.urandom(4096))
        broken = database.open()
        with pytest.raises(StoreFailed, match="the log has the reason"):
            broken.write([activity(1)])
        broken.close()
