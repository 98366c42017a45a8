import ipaddress

import pytest

from facegate.domain.errors import RateLimited
from facegate.frontends.wire.rate_limits import RateLimitOptions, RateLimits


def test_without_numbers_nothing_is_limited() -> None:
    limits = RateLimits(RateLimitOptions())
    for _ in range(100):
        limits.count_address(ipaddress.ip_address("192.0.2.1"))
        limits.count_token("one")


def test_one_too_many_hears_when_to_come_back() -> None:
    limits = RateLimits(RateLimitOptions(per_address=3))
    address = ipaddress.ip_address("192.0.2.1")
    for _ in range(3):
        limits.count_address(address)
    with pytest.raises(RateLimited) as refused:
        limits.count_address(address)
    assert 1 <= refused.value.retry_after_s <= 60
    assert "192.0.2.1" not in refused.value.message


def test_a_whole_ipv6_site_counts_as_one() -> None:
    limits = RateLimits(RateLimitOptions(per_address=2))
    limits.count_address(ipaddress.ip_address("2001:db8::1"))
    limits.count_address(ipaddress.ip_address("2001:db8::2"))
    with pytest.raises(RateLimited):
        limits.count_address(ipaddress.ip_address("2001:db8::3"))


def test_addresses_and_tokens_have_their_own_counts() -> None:
    limits = RateLimits(RateLimitOptions(per_address=1, per_token=1))
    limits.count_address(ipaddress.ip_address("192.0.2.1"))
    limits.count_token("192.0.2.1")
    limits.count_address(None)
    limits.count_address(None)


@pytest.mark.parametrize("count", [0, -1])
def test_a_limit_of_nothing_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        RateLimits(RateLimitOptions(per_address=count))
