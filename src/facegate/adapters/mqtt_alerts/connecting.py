"""One attempt to reach a broker, at an address that was checked, and why it came to nothing."""

import secrets
import socket
import ssl
from dataclasses import dataclass

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from facegate.adapters.mqtt_alerts.named_tls import tls_for
from facegate.adapters.mqtt_alerts.options import BrokerOptions
from facegate.adapters.mqtt_alerts.topics import OFFLINE, status_topic
from facegate.domain.alerts.destinations import permitted_addresses
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.errors import NotPermitted

LONGEST_CONNECT_S = 5.0
_KEEPALIVE_S = 30
_MAX_QUEUED = 10_000
"""States of as many cameras as may be; of messages only few are under way at once."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What to do, and whether trying again is useless."""

    text: str
    is_permanent: bool = False


def new_client(options: BrokerOptions, channel_id: str) -> mqtt.Client:
    """A client without callbacks that connects once."""
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        # Brokers may refuse ids beyond 23 characters; two servers must not have the same.
        client_id=f"facegate-{channel_id[:8]}-{secrets.token_hex(2)}",
        protocol=mqtt.MQTTv5 if options.is_version_5 else mqtt.MQTTv311,
        # Paho would come back to the address that it was once given.
        reconnect_on_failure=False,
    )
    client.connect_timeout = LONGEST_CONNECT_S
    client.max_queued_messages_set(_MAX_QUEUED)
    client.will_set(status_topic(options.topic_prefix), OFFLINE, qos=1, retain=True)
    if options.user is not None:
        client.username_pw_set(options.user, options.password)
    if options.tls:
        client.tls_set_context(tls_for(options))
    return client


def connect(client: mqtt.Client, options: BrokerOptions, allowed: frozenset[InsidePlace]) -> Trouble | None:
    """None where there is a connection, over which the broker has yet to say whether it wants us."""
    try:
        found = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
        addresses = permitted_addresses((str(place[4][0]) for place in found), allowed)
    except OSError:
        return Trouble("its name is not known: check host and DNS")
    except NotPermitted as error:
        return Trouble(error.message, is_permanent=True)
    trouble = Trouble("it has no address")
    for address in addresses:
        try:
            # Paho takes the host for a name to look up: it gets what was checked, and no second look.
            client.connect(address, options.port, keepalive=_KEEPALIVE_S)
        except ssl.SSLCertVerificationError:
            trouble = Trouble("its certificate is not trusted, or names another host")
        except OSError:
            trouble = Trouble("it cannot be reached at its host and port")
        else:
            return None
    return trouble


def refusal_of(reason: ReasonCode) -> Trouble:
    """Why the broker does not want us."""
    said = str(reason).lower()
    if "protocol version" in said:
        return Trouble("it does not speak MQTT 5: set protocol to 3.1.1", is_permanent=True)
    if "user name or password" in said or "not authorized" in said or "banned" in said:
        return Trouble("it refuses the user and password", is_permanent=True)
    return Trouble(f"it refuses the connection ({said})")
