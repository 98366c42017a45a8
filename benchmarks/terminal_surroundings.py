"""What stands around the server in the terminals' load and can fail: Redis and the copy's database."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, MetaData, Table, create_engine, make_url, select
from sqlalchemy.exc import NoSuchTableError

from facegate.domain.terminals.activity import RecordKey

_DEFAULT_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
_START_LIMIT_S = 20.0


def free_port() -> int:
    """A port of loopback that nobody uses just now."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


class OwnRedis:
    """A Redis of its own that keeps nothing: what it loses in a restart is lost."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator["OwnRedis"]:
        """It answers inside the block. Raises FileNotFoundError where Redis is not installed."""
        self.start()
        try:
            yield self
        finally:
            self.kill()

    def start(self) -> None:
        """Returns once it answers."""
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("redis-server is not installed")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [program, *options, "--dir", str(self._folder)], stdout=subprocess.DEVNULL
        )
        deadline_s = time.perf_counter() + _START_LIMIT_S
        while not _answers_ping(self.port):
            if time.perf_counter() > deadline_s:
                raise TimeoutError("redis-server did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """As a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


class Relay:
    """Passes TCP connections on to a server. When it is cut, open ones break and new ones are refused."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = free_port()

    @contextlib.contextmanager
    def running(self) -> Iterator["Relay"]:
        """It passes on inside the block."""
        self._thread.start()
        self.mend()
        try:
            yield self
        finally:
            self.cut()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()

    def mend(self) -> None:
        """Connections pass from now on."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)

    def cut(self) -> None:
        """None passes from now on, and those that did are broken."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        # Those that were passing see the end of their streams before the loop may stop.
        while self._writers:  # noqa: ASYNC110 - for a moment
            await asyncio.sleep(0.005)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward_reader, onward_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, onward_writer}
        try:
            await asyncio.gather(_pump(reader, onward_writer), _pump(onward_reader, writer))
        finally:
            for one in (writer, onward_writer):
                one.transport.abort()
                self._writers.discard(one)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
    writer.close()


class SinkDatabase:
    """A database for the copy of the activity, reached through a relay, with a table of this run alone."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self.table_name = f"facegate_load_{uuid.uuid4().hex[:12]}"
        port = self._url.port or _DEFAULT_PORTS[self._url.get_backend_name()]
        self.relay = Relay(self._url.host or "127.0.0.1", port)

    @property
    def kind(self) -> str:
        """Such as `postgresql`."""
        return self._url.get_backend_name()

    @property
    def relayed_url(self) -> URL:
        """What the server is given."""
        return self._url.set(host="127.0.0.1", port=self.relay.port)

    @contextlib.contextmanager
    def reachable(self) -> Iterator["SinkDatabase"]:
        """Through the relay inside the block; then the table is dropped."""
        with self.relay.running():
            try:
                yield self
            finally:
                self._drop()

    def keys(self) -> list[tuple[str, RecordKey]]:
        """Every row's serial number and key, read past the relay; none while there is no table."""
        engine = create_engine(self._url)
        try:
            table = Table(self.table_name, MetaData(), autoload_with=engine).c
            columns = (table.sn, table.enrollid, table.time, table.mode, table.event)
            with engine.connect() as connection:
                rows = connection.execute(select(*columns)).all()
            return [(sn, (enroll_id, at, mode, event)) for sn, enroll_id, at, mode, event in rows]
        except NoSuchTableError:
            return []
        finally:
            engine.dispose()

    def _drop(self) -> None:
        engine = create_engine(self._url)
        try:
            with contextlib.suppress(NoSuchTableError):
                Table(self.table_name, MetaData(), autoload_with=engine).drop(engine)
        finally:
            engine.dispose()
