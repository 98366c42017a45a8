"""How Streamlit is started: closed to other sites, quiet, and with no secret on its command line."""

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from facegate.page import launch
from facegate.page.launch import PageStart, command, environment, page_start


def options(*given: str, host: str = "127.0.0.1", public_url: str | None = None) -> list[str]:
    return [
        flag.split("=", 1)[1]
        for flag in command(host, 8501, public_url)
        for name in given
        if flag.startswith(f"--{name}=")
    ]


def test_the_token_is_in_the_environment_and_on_no_command_line() -> None:
    start = PageStart("http://127.0.0.1:8000", "secret")

    told = environment(start, {"PATH": "/bin", "AUTH_TOKEN": "secret", "FACEGATE_ACCESS__TOKEN": "secret"})

    assert told[launch.TOKEN_NAME] == "secret"
    assert "AUTH_TOKEN" not in told
    assert "secret" not in repr(start)
    assert "secret" not in " ".join(command("127.0.0.1", 8501))


def test_a_page_that_asks_for_a_token_has_none() -> None:
    around = dict.fromkeys(("AUTH_TOKEN", "FACEGATE_ACCESS__TOKEN", launch.TOKEN_NAME), "secret")

    assert "secret" not in environment(PageStart("http://127.0.0.1:8000"), around).values()


def test_the_page_reads_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    start = PageStart("http://10.0.0.1:8000", "secret", may_choose_server=True)
    for name, value in environment(start, {}).items():
        monkeypatch.setenv(name, value)

    assert page_start() == start


def test_on_this_machine_only_its_own_names_are_answered() -> None:
    assert options("server.allowedHosts") == ["localhost", "127.0.0.1", "::1"]
    assert options("server.enableCORS", "server.enableXsrfProtection") == ["true", "true"]


def test_behind_a_proxy_its_public_name_is_answered_too() -> None:
    assert "faces.example.org" in options("server.allowedHosts", public_url="https://faces.example.org/")
    assert options("browser.serverAddress", public_url="https://faces.example.org/") == ["faces.example.org"]
    assert options("server.corsAllowedOrigins", public_url="https://faces.example.org:8443/x") == [
        "https://faces.example.org:8443"
    ]


def test_on_the_network_any_name_is_answered() -> None:
    assert options("server.allowedHosts", host="0.0.0.0") == []  # noqa: S104 - what is tested


def test_nobody_is_told_of_the_usage_and_no_traceback_is_shown() -> None:
    assert options("browser.gatherUsageStats", "client.showErrorDetails") == ["false", "none"]


@pytest.mark.parametrize(
    ("headers", "begins_signed_in"),
    [
        ({"Host": "localhost:8501", "Origin": "http://localhost:8501"}, True),
        ({"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"}, True),
        ({"Host": "127.0.0.1:8501", "Origin": "https://faces.example.org"}, False),
        ({"Host": "127.0.0.1:8501", "Origin": "http://localhost:3000"}, False),
        ({"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:3000"}, False),
        ({"Host": "faces.example.org", "Origin": "https://faces.example.org"}, False),
        ({"Host": "127.0.0.1:8501"}, False),
        ({"Host": "localhost", "Origin": "http://localhost", "X-Forwarded-For": "192.0.2.1"}, False),
        ({"Host": "localhost", "Origin": "http://localhost", "Via": "1.1 proxy"}, False),
    ],
)
def test_the_token_is_given_to_a_browser_on_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], begins_signed_in: bool
) -> None:
    class Context:
        locale = None
        timezone = None

    Context.headers = headers  # type: ignore[attr-defined]
    monkeypatch.setenv(launch.TOKEN_NAME, "secret")
    monkeypatch.setattr(streamlit, "context", Context())

    page = AppTest.from_function(_begin).run()

    assert (page.session_state["visitor_token"] == "secret") is begins_signed_in


def _begin() -> None:
    from facegate.page import session

    session.begin()


def test_where_others_reach_the_page_uploads_are_smaller() -> None:
    for host, public_url, limit in (
        ("127.0.0.1", None, 200),
        ("0.0.0.0", None, 25),  # noqa: S104 - not bound
        ("127.0.0.1", "https://faces.example", 25),
    ):
        assert f"--server.maxUploadSize={limit}" in command(host, 8501, public_url)
