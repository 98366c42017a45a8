"""A client that speaks HTTP to an application in this process, without a socket and without a network."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

import httpx
from starlette.types import ASGIApp

LOCAL = ("127.0.0.1", 50_123)
ELSEWHERE = ("192.0.2.7", 50_123)


class InProcessClient:
    """Synchronous face of httpx over ASGI; one event loop as long as it lives.

    The default base address and client are loopback ones. Exceptions of the application are raised.
    `lifespan` is entered and left with the client.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        base_url: str = "http://127.0.0.1:8000",
        client: tuple[str, int] = LOCAL,
        headers: dict[str, str] | None = None,
        raise_app_exceptions: bool = True,
        lifespan: AbstractAsyncContextManager[Any] | None = None,
    ) -> None:
        self._runner = asyncio.Runner()
        self._lifespan = lifespan
        transport = httpx.ASGITransport(app, raise_app_exceptions=raise_app_exceptions, client=client)
        self._client = httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers)

    def __enter__(self) -> "InProcessClient":
        if self._lifespan is not None:
            self._runner.run(self._lifespan.__aenter__())
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        if self._lifespan is not None:
            self._runner.run(self._lifespan.__aexit__(None, None, None))
        self._runner.close()

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, url, **kwargs))

    def get(self, url: str, **kwargs: Any) -> httpx.Response:
        return self.request("GET", url, **kwargs)

    def post(self, url: str, **kwargs: Any) -> httpx.Response:
        return self.request("POST", url, **kwargs)

    def patch(self, url: str, **kwargs: Any) -> httpx.Response:
        return self.request("PATCH", url, **kwargs)

    def delete(self, url: str, **kwargs: Any) -> httpx.Response:
        return self.request("DELETE", url, **kwargs)

    def together(self, calls: Sequence[tuple[str, str, object]]) -> list[httpx.Response]:
        """Requests by method, path and JSON body, all at once; answers in their order."""

        async def send_all() -> list[httpx.Response]:
            waiting = [self._client.request(method, url, json=body) for method, url, body in calls]
            return list(await asyncio.gather(*waiting))

        return self._runner.run(send_all())

    def many(self, method: str, url: str, count: int, **kwargs: Any) -> list[httpx.Response]:
        """So many equal requests at once."""

        async def send_all() -> list[httpx.Response]:
            calls = [self._client.request(method, url, **kwargs) for _ in range(count)]
            return list(await asyncio.gather(*calls))

        return self._runner.run(send_all())
