"""TLS to an address whose certificate has to name the broker."""

import ssl
from typing import Any

from facegate.adapters.mqtt_alerts.options import BrokerOptions


class _NamedTls(ssl.SSLContext):
    """Holds the certificate against the broker's name, although an address is connected to."""

    broker_name = ""

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        """As the original, with the name that was meant."""
        # Shaking hands here closes the connection where that fails; Paho, doing it later, leaves it open.
        changed = {"server_hostname": self.broker_name, "do_handshake_on_connect": True}
        return super().wrap_socket(*args, **{**options, **changed})


def tls_for(options: BrokerOptions) -> ssl.SSLContext:
    """Trusts what the system trusts, and the operator's own authority where one is given."""
    context = _NamedTls(ssl.PROTOCOL_TLS_CLIENT)
    context.broker_name = options.host
    context.load_default_certs()
    if options.ca_certificate is not None:
        context.load_verify_locations(cadata=options.ca_certificate)
    return context
