"""What an agent is told before it starts."""

from pathlib import Path
from typing import Any

import pytest

from facegate_workstation import SettingsWrong, WorkstationSettings
from facegate_workstation.jpeg import JpegFormat


def settings(server: str = "ws://127.0.0.1:8000", **others: Any) -> WorkstationSettings:
    return WorkstationSettings(server=server, user="ada", **others)


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("ws://127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
        ("wss://faces.example.com/", "wss://faces.example.com/ws"),
        ("wss://faces.example.com/presence/ws", "wss://faces.example.com/presence/ws"),
        ("ws://[::1]:8000/ws", "ws://[::1]:8000/ws"),
    ],
)
def test_the_address(server: str, url: str) -> None:
    assert settings(server).url == url


@pytest.mark.parametrize(
    "server", ["", "127.0.0.1:8000", "http://host/ws", "ws:///ws", "ws://a:b@host/ws", "ws://host:99999/ws"]
)
def test_an_address_that_is_none(server: str) -> None:
    with pytest.raises(SettingsWrong):
        settings(server)


@pytest.mark.parametrize(
    "wrong",
    [
        {"frames_per_s": 0},
        {"frames_per_s": float("nan")},
        {"answer_timeout_s": 0},
        {"lock_when_unwatched_s": -1},
        {"token": "fg_\r\nHost: elsewhere"},
        {"ca_file": Path("ca.pem")},
    ],
)
def test_values_that_cannot_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsWrong):
        settings(**wrong)


def test_the_clients_token_goes_into_the_header() -> None:
    told = settings(token="fg_1")
    assert told.headers == {"Authorization": "Bearer fg_1"}
    assert told.url.endswith("/ws")


def test_beside_a_token_for_the_door_it_goes_into_the_query() -> None:
    told = settings(token="fg_1", door_token="fg_2")
    assert told.headers == {"Authorization": "Bearer fg_2"}
    assert told.url.endswith("/ws?token=fg_1")
    assert "fg_" not in repr(told)


def test_what_crosses_a_network_in_the_clear_is_known() -> None:
    assert settings("ws://faces.example.com").is_in_the_clear
    assert not settings("wss://faces.example.com").is_in_the_clear
    assert not settings("ws://localhost:8000").is_in_the_clear


def test_tls_checks_certificate_and_name(tmp_path: Path) -> None:
    assert settings().tls() is None
    tls = settings("wss://faces.example.com").tls()
    assert tls is not None
    assert tls.check_hostname
    with pytest.raises(SettingsWrong, match="CA file"):
        settings("wss://faces.example.com", ca_file=tmp_path / "none.pem").tls()


def test_pictures_get_smaller_step_by_step_but_not_useless() -> None:
    wanted = JpegFormat(longest_side_px=800)
    while wanted.make_smaller():
        pass
    assert wanted.longest_side_px == 320
    with pytest.raises(SettingsWrong):
        JpegFormat(quality=0)
