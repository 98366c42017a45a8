"""Tables that others made: without a key, with other names, types and columns."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.sink_databases import DATABASE_KINDS, SinkDatabase, sink_database
from tests.fakes.activities import activity

from facegate.adapters.sql_sink import SqlActivitySink
from facegate.domain.errors import StoreFailed
from facegate.domain.terminals.activity import Activity

OLD_COLUMNS = (
    "cmd VARCHAR(255), sn VARCHAR(255), enrollid INT, aliasid INT, name VARCHAR(255), "
    'time VARCHAR(255), "mode" INT, "inout" INT, event INT'
)
"""As the old server made it."""


@pytest.fixture(params=DATABASE_KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SinkDatabase]:
    with sink_database(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(params=["postgresql", "mariadb"])
def strict_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SinkDatabase]:
    """One that holds columns to their types, which SQLite does not."""
    with sink_database(request.param, tmp_path) as opened:
        yield opened


def written(database: SinkDatabase, *activities: Activity) -> None:
    """By a sink of its own, as after a start."""
    sink = database.open()
    try:
        sink.write(activities)
    finally:
        sink.close()


def column(database: SinkDatabase, name: str) -> list[object]:
    return sorted((value for (value,) in database.run(f'SELECT "{name}" FROM activity')), key=repr)  # noqa: S608


def test_a_table_of_ours_has_the_nine_columns_in_order_and_a_key(database: SinkDatabase) -> None:
    written(database, activity(3, alias_id="A7", in_out=1, event=2))
    (row,) = database.rows()
    assert row == ("sendlog", "SN1", 4, "A7", "Person 3", "2026-11-21 08:00:03", 8, 1, 2)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        database.run("INSERT INTO activity SELECT * FROM activity")


def test_the_table_of_the_old_server_gets_no_doubles(database: SinkDatabase) -> None:
    database.run(f"CREATE TABLE activity ({OLD_COLUMNS})")
    database.run(
        "INSERT INTO activity VALUES "
        "('sendlog', 'SN1', 2, 0, 'Person 1', '2026-11-21 08:00:01', 8, 0, 0), "
        "('sendlog', 'SN1', 2, 0, 'Person 1', '2026-11-21 08:00:01', 8, 0, 0)"
    )
    several = [activity(number) for number in range(1, 450)]
    written(database, *several[:300], several[2])
    written(database, *several[200:])
    assert len(database.rows()) == 450  # 449, and the one that the old server had doubled
    assert len(set(database.rows())) == 449


def test_an_alias_becomes_a_number_where_the_table_wants_one(database: SinkDatabase) -> None:
    database.run(f"CREATE TABLE activity ({OLD_COLUMNS})")
    aliases = ["", "17", "A-17", "99999999999", "-3"]
    written(database, *(activity(number, alias_id=alias) for number, alias in enumerate(aliases)))
    kept = 99999999999 if database.engine.dialect.name == "sqlite" else 0
    assert sorted(column(database, "aliasid"), key=str) == sorted([0, 17, 0, kept, 0], key=str)


def test_other_names_other_columns_and_missing_ones(database: SinkDatabase) -> None:
    number = {"sqlite": "INTEGER PRIMARY KEY", "postgresql": "SERIAL PRIMARY KEY"}.get(
        database.engine.dialect.name, "INT AUTO_INCREMENT PRIMARY KEY"
    )
    database.run(
        f"CREATE TABLE activity (id {number}, site VARCHAR(20) NOT NULL DEFAULT 'north', "
        '"EnrollId" BIGINT NOT NULL, "SN" VARCHAR(40) NOT NULL, "Time" VARCHAR(19) NOT NULL, "input" INT)'
    )
    written(database, activity(1, in_out=1), activity(2, in_out=0))
    written(database, activity(2, in_out=0), activity(3, in_out=1))
    rows = database.run('SELECT id, site, "EnrollId", "SN", "Time", "input" FROM activity ORDER BY id')
    assert rows == [
        (1, "north", 2, "SN1", "2026-11-21 08:00:01", 1),
        (2, "north", 3, "SN1", "2026-11-21 08:00:02", 0),
        (3, "north", 4, "SN1", "2026-11-21 08:00:03", 1),
    ]


def test_a_table_without_what_tells_records_apart_is_named(database: SinkDatabase) -> None:
    database.run("CREATE TABLE activity (sn VARCHAR(20), name VARCHAR(20))")
    with pytest.raises(StoreFailed, match="no column enrollid and no time"):
        written(database, activity(1))


def test_a_table_that_wants_more_is_tried_again_until_it_is_mended(database: SinkDatabase) -> None:
    database.run(f"CREATE TABLE activity ({OLD_COLUMNS}, site VARCHAR(20) NOT NULL)")
    sink = database.open()
    for _ in range(2):
        with pytest.raises(StoreFailed, match="wants a value: give it a default"):
            sink.write([activity(1), activity(2)])
    database.run("DROP TABLE activity")
    sink.write([activity(1), activity(2)])
    sink.close()
    assert len(database.rows()) == 2


def test_a_unique_key_of_fewer_columns_decides_what_has_room(
    database: SinkDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    database.run(f"CREATE TABLE activity ({OLD_COLUMNS})")
    database.run('CREATE UNIQUE INDEX one_scan ON activity (time, enrollid, "mode")')
    written(database, activity(1), activity(1, "SN2"), activity(1, mode=2))
    assert column(database, "mode") == [2, 8]
    assert "keeps one row for each enrollid, time, mode" in caplog.text


def test_an_index_on_some_rows_alone_is_no_key(tmp_path: Path) -> None:
    with sink_database("postgresql", tmp_path) as database:
        database.run(f"CREATE TABLE activity ({OLD_COLUMNS})")
        database.run('CREATE UNIQUE INDEX of_a_few ON activity (sn, enrollid, time) WHERE "mode" = 99')
        database.run("CREATE UNIQUE INDEX folded ON activity (lower(sn), enrollid, time)")
        written(database, activity(1), activity(2))
        written(database, activity(2), activity(3))
        assert len(database.rows()) == 3


def test_a_number_without_room_is_left_out_and_named_in_the_log(
    strict_database: SinkDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    strict_database.run(f"CREATE TABLE activity ({OLD_COLUMNS})")
    written(strict_database, activity(1), activity(2, enroll_id=2**31, name="Secret"), activity(3))
    assert column(strict_database, "enrollid") == [2, 4]
    assert "activity 2 is not in the activity copy: a number is too large for the column enrollid" in (
        caplog.text
    )
    assert "Secret" not in caplog.text


def test_a_row_that_a_constraint_refuses_is_left_out_and_does_not_stop_the_others(
    database: SinkDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    database.run(f'CREATE TABLE activity ({OLD_COLUMNS}, CHECK ("mode" <> 77))')
    several = [activity(1), activity(2, mode=77, name="Secret"), activity(3)]
    written(database, *several)
    written(database, *several)
    assert column(database, "enrollid") == [2, 4]
    assert "activity 2 is not in the activity copy: the table of the activity copy refuses a row" in (
        caplog.text
    )
    assert "Secret" not in caplog.text


def test_when_none_has_room_the_table_is_what_is_wrong(strict_database: SinkDatabase) -> None:
    strict_database.run(f"CREATE TABLE activity ({OLD_COLUMNS})")
    sink = strict_database.open()
    large = [activity(number, enroll_id=2**40 + number) for number in range(3)]
    with pytest.raises(StoreFailed, match="too large for the column enrollid"):
        sink.write(large)
    widen = {"postgresql": "ALTER COLUMN enrollid TYPE BIGINT"}.get(
        strict_database.engine.dialect.name, "MODIFY enrollid BIGINT"
    )
    strict_database.run(f"ALTER TABLE activity {widen}")
    sink.write(large)
    sink.close()
    assert len(strict_database.rows()) == 3


def test_texts_are_cut_where_they_may_be_and_left_out_where_not(
    strict_database: SinkDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    strict_database.run(
        "CREATE TABLE activity (sn VARCHAR(5), enrollid VARCHAR(9), time CHAR(30), name VARCHAR(4))"
    )
    several = [activity(1, name="Mari\u00e1n"), activity(2, "SN-LONG"), activity(3)]
    written(strict_database, *several)
    written(strict_database, *several)
    assert column(strict_database, "name") == ["Mari", "Pers"]
    assert column(strict_database, "enrollid") == ["2", "4"]
    assert "activity 2 is not in the activity copy: a text is too long for the column sn" in caplog.text


@pytest.mark.parametrize("zone", ["", " WITH TIME ZONE"])
def test_a_time_may_be_a_date_of_the_database(zone: str, strict_database: SinkDatabase) -> None:
    is_mariadb = strict_database.engine.dialect.name == "mysql"
    kind = "DATETIME" if is_mariadb else f"TIMESTAMP{zone}"
    strict_database.run(f"CREATE TABLE activity (sn VARCHAR(20), enrollid BIGINT, time {kind} NOT NULL)")
    several = [activity(1), activity(2), activity(3)]
    written(strict_database, *several)
    written(strict_database, *several)
    assert len(strict_database.rows()) == 3


def test_a_time_that_is_none_has_no_room_in_a_date(
    strict_database: SinkDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    kind = "DATETIME" if strict_database.engine.dialect.name == "mysql" else "TIMESTAMP"
    strict_database.run(f"CREATE TABLE activity (sn VARCHAR(20), enrollid BIGINT, time {kind} NOT NULL)")
    written(strict_database, activity(1), activity(2, time_text="soon"))
    assert len(strict_database.rows()) == 1
    assert "activity 2 is not in the activity copy: a time cannot be read" in caplog.text


def test_names_in_a_table_without_unicode(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with sink_database("mariadb", tmp_path) as database:
        database.run(f"CREATE TABLE activity ({OLD_COLUMNS}) CHARACTER SET latin1")
        several = [
            activity(1, name="Ren\u00e9"),
            activity(2, name="\u738b\u5c0f\u660e"),
            activity(3, "SN\u738b"),
        ]
        written(database, *several)
        written(database, *several)
        # One that does not fit has the batch written row by row.
        assert column(database, "name") == ["???", "Ren\u00e9"]
        assert "activity 3 is not in the activity copy: the database refuses one of its values" in caplog.text


def test_a_partly_written_batch_is_completed(tmp_path: Path) -> None:
    # MyISAM knows no transactions: what came before the refused row is there already.
    with sink_database("mariadb", tmp_path) as database:
        database.run(f"CREATE TABLE activity ({OLD_COLUMNS}) CHARACTER SET latin1 ENGINE MyISAM")
        written(database, activity(1), activity(2), activity(3, name="\u738b"), activity(4))
        assert len(database.rows()) == 4


def test_a_table_in_a_schema_of_its_own(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with sink_database("postgresql", tmp_path) as database:
        schema = str(database.run("SELECT current_schema()")[0][0])
        database.run('CREATE TABLE "G3TRANS" AS SELECT 1 AS other')
        caplog.set_level(logging.WARNING)
        for name in (f"{schema}.scans", f"{schema}.scans"):
            sink: SqlActivitySink = database.open(name)
            sink.write([activity(1)])
            sink.close()
        assert len(database.rows("scans")) == 1
        assert caplog.text == ""
