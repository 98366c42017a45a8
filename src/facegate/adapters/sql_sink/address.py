"""Where the copy goes: the database's URL, from a text or from the parts that the old server knew."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from facegate.domain.errors import InvalidInput

_OUR_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "mssql": "mssql+pymssql",
}
"""What a URL without a driver means: the drivers that our extras install."""

# Without them a database that does not answer would hold the copy up for hours.
_TIME_LIMITS: Mapping[str, Mapping[str, object]] = {
    "psycopg": {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    },
    "pymysql": {"connect_timeout": 10, "read_timeout": 60, "write_timeout": 60},
    "pymssql": {"login_timeout": 10, "timeout": 60},
    "pysqlite": {"timeout": 10, "check_same_thread": False},
}

_HOST_AND_PORT = re.compile(r"(?P<host>[^:,]+|\[[^\]]+\])[:,] *(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class SinkAddress:
    """Either a SQLAlchemy URL or the parts of a Microsoft SQL Server; without both there is no copy.

    `mssql_host` may have a port, `host:port` or `host,port`, or an instance's name behind a backslash.
    """

    url: str | None = field(default=None, repr=False)
    mssql_host: str | None = None
    mssql_user: str | None = None
    mssql_password: str | None = field(default=None, repr=False)
    mssql_database: str | None = None


def sink_url(address: SinkAddress) -> URL | None:
    """The URL with its driver, or None where no copy is wanted.

    Raises:
        InvalidInput: the URL cannot be read.
    """
    if address.url is not None:
        return _with_driver(_parsed(address.url))
    if address.mssql_host is None:
        return None
    found = _HOST_AND_PORT.fullmatch(address.mssql_host.strip())
    # Built from parts: a password may hold any character.
    return URL.create(
        "mssql+pymssql",
        username=address.mssql_user,
        password=address.mssql_password,
        host=address.mssql_host.strip() if found is None else found["host"].strip("[]"),
        port=None if found is None else int(found["port"]),
        database=address.mssql_database,
    )


def copy_name(url: URL, table_name: str) -> str:
    """The same for the same table of the same database, whoever logs in: for the place of the copy there.

    A digest, since the place is kept where people may look who need not know the address.
    """
    host = url.host or url.query.get("host")
    where = [host.lower() if isinstance(host, str) else host, url.port, url.database, table_name]
    return hashlib.sha256(json.dumps(where).encode()).hexdigest()[:32]


def driver_limits(url: URL) -> dict[str, object]:
    """Time limits in the driver's own words, but for those that the URL sets itself."""
    limits = _TIME_LIMITS.get(url.get_dialect().driver, {})
    return {name: value for name, value in limits.items() if name not in url.query}


def _parsed(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # The error's own text repeats the URL, which may hold a password.
        raise InvalidInput(
            "the copy's address is not a database URL such as postgresql+psycopg://user:password@host/name: "
            "check FACEGATE_SINK__URL",
            field="sink.url",
        ) from None


def _with_driver(url: URL) -> URL:
    return url.set(drivername=_OUR_DRIVERS.get(url.drivername, url.drivername))
