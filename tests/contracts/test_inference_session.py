"""What every inference session promises, over both runtimes and the fake."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.fakes.inference import TINY_INPUT, doubling_session, tiny_graph

from facegate.adapters.onnxruntime_sessions.inference_session import OnnxRuntimeSession
from facegate.adapters.openvino_sessions.inference_session import OpenVinoOptions, OpenVinoSession
from facegate.domain.errors import CapabilityMissing, EngineFailed
from facegate.ports.inference_session import InferenceSession, Tensor


def _openvino() -> InferenceSession:
    try:
        return OpenVinoSession(tiny_graph(), "tiny", OpenVinoOptions(parallel_calls=2))
    except CapabilityMissing as error:
        pytest.skip(error.message)


MAKERS: dict[str, Callable[[], InferenceSession]] = {
    "onnxruntime": lambda: OnnxRuntimeSession(tiny_graph(), "tiny"),
    "openvino": _openvino,
    "fake": doubling_session,
}


@pytest.fixture(params=list(MAKERS))
def session(request: pytest.FixtureRequest) -> InferenceSession:
    return MAKERS[request.param]()


def rows(count: int, first: float = 0.0) -> Tensor:
    return np.arange(3 * count, dtype=np.float32).reshape(count, 3) + np.float32(first)


def test_outputs_come_in_the_order_of_the_graph(session: InferenceSession) -> None:
    twice, more = session.run({TINY_INPUT: rows(2)})

    assert np.array_equal(twice, rows(2) * 2)
    assert np.array_equal(more, rows(2) + 1)


def test_outputs_are_contiguous_float32(session: InferenceSession) -> None:
    for output in session.run({TINY_INPUT: rows(1)}):
        assert output.dtype == np.float32
        assert output.flags["C_CONTIGUOUS"]


def test_earlier_outputs_survive_later_runs(session: InferenceSession) -> None:
    first, _ = session.run({TINY_INPUT: rows(2)})
    session.run({TINY_INPUT: rows(2, first=100)})

    assert np.array_equal(first, rows(2) * 2)


def test_the_batch_may_change_from_run_to_run(session: InferenceSession) -> None:
    assert [len(session.run({TINY_INPUT: rows(count)})[0]) for count in (1, 5, 2)] == [1, 5, 2]


def test_several_threads_get_their_own_answers(session: InferenceSession) -> None:
    def run(first: int) -> bool:
        return np.array_equal(session.run({TINY_INPUT: rows(4, first)})[0], rows(4, first) * 2)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(run, range(200)))


@pytest.mark.parametrize(
    "feeds",
    [{}, {"y": rows(1)}, {TINY_INPUT: np.zeros((1, 4), np.float32)}, {TINY_INPUT: np.zeros(3, np.float32)}],
    ids=["nothing", "wrong name", "wrong width", "wrong rank"],
)
def test_unfit_feeds_are_an_engine_failure(session: InferenceSession, feeds: dict[str, Tensor]) -> None:
    with pytest.raises(EngineFailed):
        session.run(feeds)


def test_a_failed_run_does_not_spoil_the_next(session: InferenceSession) -> None:
    for _ in range(3):
        with pytest.raises(EngineFailed):
            session.run({TINY_INPUT: np.zeros((1, 4), np.float32)})

    assert np.array_equal(session.run({TINY_INPUT: rows(1)})[0], rows(1) * 2)


def test_the_runtime_is_named(session: InferenceSession) -> None:
    assert session.runtime.endswith("/CPU")
