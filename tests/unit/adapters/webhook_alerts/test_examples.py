"""The receivers in `examples/` take what is ours, once, and nothing else."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.contracts.alert_senders import LOOPBACK, make_channel, make_message
from tests.contracts.webhook_receivers import refused_port

from facegate.adapters.webhook_alerts import WebhookAlerts
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.errors import ChannelFailed

EXAMPLES = Path(__file__).parents[4] / "examples"
KEY = "a-key-to-sign-with"


@contextmanager
def running(program: list[str], folder: Path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    port = refused_port()
    process = subprocess.Popen(
        [*program, str(port)],
        cwd=folder,
        env={**os.environ, "FACEGATE_SIGNING_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield port, process
    finally:
        process.kill()
        process.communicate()


def programs() -> list[list[str]]:
    found = [[sys.executable, str(EXAMPLES / "webhook_receiver.py")]]
    node = shutil.which("node")
    return [*found, [node or "node", str(EXAMPLES / "webhook_receiver.mjs")]]


def channel_to(port: int, key: str = KEY) -> AlertChannel:
    options = {"picture": "true"}
    secrets = {"url": f"http://127.0.0.1:{port}/", "signing_key": key}
    return make_channel(ChannelKind.WEBHOOK, options, secrets)


@pytest.mark.parametrize("program", programs(), ids=["python", "javascript"])
def test_an_example_hears_each_alert_once_and_believes_nobody_else(
    program: list[str], tmp_path: Path
) -> None:
    if shutil.which(program[0]) is None:
        pytest.skip("node is not installed")
    sender, message = WebhookAlerts(3.0, LOOPBACK), make_message("Alice at Gate", confidence=0.91)
    with running(program, tmp_path) as (port, process):
        ends_at = time.monotonic() + 10
        while True:
            with suppress(ChannelFailed):
                sender.send(channel_to(port), message)
                break
            assert time.monotonic() < ends_at
            time.sleep(0.05)
        sender.send(channel_to(port), message)
        with pytest.raises(ChannelFailed, match="401"):
            sender.send(channel_to(port, "another-key"), make_message())
        old = WebhookAlerts(3.0, LOOPBACK, now_unix_s=lambda: time.time() - 3600)
        with pytest.raises(ChannelFailed, match="401"):
            old.send(channel_to(port), make_message())
        sender.send(channel_to(port), make_message("Bob at Gate"))
        assert process.stdout is not None
        assert process.stdout.readline() == "seen: Alice at Gate (confidence 0.91)\n"
        assert process.stdout.readline().startswith("seen: Bob at Gate")
    assert (tmp_path / "last-alert.jpg").exists() == (program[0] == sys.executable)
