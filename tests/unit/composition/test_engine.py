"""Which runtime a net gets, and what happens when a net cannot be had."""

from pathlib import Path
from typing import NoReturn

import pytest
from tests.fakes.engine import FakeDetector, FakeEmbedder

from facegate.adapters.model_files import CachedModelFiles
from facegate.composition.engine import (
    DETECTOR_MODEL,
    EMBEDDER_MODELS,
    LIVENESS_MODEL,
    load_engine,
    runtime_for,
    worker_count,
)
from facegate.composition.port_overrides import PortOverrides
from facegate.domain.errors import CapabilityMissing
from facegate.settings.engine_groups import Embedder, EngineSettings, Provider, Runtime


@pytest.mark.parametrize(
    ("model_id", "settings", "has_openvino", "expected"),
    [
        (LIVENESS_MODEL, EngineSettings(), True, Runtime.OPENVINO),
        (LIVENESS_MODEL, EngineSettings(), False, Runtime.ONNXRUNTIME),
        (LIVENESS_MODEL, EngineSettings(provider=Provider.CUDA), True, Runtime.ONNXRUNTIME),
        (LIVENESS_MODEL, EngineSettings(runtime=Runtime.ONNXRUNTIME), True, Runtime.ONNXRUNTIME),
        (EMBEDDER_MODELS[Embedder.SFACE_INT8], EngineSettings(), True, Runtime.OPENVINO),
        (EMBEDDER_MODELS[Embedder.SFACE_INT8], EngineSettings(), False, Runtime.ONNXRUNTIME),
        (EMBEDDER_MODELS[Embedder.SFACE], EngineSettings(), True, Runtime.ONNXRUNTIME),
        (DETECTOR_MODEL, EngineSettings(), True, Runtime.ONNXRUNTIME),
        (DETECTOR_MODEL, EngineSettings(runtime=Runtime.OPENVINO), False, Runtime.OPENVINO),
    ],
)
def test_the_runtime_of_a_net(
    model_id: str, settings: EngineSettings, has_openvino: bool, expected: Runtime
) -> None:
    assert runtime_for(model_id, settings, has_openvino=has_openvino) is expected


def test_every_embedder_has_a_model_of_the_manifest(tmp_path: Path) -> None:
    known = {state.model_id for state in CachedModelFiles(tmp_path).states()}
    assert set(EMBEDDER_MODELS) == set(Embedder)
    assert set(EMBEDDER_MODELS.values()) <= known


def test_workers_follow_the_cores_unless_said() -> None:
    assert worker_count(EngineSettings(workers=3)) == 3
    assert worker_count(EngineSettings()) >= 1


def no_models(tmp_path: Path) -> CachedModelFiles:
    return CachedModelFiles(tmp_path / "models", may_fetch=False)


def test_a_missing_detector_or_embedder_stops_the_start_and_says_the_way_out(tmp_path: Path) -> None:
    settings = EngineSettings(may_fetch=False)
    with pytest.raises(CapabilityMissing, match="facegate models fetch"):
        load_engine(settings, no_models(tmp_path), PortOverrides())
    with pytest.raises(CapabilityMissing, match="sface"):
        load_engine(settings, no_models(tmp_path), PortOverrides(detector=FakeDetector()))


def test_a_missing_optional_net_is_named_and_the_rest_works(tmp_path: Path) -> None:
    ports = PortOverrides(detector=FakeDetector(), embedder=FakeEmbedder())
    engine = load_engine(EngineSettings(liveness=True, phones=True), no_models(tmp_path), ports)
    assert (engine.liveness, engine.phones) == (None, None)
    assert engine.missing_models == ("minifasnet-se", "yolox-nano")


def test_nets_that_are_given_touch_no_model_file() -> None:
    class Untouched(CachedModelFiles):
        def __init__(self) -> None: ...

        def locate(self, model_id: str) -> NoReturn:
            raise AssertionError(model_id)

    ports = PortOverrides(detector=FakeDetector(), embedder=FakeEmbedder())
    assert load_engine(EngineSettings(), Untouched(), ports).runtimes == {}
