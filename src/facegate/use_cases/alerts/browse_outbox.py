"""Looking at what was told and what waits."""

from facegate.domain.alerts.messages import MessageState, OutboxMessage
from facegate.ports.alerts.alert_store import AlertStore


class BrowseOutbox:
    """Reads; may raise StoreFailed."""

    def __init__(self, store: AlertStore) -> None:
        self._store = store

    def __call__(
        self, states: frozenset[MessageState], *, before_id: str | None, limit: int
    ) -> list[OutboxMessage]:
        """Newest first, without pictures; empty states are all."""
        return self._store.list_messages(limit=limit, states=states, before_id=before_id)
