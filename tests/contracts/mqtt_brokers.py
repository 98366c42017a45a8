"""The MQTT broker that tests may use, one of our own to stop and start, and an ear to listen with."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

MQTT_URL = os.environ.get("FACEGATE_TEST_MQTT", "mqtt://127.0.0.1:1883")
"""A broker without log-in; tests publish below topics that begin with `facegate-test-`."""


def broker_place() -> tuple[str, int]:
    """Host and port of the shared one."""
    parts = urlsplit(MQTT_URL)
    return parts.hostname or "127.0.0.1", parts.port or 1883


@cache
def _answers() -> bool:
    with suppress(OSError), socket.create_connection(broker_place(), timeout=2):
        return True
    return False


def require_mqtt() -> None:
    """Skips the test where there is no broker."""
    if not _answers():
        pytest.skip("MQTT: no server answers (FACEGATE_TEST_MQTT names another)")


def new_prefix() -> str:
    """Topics that nobody else has."""
    return f"facegate-test-{uuid.uuid4().hex[:12]}"


class Ear:
    """Hears everything below a topic; at the end it empties what the broker keeps of it."""

    def __init__(
        self, host: str, port: int, *topics: str, user: str | None = None, password: str = ""
    ) -> None:
        self.heard: list[mqtt.MQTTMessage] = []
        self._topics = topics
        self._is_ready = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        if user is not None:
            self._client.username_pw_set(user, password)
        self._client.on_connect = self._subscribe
        self._client.on_subscribe = lambda *_: self._is_ready.set()
        self._client.on_message = lambda _, __, message: self.heard.append(message)
        self._client.connect(host, port)
        self._client.loop_start()
        assert self._is_ready.wait(5), "the broker took no subscription"

    def _subscribe(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe([(topic, 1) for topic in self._topics])

    def payloads(self, topic: str) -> list[bytes]:
        return [bytes(one.payload) for one in self.heard if one.topic == topic]

    def wait_for(self, topic: str, count: int = 1, timeout_s: float = 5.0) -> list[bytes]:
        ends_at = time.monotonic() + timeout_s
        while len(self.payloads(topic)) < count:
            assert time.monotonic() < ends_at, f"{topic}: {self.payloads(topic)} of {count}"
            time.sleep(0.02)
        return self.payloads(topic)

    def close(self) -> None:
        for topic in {one.topic for one in self.heard}:
            self._client.publish(topic, b"", qos=1, retain=True).wait_for_publish(2)
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def listening(host: str, port: int, *topics: str) -> Iterator[Ear]:
    ear = Ear(host, port, *topics)
    try:
        yield ear
    finally:
        ear.close()


class OwnBroker:
    """A Mosquitto of the test's own, which forgets everything when it stops."""

    def __init__(self, folder: Path, *lines: str) -> None:
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")
        if program is None:
            pytest.skip("MQTT: no server answers: mosquitto is not installed")
        self._program = program
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        given = lines or ("allow_anonymous true",)
        # Started as root it would become a user who cannot read the test's folder.
        stays = ["user root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        where = f"listener {self.port} 127.0.0.1"
        self._config.write_text("\n".join([*stays, where, "persistence false", *given, ""]))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        ends_at = time.monotonic() + 5
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            assert time.monotonic() < ends_at, "mosquitto did not start"
            time.sleep(0.02)

    def hang(self) -> None:
        """Connections stand, and nobody answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """At once, as when the machine loses its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def own_broker(folder: Path, *lines: str) -> Iterator[OwnBroker]:
    broker = OwnBroker(folder, *lines)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
