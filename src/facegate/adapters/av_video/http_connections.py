"""HTTP over checked connections only, each wait bounded by the camera's patience."""

import selectors
import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import Any, cast

import httpcore
import httpx

from facegate.adapters.av_video.checked_network import CheckedNetwork, wait_until_ready
from facegate.adapters.av_video.patience import Patience


class CheckedTransport(httpx.BaseTransport):
    """What httpx sends through; knows no proxies."""

    def __init__(self, network: CheckedNetwork, patience: Patience) -> None:
        # Certificates are checked where the connection is made, so the pool's own context is never used.
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            network_backend=_Connections(network, patience),
            http2=False,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises CameraFailed and NotPermitted beside what httpcore raises."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=cast("Iterable[bytes]", request.stream),
            )
        )
        stream = _Received(cast("Iterable[bytes]", response.stream), response)
        return httpx.Response(response.status, headers=response.headers, stream=stream)

    def close(self) -> None:
        """All connections."""
        self._pool.close()


class _Received(httpx.SyncByteStream):
    def __init__(self, chunks: Iterable[bytes], response: httpcore.Response) -> None:
        self._chunks = chunks
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        self._response.close()


class _Connections(httpcore.NetworkBackend):
    def __init__(self, network: CheckedNetwork, patience: Patience) -> None:
        self._network = network
        self._patience = patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        connection = self._network.connect(host, port, self._patience)
        return _Connection(connection, self._network, self._patience)


class _Connection(httpcore.NetworkStream):
    """Time-outs of the pool are not used: patience knows better."""

    def __init__(self, connection: socket.socket, network: CheckedNetwork, patience: Patience) -> None:
        self._connection = connection
        self._network = network
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            try:
                return self._connection.recv(max_bytes)
            except (BlockingIOError, ssl.SSLWantReadError):
                wait_until_ready(self._connection, selectors.EVENT_READ, self._patience)
            except OSError as error:
                raise httpcore.ReadError from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        while rest:
            try:
                rest = rest[self._connection.send(rest) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                wait_until_ready(self._connection, selectors.EVENT_WRITE, self._patience)
            except OSError as error:
                raise httpcore.WriteError from error

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._network.secured(self._connection, server_hostname or "", self._patience)
        return _Connection(secured, self._network, self._patience)

    def get_extra_info(self, info: str) -> Any:
        """`is_readable` says of an idle connection that the other side has closed it."""
        if info == "is_readable":
            with selectors.DefaultSelector() as selector:
                selector.register(self._connection, selectors.EVENT_READ)
                return bool(selector.select(0))
        return None
