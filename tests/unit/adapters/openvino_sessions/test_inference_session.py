"""OpenVINO sessions: what is said when the extra, the device or the graph is missing."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.inference import tiny_graph

from facegate.adapters.openvino_sessions.inference_session import OpenVinoOptions, OpenVinoSession
from facegate.domain.errors import CapabilityMissing, EngineFailed


def test_without_the_package_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str, package: str | None = None) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)

    with pytest.raises(CapabilityMissing, match=r"pip install facegate\[openvino\]"):
        OpenVinoSession(tiny_graph(), "tiny")


def test_an_absent_device_is_refused_and_those_present_are_listed() -> None:
    pytest.importorskip("openvino", reason="OpenVINO is an optional extra")

    with pytest.raises(CapabilityMissing, match=r"no device NPU9 here; available: .*CPU"):
        OpenVinoSession(tiny_graph(), "tiny", OpenVinoOptions(device="NPU9"))


def test_a_broken_graph_is_an_engine_failure() -> None:
    pytest.importorskip("openvino", reason="OpenVINO is an optional extra")

    with pytest.raises(EngineFailed, match="could not be compiled"):
        OpenVinoSession(b"no graph", "tiny")


def test_openvino_tells_nobody_that_it_is_used(tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="OpenVINO is an optional extra")
    # In a process of its own: it writes an id into the home folder and calls an analytics service on import,
    # unless it takes the machine for one that runs tests.
    script = """
import sys
from tests.fakes.inference import tiny_graph
from facegate.adapters.openvino_sessions.inference_session import OpenVinoSession
OpenVinoSession(tiny_graph(), "tiny")
print(sorted(name for name in sys.modules if "telemetry" in name and sys.modules[name] is not None))
"""
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=home, capture_output=True, text=True, timeout=60, check=True
    )

    assert "openvino_telemetry" not in done.stdout
    assert list(tmp_path.iterdir()) == []
