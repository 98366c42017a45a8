"""schemathesis against the API's own description: every answer is documented, none is a server error.

A few examples per operation (more where everything is required), drawn the same way each time. `facegate`
describes pictures as text and bytes, of which most are none, so valid requests may well be refused: that
check is left out.
"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.bot_api.server import bot_api
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.video import FakeVideoSource
from tests.protocols.whole_server import Server, whole_server
from tests.required_parts import is_everything_required

_ENDLESS = {"GET /v1/terminals/events", "GET /v1/events/stream"}
"""A stream has no answer that could be held against a description."""

_BY_CONTRACT_500 = {"POST /admin/push"}
"""What the old server answered when a terminal does not."""

_HERE = ("127.0.0.1", 50_123)


class _FromHere:
    """Makes each request look as if a program on this machine had sent it through a socket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("the fixture runs the lifespan")
        others = [pair for pair in scope["headers"] if pair[0] != b"host"]
        headers = [(b"host", b"127.0.0.1:8000"), *others]
        local = {**scope, "client": _HERE, "server": ("127.0.0.1", 8000), "headers": headers}
        await self._app(local, receive, send)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # One line per request of thousands would only slow the test down.
    logging.getLogger("facegate").setLevel(logging.ERROR)
    folder = tmp_path_factory.mktemp("schemathesis") / "data"
    with bot_api() as bot:
        chosen = {
            # Without terminals at the other end nobody need wait for one.
            "terminals.push_fails_at_once": "true",
            "alerts.telegram_api_url": bot.url,
            "alerts.timeout_s": "1",
        }
        # No camera can be reached, and none on the network is tried.
        with whole_server(folder, chosen, is_serving=True, video_source=FakeVideoSource()) as server:
            server.client.post(
                "/v1/enrol", data={"subject_id": "ada"}, files={"image": fake_picture(FakeFace("ada"))}
            )
            yield server
    logging.getLogger("facegate").setLevel(logging.NOTSET)


@pytest.fixture(scope="module")
def api(running: Server) -> OpenApiSchema:
    described: OpenApiSchema = schemathesis.openapi.from_asgi("/openapi.json", _FromHere(running.app))
    # Each request carries the real token: a wrong one that is drawn and then replaced would make a right
    # request "wrong". What happens without a token is tested in rest_v1/test_tokens.py.
    described.config.generation.with_security_parameters = False
    # Too much is wrong too; schemathesis does not count 413 among its refusals.
    described.config.checks.negative_data_rejection.expected_statuses.append("413")
    return described


def test_every_answer_is_as_described(api: OpenApiSchema, running: Server, subtests: pytest.Subtests) -> None:
    for found in api.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.label in _ENDLESS:
            continue
        for mode in GenerationMode:
            with subtests.test(f"{operation.label}, {mode.value} input"):
                _fuzz(operation.as_strategy(generation_mode=mode), running, operation.label)


def _left_out(label: str) -> list[CheckFunction]:
    # 501 and 503 are answers where they are described; that 500 never is one is asserted below.
    left_out: list[CheckFunction] = [checks.positive_data_acceptance, not_a_server_error]
    if label == "POST /":
        # The verification contract answers 200 to everything and says in the body what was wrong.
        left_out.append(checks.negative_data_rejection)
    return left_out


def _fuzz(cases: SearchStrategy[Case[Any]], running: Server, label: str) -> None:
    left_out = _left_out(label)

    @given(cases)
    @settings(
        max_examples=12 if is_everything_required() else 3,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers_as_described(case: Case[Any]) -> None:
        answer = case.call_and_validate(headers=running.headers, excluded_checks=left_out)
        assert answer.status_code != 500 or label in _BY_CONTRACT_500

    # An operation without any input knows no wrong one.
    with contextlib.suppress(Unsatisfiable):
        answers_as_described()
