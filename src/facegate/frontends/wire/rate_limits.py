"""How many requests a minute an address or a token may make. Who is asked at all is the gate's business."""

import ipaddress
import math
import secrets
import time
from dataclasses import dataclass
from hashlib import blake2b

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from facegate.domain.errors import RateLimited
from facegate.frontends.wire.loopback import IpAddress

_BUCKET_COUNT = 65_536
"""Bounds memory however many addresses come; two that fall into one bucket share its allowance."""

_IPV6_SITE_BITS = 64
"""One customer has a whole /64 and could take a fresh address for each request."""


@dataclass(frozen=True, slots=True)
class RateLimitOptions:
    """Requests per minute; None sets no limit."""

    per_address: int | None = None
    per_token: int | None = None


class RateLimits:
    """Counts in fixed windows of a minute, in memory, for this process."""

    def __init__(self, options: RateLimitOptions) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._per_address = _item(options.per_address, "address")
        self._per_token = _item(options.per_token, "token")
        # Keyed, so that nobody can choose addresses that share a bucket with a victim.
        self._bucket_key = secrets.token_bytes(16)

    def count_address(self, address: IpAddress | None) -> None:
        """Counts a request from this address; None (a local socket) is not counted.

        Raises:
            RateLimited: this was one too many.
        """
        if address is None:
            return
        network = str(address)
        if isinstance(address, ipaddress.IPv6Address):
            network = str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))
        self._count(self._per_address, network, "this address")

    def count_token(self, token_id: str) -> None:
        """Counts a request with this token.

        Raises:
            RateLimited: this was one too many.
        """
        self._count(self._per_token, token_id, "this token")

    def _count(self, item: RateLimitItemPerMinute | None, who: str, name: str) -> None:
        if item is None:
            return
        digest = blake2b(who.encode(), key=self._bucket_key, digest_size=8).digest()
        bucket = str(int.from_bytes(digest) % _BUCKET_COUNT)
        if self._limiter.hit(item, bucket):
            return
        reset_at_s = self._limiter.get_window_stats(item, bucket).reset_time
        retry_after_s = min(60, max(1, math.ceil(reset_at_s - time.time())))
        raise RateLimited(
            f"more than {item.amount} requests a minute from {name}: come back in {retry_after_s} s",
            retry_after_s=retry_after_s,
        )


def _item(per_minute: int | None, namespace: str) -> RateLimitItemPerMinute | None:
    if per_minute is None:
        return None
    if per_minute < 1:
        raise ValueError("a rate limit is at least one request a minute")
    return RateLimitItemPerMinute(per_minute, namespace=namespace)
