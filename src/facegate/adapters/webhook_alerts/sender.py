"""A message to a webhook, and what its answer means."""

import math
import ssl
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from facegate.adapters.webhook_alerts.payload import payload_of
from facegate.adapters.webhook_alerts.posting import NotConnected, Post, PostAnswer, post
from facegate.adapters.webhook_alerts.signature import DELIVERY_HEADER, SIGNATURE_HEADER, signature_of
from facegate.adapters.webhook_alerts.target import WebhookTarget, look_up, parse_target
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.messages import OutboxMessage
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import ChannelFailed, InvalidInput, NotPermitted

_MAX_KEY_CHARS = 1024
_LONGEST_RETRY_AFTER_S = 86_400.0
_COMES_BACK = frozenset({408, 425, 429})


class WebhookAlerts:
    """Posts signed JSON. Secrets: `url`, `signing_key` (none: not signed). Option: `picture` (`true`).

    The message's id goes along, the same at each attempt, so a receiver can pass over what it has.
    """

    kind = ChannelKind.WEBHOOK
    may_repeat = True

    def __init__(
        self,
        timeout_s: float,
        allowed_places: frozenset[InsidePlace] = frozenset(),
        tls: ssl.SSLContext | None = None,
        now_unix_s: Callable[[], float] = time.time,
    ) -> None:
        self._timeout_s = timeout_s
        self._allowed = allowed_places
        self._tls = tls or ssl.create_default_context()
        self._now_unix_s = now_unix_s

    def check(self, channel: AlertChannel) -> None:
        """Raises InvalidInput for what is no address, NotPermitted where it leads inside now."""
        target = self._target(channel)
        try:
            look_up(target, self._allowed)
        except OSError:
            # The network may be away; every message is checked again.
            return

    def send(self, channel: AlertChannel, message: OutboxMessage) -> None:
        """See the port."""
        ends_at = time.monotonic() + self._timeout_s
        try:
            target = self._target(channel)
            addresses = look_up(target, self._allowed)
        except (InvalidInput, NotPermitted) as error:
            raise ChannelFailed(error.message, is_permanent=True) from None
        except OSError:
            raise ChannelFailed("the receiver's name is not known: check the address and DNS") from None
        body = payload_of(message, with_picture=channel.options.get("picture") == "true")
        headers = self._headers(channel, message, target, body)
        why = "it has no address"
        for address in addresses:
            try:
                answer = post(Post(target.url_at(address), target.host, headers, body), self._tls, ends_at)
            except NotConnected as error:
                why = str(error)
                continue
            return _judge(answer)
        raise ChannelFailed(f"the receiver did not take a connection: {why}")

    def forget_subjects(self, subject_ids: Collection[str]) -> None:
        """Nothing but messages is kept there."""

    def drop_camera(self, camera_id: str) -> None:
        """Nothing is kept there of a camera."""

    def drop_channel(self, channel: AlertChannel) -> None:
        """No connection is kept for a channel."""

    def close(self) -> None:
        """Nothing is kept open."""

    def _target(self, channel: AlertChannel) -> WebhookTarget:
        if len(channel.secrets.get("signing_key", "")) > _MAX_KEY_CHARS:
            raise InvalidInput(
                f"signing_key must be at most {_MAX_KEY_CHARS} characters", field="signing_key"
            )
        if channel.options.get("picture", "false") not in ("true", "false"):
            raise InvalidInput("picture must be true or false", field="picture")
        return parse_target(channel.secrets.get("url", ""), self._allowed)

    def _headers(
        self, channel: AlertChannel, message: OutboxMessage, target: WebhookTarget, body: bytes
    ) -> dict[str, str]:
        headers = {
            "Host": target.host_header,
            "Content-Type": "application/json",
            "User-Agent": "facegate",
            DELIVERY_HEADER: message.message_id,
        }
        if target.authorization is not None:
            headers["Authorization"] = target.authorization
        signing_key = channel.secrets.get("signing_key", "")
        if signing_key:
            headers[SIGNATURE_HEADER] = signature_of(body, signing_key, int(self._now_unix_s()))
        return headers


def _judge(answer: PostAnswer) -> None:
    """Returns for 2xx, raises for all else."""
    status = answer.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise ChannelFailed(
            "the receiver sends us to another address, which is not followed: set that one", is_permanent=True
        )
    if status >= 500 or status in _COMES_BACK:
        raise ChannelFailed(
            f"the receiver answered with HTTP {status}", retry_after_s=_retry_after_s(answer.retry_after)
        )
    hint = {
        401: ": it wants other credentials",
        403: ": it does not permit this",
        404: ": the address is wrong or gone",
        410: ": the address is gone",
        413: ": it takes no messages of this size",
    }
    raise ChannelFailed(
        f"the receiver refused the message with HTTP {status}{hint.get(status, '')}", is_permanent=True
    )


def _retry_after_s(text: str | None) -> float | None:
    """Seconds, or a date; None where it is neither."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S)
