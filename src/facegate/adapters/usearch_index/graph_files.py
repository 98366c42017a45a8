"""A graph on disk: the usearch file, mapped into memory when opened, and a sidecar with the ids.

The sidecar names the graph file it belongs to with its checksum and is replaced last, so the two always
fit together. Nobody who was removed is in what is written.
"""

import io
import json
import logging
import os
import uuid
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegate.adapters.usearch_index.dead_rows import overwrite_dead_rows
from facegate.adapters.usearch_index.graph import Entry, Graph, GraphOptions, stacked, usearch_index
from facegate.domain.errors import StoreFailed
from facegate.domain.templates import EmbedderIdentity

_FORMAT = 2

_READ_BYTES = 1 << 20

_UNUSABLE = (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, zipfile.BadZipFile, zlib.error)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class SavedIndex:
    """What a sidecar and its graph hold; `change_number` is the store's when they were written."""

    graph: Graph
    overlay: list[Entry]
    change_number: int


class GraphFiles:
    """The files of one model's index in one folder."""

    def __init__(self, folder: Path, identity: EmbedderIdentity) -> None:
        self._folder = folder
        self._identity = identity
        safe_name = "".join(char if char.isalnum() or char in "-_" else "_" for char in identity.model_id)
        self._sidecar = folder / f"{safe_name}.ids.npz"
        self._graph_prefix = f"{safe_name}.graph-"

    def save(self, graph: Graph, overlay: list[Entry], change_number: int) -> None:
        """Writes everything, then lets it count, then removes what it replaced.

        Raises:
            StoreFailed: the folder cannot be written; what was there before still counts.
        """
        graph_path = self._folder / f"{self._graph_prefix}{uuid.uuid4().hex}.usearch"
        partial = self._sidecar.with_suffix(".partial")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(graph_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            graph.index.save(str(graph_path))
            overwrite_dead_rows(graph_path, graph)
            _make_durable(graph_path)
            header = self._header(graph, graph_path, change_number)
            _write_durably(partial, _sidecar_bytes(header, graph, overlay))
            partial.replace(self._sidecar)
        except (OSError, RuntimeError, ValueError) as error:
            for unfinished in (graph_path, partial):
                with suppress(OSError):
                    unfinished.unlink()
            raise StoreFailed("the search index could not be saved: look at the disk's free space") from error
        for other in self._folder.glob(f"{self._graph_prefix}*.usearch"):
            if other != graph_path:
                other.unlink(missing_ok=True)

    def discard(self) -> None:
        """Deletes the files, first the one that makes the others count; an open graph stays readable.

        What cannot be deleted is logged: the removal that led to this has taken place all the same.
        """
        try:
            for pattern in ("*.ids.npz", "*.ids.partial", "*.graph-*.usearch"):
                for path in self._folder.glob(pattern):
                    path.unlink(missing_ok=True)
        except OSError:
            logger.exception("the saved search index could not be deleted: it may hold removed people")

    def open(self, options: GraphOptions) -> SavedIndex | None:
        """What was saved last, or None when there is nothing that fits: then it has to be built anew."""
        if not self._sidecar.exists():
            return None
        try:
            # Opened here, since numpy leaves a damaged file open.
            with self._sidecar.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                members = {name: arrays[name] for name in arrays.files}
            return self._opened(members, options)
        except _UNUSABLE as error:
            logger.warning(
                "the saved search index cannot be used and is built anew: %s", type(error).__name__
            )
            return None

    def _header(self, graph: Graph, graph_path: Path, change_number: int) -> dict[str, object]:
        return {
            "format": _FORMAT,
            "model_id": self._identity.model_id,
            "dimension": self._identity.dimension,
            "metric": self._identity.metric.value,
            "connectivity": graph.options.connectivity,
            "graph_file": graph_path.name,
            "graph_bytes": graph_path.stat().st_size,
            "graph_crc32": _crc32_of(graph_path),
            "row_count": graph.row_count,
            "change_number": change_number,
        }

    def _opened(self, members: dict[str, NDArray[Any]], options: GraphOptions) -> SavedIndex | None:
        header = json.loads(members["header"].tobytes())
        graph_path = self._folder / Path(str(header["graph_file"])).name
        expected = self._expected_header(options)
        is_ours = all(header[name] == value for name, value in expected.items())
        if not is_ours or graph_path.stat().st_size != header["graph_bytes"]:
            return None
        if _crc32_of(graph_path) != header["graph_crc32"]:
            logger.warning("the saved search graph is damaged and is built anew")
            return None
        index = usearch_index(self._identity, options)
        index.view(str(graph_path))
        # The file's own settings come with it; what concerns the search is ours to choose.
        index.expansion_add, index.expansion_search = options.expansion_add, options.expansion_search
        subject_ids = json.loads(members["subject_ids"].tobytes())
        graph = Graph(
            self._identity,
            options,
            index,
            template_ids=json.loads(members["template_ids"].tobytes()),
            subject_codes=members["subject_codes"].astype(np.int32),
            subject_ids=subject_ids,
            code_of={subject_id: code for code, subject_id in enumerate(subject_ids)},
            is_live=members["is_live"].astype(np.bool_),
        )
        lengths = {graph.row_count, len(index), graph.subject_codes.size, graph.is_live.size}
        if lengths != {header["row_count"]}:
            return None
        ids = json.loads(members["overlay_ids"].tobytes())
        vectors = members["overlay_vectors"].astype(np.float32)
        overlay = [(ids[row][0], ids[row][1], vectors[row]) for row in range(len(ids))]
        return SavedIndex(graph, overlay, int(header["change_number"]))

    def _expected_header(self, options: GraphOptions) -> dict[str, object]:
        return {
            "format": _FORMAT,
            "model_id": self._identity.model_id,
            "dimension": self._identity.dimension,
            "metric": self._identity.metric.value,
            "connectivity": options.connectivity,
        }


def _sidecar_bytes(header: dict[str, object], graph: Graph, overlay: list[Entry]) -> bytes:
    buffer = io.BytesIO()
    overlay_vectors = stacked(overlay) if overlay else np.empty((0, graph.identity.dimension), np.float32)
    np.savez(
        buffer,
        header=_json_array(header),
        template_ids=_json_array(_live_template_ids(graph)),
        subject_ids=_json_array(_live_subject_ids(graph)),
        subject_codes=graph.subject_codes,
        is_live=graph.is_live,
        overlay_ids=_json_array([(template_id, subject_id) for template_id, subject_id, _ in overlay]),
        overlay_vectors=overlay_vectors,
    )
    return buffer.getvalue()


def _live_template_ids(graph: Graph) -> list[str]:
    return [
        template_id if is_live else ""
        for template_id, is_live in zip(graph.template_ids, graph.is_live.tolist(), strict=True)
    ]


def _live_subject_ids(graph: Graph) -> list[str]:
    live_codes = set(graph.subject_codes[graph.is_live].tolist())
    return [subject_id if code in live_codes else "" for code, subject_id in enumerate(graph.subject_ids)]


def _crc32_of(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            checksum = zlib.crc32(block, checksum)
    return checksum


def _make_durable(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _json_array(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
