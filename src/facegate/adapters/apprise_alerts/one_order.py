"""The process that runs Apprise for one order: `python -m facegate.adapters.apprise_alerts.one_order`.

Apprise has well over a hundred plugins of many hands. In a process of its own one of them can neither hang
the server, nor write a secret into its log, nor reach where the operator does not want it, and its memory is
gone afterwards. Reads an order from standard input and writes a report to standard output.
"""

import logging
import os
import sys
import threading
import time
from typing import Any

from facegate.adapters.apprise_alerts.fences import Fences
from facegate.adapters.apprise_alerts.wire import Order, Outcome, Report

_LONGEST_CONNECT_S = 5.0


def main() -> None:
    """One order. Never waits for plugins that hang: the process ends under them."""
    report_to = os.dup(sys.stdout.fileno())
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        # What plugins print, and what they log, may hold secrets.
        os.dup2(silence, stream)
    logging.disable(sys.maxsize)
    order = Order.from_json(sys.stdin.buffer.read())
    os.write(report_to, _obey(order).to_json())
    os._exit(0)


def _obey(order: Order) -> Report:
    try:
        import apprise
        from apprise.attachment import memory

        from facegate.adapters.apprise_alerts.exchanges import Exchanges, judge_failure
    except ModuleNotFoundError:
        return Report(Outcome.MISSING)
    asset = apprise.AppriseAsset(async_mode=False, http_redirects=False, storage_mode="memory")
    fences = Fences(order.allowed)
    exchanges = Exchanges()
    exchanges.watch()
    # Plugins are loaded when the first URL is looked at; the fences stand before that URL is.
    apprise.Apprise.instantiate("json://localhost", asset=asset)
    fences.put_up()
    plugin = apprise.Apprise.instantiate(order.url, asset=asset)
    if fences.refusal is not None:
        return Report(Outcome.NOT_PERMITTED, fences.refusal)
    if plugin is None:
        return Report(Outcome.NOT_UNDERSTOOD)
    if order.body is None:
        return Report(Outcome.DONE)
    _keep_in_bounds(plugin, order)
    picture = None
    if order.picture is not None and plugin.attachment_support:
        # Apprise does not say which types it takes here.
        make: Any = memory.AttachMemory
        picture = make(content=order.picture, name="alert.jpg", mimetype="image/jpeg")
    attempt = _Attempt(apprise, plugin, asset, order, picture)
    attempt.run()
    if fences.refusal is not None:
        return Report(Outcome.NOT_PERMITTED, fences.refusal)
    if attempt.is_over and attempt.is_sent:
        return Report(Outcome.DONE)
    if not attempt.is_over:
        return Report(
            Outcome.FAILED, "the service did not answer in time", may_have_arrived=fences.has_connected
        )
    return judge_failure(exchanges.seen, has_connected=fences.has_connected)


def _keep_in_bounds(plugin: Any, order: Order) -> None:
    """Against what a URL may ask for: retries of its own, success although it failed, endless waiting."""
    left_s = max(order.ends_at_unix_s - time.time(), 0.5)
    bounds = {
        "retry": 0,
        "optional": False,
        "redirects": False,
        "socket_connect_timeout": min(left_s, _LONGEST_CONNECT_S),
        "socket_read_timeout": left_s,
    }
    for name, value in bounds.items():
        # Not every version has each.
        if hasattr(plugin, name):
            setattr(plugin, name, value)


class _Attempt:
    """The call in a thread, since nothing can end it from outside."""

    def __init__(self, apprise: Any, plugin: Any, asset: Any, order: Order, picture: Any) -> None:
        self._order = order
        self._picture = picture
        self._kind = apprise.NotifyType.WARNING if order.is_trouble else apprise.NotifyType.INFO
        self._format = apprise.NotifyFormat.TEXT
        self._services = apprise.Apprise(asset=asset)
        self._services.add(plugin)
        self.is_over = False
        self.is_sent = False

    def run(self) -> None:
        """Until it is through or the time is over."""
        thread = threading.Thread(target=self._notify, daemon=True)
        thread.start()
        thread.join(max(self._order.ends_at_unix_s - time.time(), 0.0))

    def _notify(self) -> None:
        answer = self._services.notify(
            body=self._order.body,
            title=self._order.title,
            notify_type=self._kind,
            body_format=self._format,
            attach=self._picture,
        )
        # None where there was nobody to tell, and in newer versions an object that is true or false.
        self.is_sent = bool(answer)
        self.is_over = True


if __name__ == "__main__":
    main()
