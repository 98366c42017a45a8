"""ONNX Runtime sessions: providers and broken graphs."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from tests.fakes.inference import TINY_INPUT, tiny_graph

from facegate.adapters.onnxruntime_sessions.inference_session import (
    RUNTIME_ERRORS,
    ExecutionProvider,
    OnnxRuntimeOptions,
    OnnxRuntimeSession,
)
from facegate.domain.errors import CapabilityMissing, EngineFailed


def test_copies_answer_alike_and_a_large_input_is_answered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []
    load = onnxruntime.InferenceSession

    def counted(*parts: Any, **named: Any) -> Any:
        loaded.append(load(*parts, **named))
        return loaded[-1]

    monkeypatch.setattr(onnxruntime, "InferenceSession", counted)
    session = OnnxRuntimeSession(tiny_graph(), "tiny", OnnxRuntimeOptions(copies=3))
    assert len(loaded) == 3
    large = np.ones((3 * 700 * 700, 3), np.float32)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: session.run({TINY_INPUT: large[:5]})[0], range(24)))
    assert all(np.array_equal(answer, answers[0]) for answer in answers)
    assert np.array_equal(session.run({TINY_INPUT: large})[0][:5], answers[0])


@pytest.mark.parametrize("provider", [ExecutionProvider.CUDA, ExecutionProvider.COREML])
def test_an_absent_provider_is_refused_and_those_present_are_listed(provider: ExecutionProvider) -> None:
    if f"{provider}ExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip(f"{provider} is available here")

    with pytest.raises(CapabilityMissing, match=f"no provider {provider} here; available: .*CPU"):
        OnnxRuntimeSession(tiny_graph(), "tiny", OnnxRuntimeOptions(provider=provider))


def test_a_silent_fall_back_to_the_cpu_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: everything)

    class FallenBack:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def disable_fallback(self) -> None:
            pass

        def get_providers(self) -> list[str]:
            return ["CPUExecutionProvider"]

    monkeypatch.setattr(onnxruntime, "InferenceSession", FallenBack)

    with pytest.raises(CapabilityMissing, match="fell back to the CPU"):
        OnnxRuntimeSession(tiny_graph(), "tiny", OnnxRuntimeOptions(provider=ExecutionProvider.CUDA))


@pytest.mark.parametrize("graph", [b"", b"no graph", tiny_graph()[:-20]])
def test_a_broken_graph_is_an_engine_failure_without_details(graph: bytes) -> None:
    with pytest.raises(EngineFailed, match=r"^The net tiny could not be loaded by ONNX Runtime\.$"):
        OnnxRuntimeSession(graph, "tiny")


def test_a_graph_can_be_a_file_and_its_path_stays_out_of_messages(tmp_path: Path) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_graph())
    assert OnnxRuntimeSession(path, "tiny").run({TINY_INPUT: np.ones((1, 3), np.float32)})[0].sum() == 6

    with pytest.raises(EngineFailed) as caught:
        OnnxRuntimeSession(tmp_path / "absent.onnx", "tiny")
    assert "absent.onnx" not in str(caught.value)


def test_every_exception_of_the_native_module_is_translated() -> None:
    from onnxruntime.capi import onnxruntime_pybind11_state as native

    foreign = {
        kind for kind in vars(native).values() if isinstance(kind, type) and issubclass(kind, Exception)
    }

    assert len(foreign) >= 8
    assert foreign <= set(RUNTIME_ERRORS)
