"""Which index searches the gallery: exact while it is small, a graph kept on disk once it has grown."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facegate.adapters.growing_index import GrowingTemplateIndex
from facegate.adapters.memory_index import ExactTemplateIndex
from facegate.domain.errors import StoreFailed
from facegate.domain.templates import EmbedderIdentity
from facegate.ports.gallery_store import GalleryStore
from facegate.ports.template_index import TemplateIndex

if TYPE_CHECKING:
    from facegate.adapters.usearch_index import UsearchTemplateIndex

logger = logging.getLogger(__name__)

INDEX_FOLDER_NAME = "index"

_NO_STATE = -1
"""No store is ever at this change number: an index saved with it is compared with the store at the start."""

_MAX_WAIT_S = 20.0
"""A build that takes longer is given up at the end of the process; the next start makes it anew."""


@dataclass(frozen=True, slots=True)
class OpenedIndex:
    """`is_current` when it was saved at the store's present state, so that it need not be filled."""

    index: TemplateIndex
    is_current: bool


def open_index(identity: EmbedderIdentity, data_folder: Path, change_number: int) -> OpenedIndex:
    """The graph that an earlier run saved, or an empty index that grows into one.

    A graph of an older state of the store is opened too: filling it anew is then a matter of the differences.
    """
    folder = data_folder / INDEX_FOLDER_NAME
    if folder.exists() and any(folder.iterdir()):
        saved = _graph_index(identity, folder)
        saved_at = saved.load()
        if saved_at is not None:
            return OpenedIndex(saved, is_current=saved_at == change_number)
    return OpenedIndex(
        GrowingTemplateIndex(ExactTemplateIndex(identity), lambda: _graph_index(identity, folder)),
        is_current=False,
    )


def save_index(index: TemplateIndex, store: GalleryStore) -> None:
    """Keeps a graph for the next start. Nobody may write to the gallery meanwhile.

    An exact index is filled from the store faster than from a file of its own, so it is not kept.
    """
    if isinstance(index, GrowingTemplateIndex):
        index.wait_for_build(_MAX_WAIT_S)
    _save(index, store.change_number)


def save_index_while_open(index: TemplateIndex) -> None:
    """Keeps a graph in case the process is killed; changes may go on meanwhile.

    Which of them are in it is not known, so the next start that finds it makes up for the difference.
    """
    _save(index, lambda: _NO_STATE)


def _save(index: TemplateIndex, change_number: Callable[[], int]) -> None:
    current = index.current if isinstance(index, GrowingTemplateIndex) else index
    if isinstance(current, ExactTemplateIndex):
        return
    from facegate.adapters.usearch_index import UsearchTemplateIndex

    if isinstance(current, UsearchTemplateIndex):
        current.wait_for_merge(_MAX_WAIT_S)
        try:
            current.save(change_number())
        except StoreFailed as error:
            logger.warning("%s; the next start builds it anew", error.message)


def _graph_index(identity: EmbedderIdentity, folder: Path) -> "UsearchTemplateIndex":
    # Imported here: most galleries never grow so large.
    from facegate.adapters.usearch_index import UsearchTemplateIndex

    return UsearchTemplateIndex(identity, lambda: ExactTemplateIndex(identity), folder=folder)
