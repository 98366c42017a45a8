"""OpenVINO sessions: what is said when the extra, the device or the graph is missing."""

import importlib
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
