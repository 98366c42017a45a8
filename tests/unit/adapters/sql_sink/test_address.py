"""Where the copy goes: URLs, the old server's parts, drivers that are not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from facegate.adapters.sql_sink import SinkAddress, copy_name, open_sink, sink_url
from facegate.adapters.sql_sink.address import driver_limits
from facegate.domain.errors import CapabilityMissing, InvalidInput


def test_without_an_address_there_is_no_copy() -> None:
    assert sink_url(SinkAddress()) is None
    assert sink_url(SinkAddress(mssql_user="sa", mssql_password="secret", mssql_database="x")) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("db.example", ("db.example", None)),
        ("db.example,1434", ("db.example", 1434)),
        ("db.example:1434", ("db.example", 1434)),
        ("db\\SQLEXPRESS", ("db\\SQLEXPRESS", None)),
        ("fe80::1", ("fe80::1", None)),
        ("[fe80::1]:1434", ("fe80::1", 1434)),
    ],
)
def test_hosts_of_sql_server(host: str, expected: tuple[str, int | None]) -> None:
    url = sink_url(SinkAddress(mssql_host=host, mssql_user="sa", mssql_database="hr"))
    assert url is not None
    assert (url.host, url.port) == expected
    assert (url.drivername, url.username, url.database) == ("mssql+pymssql", "sa", "hr")


@given(password=st.text(min_size=1))
def test_a_password_may_hold_any_character(password: str) -> None:
    url = sink_url(SinkAddress(mssql_host="db", mssql_user="sa", mssql_password=password))
    assert url is not None
    assert url.password == password
    if password.isascii() and password.isprintable():
        assert make_url(url.render_as_string(hide_password=False)).password == password


def test_a_copy_has_the_same_name_whoever_logs_in_and_another_one_elsewhere() -> None:
    name = copy_name(make_url("postgresql+psycopg://u:secret@db/hr"), "activity")
    same = ["postgresql+psycopg://other:new@DB/hr", "postgresql+psycopg://db/hr?connect_timeout=3"]
    assert {copy_name(make_url(text), "activity") for text in same} == {name}
    elsewhere = [
        ("postgresql+psycopg://u:secret@db2/hr", "activity"),
        ("postgresql+psycopg://u:secret@db:5433/hr", "activity"),
        ("postgresql+psycopg://u:secret@db/payroll", "activity"),
        ("postgresql+psycopg://u:secret@db/hr", "scans"),
        ("postgresql+psycopg:///hr?host=/run/db", "activity"),
    ]
    names = {copy_name(make_url(text), table) for text, table in elsewhere}
    assert len(names | {name}) == 6
    assert name.isalnum()


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("postgresql://u@db/x", "postgresql+psycopg"),
        ("mysql://u@db/x", "mysql+pymysql"),
        ("mariadb://u@db/x", "mariadb+pymysql"),
        ("mssql://u@db/x", "mssql+pymssql"),
        ("mssql+pyodbc://u@db/x", "mssql+pyodbc"),
        ("sqlite:///copy.sqlite3", "sqlite"),
    ],
)
def test_a_url_without_a_driver_gets_ours(text: str, driver: str) -> None:
    url = sink_url(SinkAddress(url=text))
    assert url is not None
    assert url.drivername == driver


@pytest.mark.parametrize("text", ["no url", "", "mysql://u:geheim@db:port/x", "http//u:geheim@db"])
def test_a_url_that_cannot_be_read_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput, match="FACEGATE_SINK__URL") as caught:
        sink_url(SinkAddress(url=text))
    assert "geheim" not in caught.value.message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_secrets_are_not_shown() -> None:
    shown = repr(SinkAddress("mysql://u:geheim@db/x", "db", "sa", "geheim", "x"))
    assert "geheim" not in shown


def test_an_unknown_kind_of_database_and_a_missing_driver_say_what_to_do() -> None:
    with pytest.raises(InvalidInput, match="kind of database"):
        open_sink(make_url("paradox://u@db/x"))
    with pytest.raises(CapabilityMissing, match="driver asyncmy is not installed"):
        open_sink(make_url("mysql+asyncmy://u@db/x"))


def test_time_limits_of_the_address_itself_stand() -> None:
    url = make_url("postgresql+psycopg://u@db/x?connect_timeout=2")
    assert "connect_timeout" not in driver_limits(url)
    assert driver_limits(url)["tcp_user_timeout"] == 60_000
    assert driver_limits(make_url("mssql+pyodbc://u@db/x")) == {}
