"""What would be said to Microsoft SQL Server. None can run here: its words are compiled, not executed."""

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, Table, Unicode
from sqlalchemy.dialects import mssql
from sqlalchemy.dialects.mssql.pymssql import MSDialect_pymssql
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql import ClauseElement
from tests.fakes.activities import activity

from facegate.adapters.sql_sink import SinkAddress, sink_url
from facegate.adapters.sql_sink.rows import Row, Unfit, row_of
from facegate.adapters.sql_sink.statements import LOOKED_UP_ROWS, insertion, look_up, sees_to_repetitions
from facegate.adapters.sql_sink.table_plan import TablePlan, new_table, plan_for
from facegate.adapters.sql_sink.transactions import make_engine

_DIALECT = MSDialect_pymssql()  # type: ignore[no-untyped-call]

MOST_PARAMETERS = 2100
"""SQL Server's limit for one statement."""


@pytest.fixture
def plan() -> TablePlan:
    return plan_for(new_table("dbo.activity"), "mssql")


def compiled(statement: ClauseElement, **options: object) -> str:
    return " ".join(str(statement.compile(dialect=_DIALECT, compile_kwargs=options)).split())


def rows_of(plan: TablePlan, count: int) -> list[Row]:
    return [row_of(plan, activity(number)) for number in range(count)]


def test_the_table_holds_unicode_and_tells_letters_apart() -> None:
    assert compiled(CreateTable(new_table("dbo.activity"))) == (
        "CREATE TABLE dbo.activity ( "
        "cmd NVARCHAR(255) NOT NULL, "
        "sn NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL, "
        "enrollid BIGINT NOT NULL, "
        "aliasid NVARCHAR(255) NOT NULL, "
        "name NVARCHAR(255) NOT NULL, "
        "time NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL, "
        "mode INTEGER NOT NULL, "
        "inout INTEGER NOT NULL, "
        "event INTEGER NOT NULL, "
        "UNIQUE (sn, enrollid, time, mode, event) )"
    )


def test_what_is_there_is_looked_up_under_a_lock(plan: TablePlan) -> None:
    assert not sees_to_repetitions(plan)
    assert compiled(look_up(plan, rows_of(plan, 1)), literal_binds=True) == (
        "SELECT dbo.activity.sn, dbo.activity.enrollid, dbo.activity.time, dbo.activity.mode, "
        "dbo.activity.event FROM dbo.activity WITH (UPDLOCK, HOLDLOCK) "
        "WHERE dbo.activity.sn IN (N'SN1') AND dbo.activity.enrollid IN (1) "
        "AND dbo.activity.time IN (N'2026-11-21 08:00:00')"
    )


def test_rows_are_inserted_without_questions(plan: TablePlan) -> None:
    statement = compiled(insertion(plan))
    assert statement.startswith(
        "INSERT INTO dbo.activity (cmd, sn, enrollid, aliasid, name, time, mode, inout, event) VALUES"
    )
    assert "OUTPUT" not in statement


def test_one_look_stays_below_the_limit_of_parameters(plan: TablePlan) -> None:
    rows = [
        row_of(plan, activity(number, f"SN{number}", enroll_id=number)) for number in range(LOOKED_UP_ROWS)
    ]
    statement = look_up(plan, rows).compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    assert len(statement.params) == 3 * LOOKED_UP_ROWS <= MOST_PARAMETERS


def test_the_old_table_and_numbers_that_it_does_not_hold() -> None:
    old = Table(
        "G3TRANS",
        MetaData(),
        Column("sn", Unicode(255)),
        Column("enrollid", Integer),
        Column("time", Unicode(255)),
        Column("mode", mssql.TINYINT),
        Column("input", Integer),
    )
    plan = plan_for(old, "mssql")
    assert not plan.has_unique_key
    assert row_of(plan, activity(1, in_out=1)) == {
        "sn": "SN1",
        "enrollid": 2,
        "time": "2026-11-21 08:00:01",
        "mode": 8,
        "input": 1,
    }
    for unfit in (activity(1, enroll_id=2**31), activity(1, mode=256)):
        with pytest.raises(Unfit):
            row_of(plan, unfit)


def test_a_unique_index_with_a_filter_is_no_key() -> None:
    def table(condition: str | None) -> Table:
        made = Table("activity", MetaData(), *(Column(name, Integer) for name in ("sn", "enrollid", "time")))
        Index("one", *made.columns, unique=True, mssql_where=condition)
        return made

    assert plan_for(table(None), "mssql").has_unique_key
    assert not plan_for(table("sn > 4"), "mssql").has_unique_key


def test_the_driver_is_there() -> None:
    url = sink_url(
        SinkAddress(mssql_host="db", mssql_user="sa", mssql_password="p@ss/:%", mssql_database="hr")
    )
    assert url is not None
    engine = make_engine(url)
    assert isinstance(engine.dialect, MSDialect_pymssql)
    _, arguments = engine.dialect.create_connect_args(url)  # type: ignore[no-untyped-call]
    assert arguments["password"] == "p@ss/:%"
    assert arguments["database"] == "hr"
    engine.dispose()
