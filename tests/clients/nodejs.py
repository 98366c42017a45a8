"""Node.js with WebSocket, or the reason why there is none."""

import shutil
import subprocess
from pathlib import Path

import pytest

JAVASCRIPT = Path(__file__).parents[2] / "clients" / "javascript"


def node_command() -> list[str]:
    """Skips the test where Node.js is missing or too old."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    command = [node, "--experimental-websocket", "--no-warnings"]
    probe = subprocess.run([*command, "-e", "new WebSocket"], capture_output=True, text=True, check=False)
    if "bad option" in probe.stderr or "is not defined" in probe.stderr:
        pytest.skip("this Node.js has no WebSocket: 20.10 or newer is needed")
    return command
