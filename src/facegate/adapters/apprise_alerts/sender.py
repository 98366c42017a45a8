"""A message through Apprise, which runs in a process of its own for each."""

import subprocess
import sys
import threading
import time
from collections.abc import Collection
from urllib.parse import urlsplit

from facegate.adapters.apprise_alerts.wire import Order, Outcome, Report
from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.destinations import check_named_host
from facegate.domain.alerts.messages import AlertKind, OutboxMessage
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import CapabilityMissing, ChannelFailed, InvalidInput, NotPermitted

_MAX_URL_CHARS = 4096
_MAX_PROCESSES = 4

_ON_THIS_MACHINE = frozenset({
    "blink1", "dbus", "file", "gio", "glib", "gnome", "kde", "macosx", "memory", "qt", "syslog", "windows",
})  # fmt: skip
"""Schemes of Apprise that act on the server itself."""

_REPORT_S = 1.0
"""What is left of the time for the process to say what it knows before it is killed."""


class AppriseAlerts:
    """Secret: `url`, any of Apprise's. Pictures go along where the service takes attachments.

    Few services can tell a repetition, so what may have arrived must not be sent again.
    """

    kind = ChannelKind.APPRISE
    may_repeat = False

    def __init__(self, timeout_s: float, allowed_places: frozenset[InsidePlace] = frozenset()) -> None:
        self._timeout_s = timeout_s
        self._allowed = allowed_places
        self._places = threading.BoundedSemaphore(_MAX_PROCESSES)
        self._is_closed = False

    def check(self, channel: AlertChannel) -> None:
        """Raises InvalidInput for what Apprise does not know, NotPermitted for what leads inside."""
        url = self._url(channel)
        report = self._run(Order(url, self._ends_at(), self._allowed), time.monotonic() + self._timeout_s)
        if report.outcome is Outcome.NOT_UNDERSTOOD:
            raise _not_understood()
        if report.outcome is Outcome.NOT_PERMITTED:
            raise NotPermitted(report.sentence)

    def send(self, channel: AlertChannel, message: OutboxMessage) -> None:
        """See the port."""
        ends_at = time.monotonic() + self._timeout_s
        try:
            url = self._url(channel)
        except (InvalidInput, NotPermitted) as error:
            raise ChannelFailed(error.message, is_permanent=True) from None
        order = Order(
            url,
            self._ends_at(),
            self._allowed,
            message.text.title,
            message.text.body or message.text.title,
            message.kind is AlertKind.CAMERA_DOWN,
            message.picture,
        )
        report = self._run(order, ends_at)
        if report.outcome is Outcome.NOT_UNDERSTOOD:
            raise ChannelFailed(_not_understood().message, is_permanent=True)
        if report.outcome is Outcome.NOT_PERMITTED:
            raise ChannelFailed(report.sentence, is_permanent=True)
        if report.outcome is Outcome.FAILED:
            raise ChannelFailed(
                report.sentence,
                is_permanent=report.is_permanent,
                may_have_arrived=report.may_have_arrived,
                retry_after_s=report.retry_after_s,
            )

    def forget_subjects(self, subject_ids: Collection[str]) -> None:
        """Nothing but messages is kept there."""

    def drop_camera(self, camera_id: str) -> None:
        """Nothing is kept there of a camera."""

    def drop_channel(self, channel: AlertChannel) -> None:
        """No connection is kept for a channel."""

    def close(self) -> None:
        """No more processes are started; those that run end in their time."""
        self._is_closed = True

    def _ends_at(self) -> float:
        """In the time of day, which two processes share."""
        return time.time() + max(self._timeout_s - _REPORT_S, self._timeout_s / 2)

    def _url(self, channel: AlertChannel) -> str:
        url = channel.secrets.get("url", "").strip()
        if not url or len(url) > _MAX_URL_CHARS or not url.isprintable() or " " in url or "://" not in url:
            raise _not_understood()
        scheme = url.partition("://")[0].lower()
        if scheme in _ON_THIS_MACHINE:
            raise NotPermitted(f"{scheme}:// acts on the server itself: choose a service that sends")
        try:
            host = urlsplit(url).hostname
        except ValueError as error:
            raise _not_understood() from error
        if host:
            # In many URLs a key stands there: it is looked at, but looked up nowhere.
            check_named_host(host, self._allowed)
        return url

    def _run(self, order: Order, ends_at: float) -> Report:
        if self._is_closed:
            raise ChannelFailed("the server is shutting down")
        if not self._places.acquire(timeout=max(ends_at - time.monotonic(), 0.0)):
            raise ChannelFailed("too many messages wait for slow services already")
        try:
            done = subprocess.run(
                # -P: nothing is imported from the folder that the server was started in.
                [sys.executable, "-P", "-B", "-m", "facegate.adapters.apprise_alerts.one_order"],
                input=order.to_json(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=max(ends_at - time.monotonic(), 0.1),
                check=False,
                # Ctrl+C is for the server, which waits for what is being sent.
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            # `from None`: the original holds what was read so far.
            raise ChannelFailed("the service did not answer in time", may_have_arrived=True) from None
        except OSError:
            raise ChannelFailed("no process can be started for Apprise") from None
        finally:
            self._places.release()
        report = Report.from_json(done.stdout)
        if report is None:
            raise ChannelFailed("the process that runs Apprise ended unexpectedly", may_have_arrived=True)
        if report.outcome is Outcome.MISSING:
            raise CapabilityMissing("Apprise is not installed: pip install apprise", capability="apprise")
        return report


def _not_understood() -> InvalidInput:
    return InvalidInput("url must be one that Apprise knows, such as ntfy://ntfy.sh/my-topic", field="url")
