"""Which index searches the gallery: exact while it is small, a graph kept on disk once it has grown."""

import logging
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
    if any(folder.glob("*.ids.npz")):
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
    current = index.current if isinstance(index, GrowingTemplateIndex) else index
    if isinstance(current, ExactTemplateIndex):
        return
    from facegate.adapters.usearch_index import UsearchTemplateIndex

    if isinstance(current, UsearchTemplateIndex):
        try:
            current.save(store.change_number())
        except StoreFailed as error:
            logger.warning("%s; the next start builds it anew", error.message)


def _graph_index(identity: EmbedderIdentity, folder: Path) -> "UsearchTemplateIndex":
    # Imported here: most galleries never grow so large.
    from facegate.adapters.usearch_index import UsearchTemplateIndex

    return UsearchTemplateIndex(identity, lambda: ExactTemplateIndex(identity), folder=folder)
