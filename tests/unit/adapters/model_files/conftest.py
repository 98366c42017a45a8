"""A tiny published model, a manifest around it and a local server that can break off."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from facegate.adapters.model_files.golden import golden_picture
from facegate.adapters.model_files.manifest import (
    ConversionStep,
    GoldenCase,
    GoldenOutput,
    Manifest,
    ModelEntry,
    Preprocessing,
    ReleaseFile,
    Source,
    Upstream,
)
from facegate.domain.models import ModelTask

TINY_SHAPE = (1, 1, 4, 4)
SLOPE = 0.25


def tiny_model() -> bytes:
    """Picture N x 1 x 4 x 4 -> PRelu(picture - 100), as a serialised graph."""
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, list(TINY_SHAPE))
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, list(TINY_SHAPE))
    nodes = [
        helper.make_node("Sub", ["picture", "hundred"], ["shifted"]),
        helper.make_node("PRelu", ["shifted", "slope"], ["answer"]),
    ]
    constants = [
        numpy_helper.from_array(np.asarray(100, np.float32), "hundred"),
        numpy_helper.from_array(np.full((1, 1, 1), SLOPE, np.float32), "slope"),
    ]
    graph = helper.make_graph(nodes, "tiny", [picture], [answer], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    serialised: bytes = model.SerializeToString()
    return serialised


def tiny_entry(
    content: bytes,
    sources: tuple[Source, ...],
    model_id: str = "tiny",
    file_name: str = "tiny_published.onnx",
) -> ModelEntry:
    """A manifest entry whose published file is `content`."""
    shifted = golden_picture(TINY_SHAPE) - 100
    expected = np.where(shifted > 0, shifted, SLOPE * shifted).ravel()
    return ModelEntry(
        model_id=model_id,
        task=ModelTask.LIVENESS,
        is_optional=False,
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        licence="MIT",
        copyright_note="nobody",
        upstream=Upstream(project="tests", commit=None),
        preprocessing=Preprocessing(
            input_name="picture",
            layout="N x 1 x 4 x 4",
            channel_order="RGB",
            value_range="0..255",
            crop="none",
            outputs="answer",
        ),
        conversion_version=1,
        conversion=(
            ConversionStep(name="rewrite_prelu"),
            ConversionStep(name="free_axes", input_axes=(0,), output_axes=(0,)),
        ),
        sources=sources,
        fallback="none",
        golden=(
            GoldenCase(
                input_shape=TINY_SHAPE,
                reference="numpy",
                tolerance=1e-5,
                outputs={
                    "answer": GoldenOutput(
                        values=tuple(float(value) for value in expected[:8]),
                        norm=float(np.linalg.norm(expected)),
                    )
                },
            ),
        ),
    )


def tiny_manifest(content: bytes, url: str) -> Manifest:
    """One model whose only source is this address."""
    source = ReleaseFile(kind="url", url=url, label="the test server")
    return Manifest(archives={}, models=(tiny_entry(content, (source,)),))


@dataclass
class LocalServer:
    """Serves `files` by path. `break_after` cuts answers short, one after the other."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    break_after: list[int] = field(default_factory=list)
    honours_ranges: bool = True
    ranges: list[str | None] = field(default_factory=list)
    stalls: bool = False
    may_go_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def local_server() -> Iterator[LocalServer]:
    state = LocalServer()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.ranges.append(asked)
            content = state.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and state.honours_ranges else 0
            part = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(part)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            limit = state.break_after.pop(0) if state.break_after else len(part)
            if state.stalls:
                self.wfile.write(part[:10])
                state.may_go_on.wait(60)
                return
            self.wfile.write(part[:limit])
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    state.may_go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def published(local_server: LocalServer) -> Manifest:
    """The manifest of a tiny model that the local server has."""
    local_server.files["/tiny.onnx"] = tiny_model()
    return tiny_manifest(tiny_model(), f"{local_server.url}/tiny.onnx")
