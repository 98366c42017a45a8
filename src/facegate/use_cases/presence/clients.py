"""Clients of the presence door: registered, let in, paused, blocked. Durable first, told second."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from facegate.domain.access import hash_token, new_token
from facegate.domain.errors import ClientConflict, ClientNotFound, InvalidInput
from facegate.domain.presence.clients import (
    ClientStatus,
    PresenceClient,
    StatusCommand,
    changed_status,
    parse_status_note,
)
from facegate.domain.presence.networks import is_listed, parse_networks
from facegate.domain.subjects import parse_subject_id
from facegate.ports.client_store import ClientStore
from facegate.ports.clock import Clock
from facegate.use_cases.gallery import Gallery
from facegate.use_cases.presence.live_sessions import LiveSessions, SessionHandle
from facegate.use_cases.presence.log_in import (
    LogIn,
    LogInRefusal,
    is_worth_writing,
    logged_in,
    refusal_of,
)

VIOLATIONS_COUNT_FOR_S = 3600.0


class PresenceClients:
    """The register, with what follows from a change for the open session. Safe from several threads.

    With `register_enrolled` everybody in the gallery who logs in is registered by that.
    `block_after_violations` is the number of violations within an hour after which a client is blocked; 0 is
    never.
    """

    def __init__(
        self,
        store: ClientStore,
        gallery: Gallery,
        sessions: LiveSessions,
        clock: Clock,
        *,
        register_enrolled: bool = False,
        block_after_violations: int = 0,
    ) -> None:
        self._store = store
        self._gallery = gallery
        self._sessions = sessions
        self._clock = clock
        self._register_enrolled = register_enrolled
        self._block_after_violations = block_after_violations
        self._violations_s: dict[str, deque[float]] = {}
        # A change and the telling of it are one step: sessions hear of changes in the order of the store,
        # and nobody opens a session between the look at the record and the block that shuts them out.
        self._lock = threading.Lock()

    def register(
        self, client_id: str, *, networks: Iterable[str] = (), with_token: bool = False
    ) -> tuple[PresenceClient, str | None]:
        """The new client, and its token where one is wanted: shown this once and kept nowhere.

        Raises:
            SubjectNotFound: nobody with this id is enrolled.
            ClientConflict: registered already; nothing was changed.
            InvalidInput: an id or a network that is none.
        """
        known_id = parse_subject_id(client_id)
        listed = parse_networks(networks)
        self._gallery.get_subject(known_id)
        token = new_token() if with_token else None
        client = self._new_client(known_id, networks=listed, token=token)
        if not self._store.add_client(client):
            raise ClientConflict("this client is registered already")
        return client, token

    def list_clients(
        self, *, after: str | None = None, limit: int | None = None, status: ClientStatus | None = None
    ) -> list[PresenceClient]:
        """Clients in order of id."""
        return self._store.list_clients(after=after, limit=limit, status=status)

    def get_client(self, client_id: str) -> PresenceClient:
        """The client.

        Raises:
            ClientNotFound: nobody is registered under this id.
        """
        return _found(self._store.find_client(client_id))

    def pause(self, client_id: str, note: str = "") -> PresenceClient:
        """Frames are answered with a warning and not analysed.

        Raises:
            ClientNotFound: nobody is registered under this id.
            ClientConflict: the client is blocked.
        """
        return self._command(client_id, StatusCommand.PAUSE, note)

    def resume(self, client_id: str) -> PresenceClient:
        """Ends a pause; see `pause` for what is raised."""
        return self._command(client_id, StatusCommand.RESUME)

    def block(self, client_id: str, note: str = "") -> PresenceClient:
        """Turns the client away, its open session at once.

        Raises:
            ClientNotFound: nobody is registered under this id.
        """
        return self._command(client_id, StatusCommand.BLOCK, note)

    def unblock(self, client_id: str) -> PresenceClient:
        """Lets a blocked client in again and forgets its violations; see `block` for what is raised."""
        changed = self._command(client_id, StatusCommand.UNBLOCK)
        self._violations_s.pop(changed.client_id, None)
        return changed

    def remove(self, client_id: str) -> None:
        """Ends the registration and its session; the person stays enrolled.

        Raises:
            ClientNotFound: nobody is registered under this id.
        """
        with self._lock:
            if not self._store.remove_client(client_id):
                raise _not_found()
            self._tell(client_id, None)

    def set_networks(self, client_id: str, networks: Iterable[str]) -> PresenceClient:
        """Replaces the address list; a session from elsewhere ends.

        Raises:
            ClientNotFound: nobody is registered under this id.
            InvalidInput: a network that is none.
        """
        listed = parse_networks(networks)
        changed = self._change(client_id, lambda client: replace(client, networks=listed))
        address = self._sessions.address_of(client_id)
        if address is not None and listed and not is_listed(address, listed):
            self._sessions.disconnect(client_id, "the client may not come from this address any more")
        return changed

    def renew_token(self, client_id: str) -> tuple[PresenceClient, str]:
        """The client with its new token, shown this once. The old one and a session opened with it end.

        Raises:
            ClientNotFound: nobody is registered under this id.
        """
        token = new_token()
        changed = self._change(client_id, lambda client: replace(client, token_hash=hash_token(token)))
        self._sessions.disconnect(client_id, "the client's token was renewed")
        return changed, token

    def disconnect(self, client_id: str, note: str = "") -> bool:
        """Ends the client's session, which it may open again; False when it has none.

        Raises:
            ClientNotFound: nobody is registered under this id.
        """
        said = parse_status_note(note)
        self.get_client(client_id)
        return self._sessions.disconnect(client_id, said)

    def log_in(
        self,
        client_id: str,
        token: str | None,
        address: str,
        handle: SessionHandle | None = None,
        *,
        is_gone: Callable[[], bool] = lambda: False,
    ) -> LogIn:
        """Lets a client in or says why not; with `handle` its session is opened in the same step.

        Who `is_gone` meanwhile gets none: a log-in that took long must not end the session of those who have
        connected again.
        Address and token are looked at before the status, so that a stranger does not learn it.
        """
        try:
            known_id = parse_subject_id(client_id)
        except InvalidInput:
            return LogIn(None, LogInRefusal.UNKNOWN_CLIENT)
        with self._lock:
            client = self._store.find_client(known_id) or self._registered_by_log_in(known_id)
            now = self._clock.now_utc()
            if refusal_of(client, token, address) is None and is_worth_writing(client, now):
                client = self._store.change_client(known_id, lambda known: logged_in(known, now))
            # Once more, for what another process may have written meanwhile.
            refusal = refusal_of(client, token, address)
            if client is None or refusal is not None:
                return LogIn(None, refusal)
            if handle is None or is_gone():
                return LogIn(client)
            return LogIn(client, session_id=self._sessions.open(known_id, address, handle, client.status))

    def violation(self, client_id: str) -> PresenceClient | None:
        """Counts one violation, in memory; the blocked client when the hour had one too many, else None.

        Call it when a violation begins, not for each frame of it.
        """
        if self._block_after_violations < 1:
            return None
        with self._lock:
            count = self._count_violation(client_id, self._clock.monotonic_s())
        if count < self._block_after_violations:
            return None
        try:
            blocked = self.block(client_id, f"{count} violations")
        except ClientNotFound:
            blocked = None
        self._violations_s.pop(client_id, None)
        return blocked

    def _count_violation(self, client_id: str, now_s: float) -> int:
        """With it, how many there were within the hour, as far as they matter."""
        times_s = self._violations_s.setdefault(client_id, deque(maxlen=self._block_after_violations))
        times_s.append(now_s)
        return sum(now_s - at_s < VIOLATIONS_COUNT_FOR_S for at_s in times_s)

    def reread(self, client_ids: Iterable[str] | None = None) -> None:
        """Tells open sessions what the store says now: after persons were removed or the gallery restored.

        None means every open session.
        """
        for client_id in self._sessions.connected_ids() if client_ids is None else client_ids:
            with self._lock:
                self._tell(client_id, self._store.find_client(client_id))

    def _tell(self, client_id: str, client: PresenceClient | None) -> None:
        """Under the lock. Who is no client any more and comes back begins anew."""
        if client is None:
            self._violations_s.pop(client_id, None)
        self._sessions.client_changed(client_id, client)

    def _command(self, client_id: str, command: StatusCommand, note: str = "") -> PresenceClient:
        said = parse_status_note(note)

        def commanded(client: PresenceClient) -> PresenceClient:
            status = changed_status(client.status, command)
            is_shut = status in (ClientStatus.PAUSED, ClientStatus.BLOCKED)
            kept_note = client.status_note if command is StatusCommand.UNBLOCK else said
            return replace(client, status=status, status_note=kept_note if is_shut else "")

        return self._change(client_id, commanded)

    def _change(self, client_id: str, change: Callable[[PresenceClient], PresenceClient]) -> PresenceClient:
        now = self._clock.now_utc()
        with self._lock:
            changed = _found(
                self._store.change_client(client_id, lambda client: replace(change(client), updated_at=now))
            )
            self._sessions.client_changed(client_id, changed)
        return changed

    def _registered_by_log_in(self, client_id: str) -> PresenceClient | None:
        # The look at the gallery keeps a flood of made-up names from writing.
        if not self._register_enrolled or self._gallery.find_subject(client_id) is None:
            return None
        self._store.add_client(self._new_client(client_id))
        return self._store.find_client(client_id)

    def _new_client(
        self, client_id: str, *, networks: tuple[str, ...] = (), token: str | None = None
    ) -> PresenceClient:
        now = self._clock.now_utc()
        token_hash = None if token is None else hash_token(token)
        return PresenceClient(
            client_id, ClientStatus.REGISTERED, now, now, token_hash=token_hash, networks=networks
        )


def _found(client: PresenceClient | None) -> PresenceClient:
    if client is None:
        raise _not_found()
    return client


def _not_found() -> ClientNotFound:
    return ClientNotFound("no client is registered under this id")
