"""What every SecretBox promises, run over Fernet and the fake."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.secrets import FakeSecretBox

from facegate.adapters.fernet_secrets import FernetSecretBox, new_key
from facegate.domain.errors import CapabilityMissing
from facegate.ports.alerts.secret_box import SecretBox

SECRET = "rtsp://user:pässword@192.168.1.10/stream"

MAKERS: list[Callable[[], SecretBox]] = [
    lambda: FernetSecretBox(new_key()),
    lambda: FakeSecretBox(new_key()),
]


@pytest.fixture(params=MAKERS, ids=["fernet", "fake"])
def make(request: pytest.FixtureRequest) -> Callable[[], SecretBox]:
    made: Callable[[], SecretBox] = request.param
    return made


@pytest.mark.parametrize("make", MAKERS, ids=["fernet", "fake"])
@given(secret=st.text())
def test_what_was_sealed_can_be_opened(make: Callable[[], SecretBox], secret: str) -> None:
    box = make()
    assert box.open(box.seal(secret)) == secret


@pytest.mark.parametrize("secret", ["", "nul\0", "half \ud800", "x" * 100_000])
def test_odd_secrets(make: Callable[[], SecretBox], secret: str) -> None:
    box = make()
    assert box.open(box.seal(secret)) == secret


def test_a_sealed_secret_is_printable_and_another_each_time(make: Callable[[], SecretBox]) -> None:
    box = make()
    sealed = [box.seal(SECRET) for _ in range(5)]
    assert len(set(sealed)) == 5
    assert all(one.isascii() and one.isprintable() and "password" not in one for one in sealed)


def test_another_key_does_not_open_it(make: Callable[[], SecretBox]) -> None:
    sealed = make().seal(SECRET)
    with pytest.raises(CapabilityMissing) as missing:
        make().open(sealed)
    assert missing.value.capability == "secrets"
    assert SECRET not in missing.value.message


@pytest.mark.parametrize("damaged", ["", "nonsense", "ünïcödé", "half\ud800", "gAAAAA", "\0"])
def test_what_was_never_sealed_is_not_opened(make: Callable[[], SecretBox], damaged: str) -> None:
    with pytest.raises(CapabilityMissing):
        make().open(damaged)


def test_a_changed_character_is_noticed(make: Callable[[], SecretBox]) -> None:
    box = make()
    sealed = box.seal(SECRET)
    middle = len(sealed) // 2
    other = "1" if sealed[middle] != "1" else "2"
    with pytest.raises(CapabilityMissing):
        box.open(sealed[:middle] + other + sealed[middle + 1 :])


def test_several_threads(make: Callable[[], SecretBox]) -> None:
    box = make()
    opened: list[str] = []

    def seal_and_open(part: int) -> None:
        opened.extend(box.open(box.seal(f"{part} {number}")) for number in range(50))

    threads = [threading.Thread(target=seal_and_open, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(opened)) == 200
