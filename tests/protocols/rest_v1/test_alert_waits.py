"""Looking up where a channel leads keeps no thread from those who only read and write."""

import threading

import pytest
from tests.protocols.rest_v1.camera_server import CameraServer

from facegate.adapters.webhook_alerts import WebhookAlerts
from facegate.domain.alerts.channels import AlertChannel


def test_channels_are_checked_where_others_wait_for_the_network(
    cameras: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked_on: list[str] = []
    check = WebhookAlerts.check

    def noting(sender: WebhookAlerts, channel: AlertChannel) -> None:
        checked_on.append(threading.current_thread().name.partition("_")[0])
        check(sender, channel)

    monkeypatch.setattr(WebhookAlerts, "check", noting)
    hook = {"kind": "webhook", "name": "Hook", "secrets": {"url": "https://192.0.2.9/hook"}}
    channel = cameras.ok(cameras.post("/alerts/channels", hook), 201)
    path = f"/alerts/channels/{channel['channel_id']}"
    cameras.ok(cameras.call("PATCH", path, {"secrets": {"url": "https://192.0.2.10/hook"}}))
    cameras.ok(cameras.call("PATCH", path, {"is_enabled": True}))
    cameras.ok(cameras.call("PATCH", path, {"name": "Other"}))
    assert checked_on == ["network"] * 3
