"""The durable register of the presence door's clients."""

from collections.abc import Callable
from typing import Protocol

from facegate.domain.presence.clients import ClientStatus, PresenceClient


class ClientStore(Protocol):
    """Every write is durable when the method returns, and is one transaction.

    A client belongs to the subject of the same id and goes with it; a restore of the gallery keeps the
    clients of the subjects that are there afterwards. Safe to call from several threads. Every method may
    raise StoreFailed.
    """

    def add_client(self, client: PresenceClient) -> bool:
        """False when one with this id is registered already, which then stays as it is.

        Raises:
            SubjectNotFound: nobody with this id is enrolled.
        """
        ...

    def find_client(self, client_id: str) -> PresenceClient | None:
        """The client, or None."""
        ...

    def list_clients(
        self, *, after: str | None = None, limit: int | None = None, status: ClientStatus | None = None
    ) -> list[PresenceClient]:
        """Clients in order of id (code points), those after `after`, of one status if given."""
        ...

    def change_client(
        self, client_id: str, change: Callable[[PresenceClient], PresenceClient]
    ) -> PresenceClient | None:
        """What `change` made of the client, kept; None when there is none.

        No other change comes between. `change` may not touch the store, `client_id` and `created_at`
        stay as they are, and what it raises leaves all as it was.
        """
        ...

    def remove_client(self, client_id: str) -> bool:
        """False when there was none. The subject stays."""
        ...
