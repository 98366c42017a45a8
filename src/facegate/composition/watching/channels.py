"""The kinds of channels that alerts can take, each with its limits from the settings."""

from collections.abc import Mapping

from facegate.adapters.apprise_alerts import AppriseAlerts
from facegate.adapters.mqtt_alerts import MqttAlerts
from facegate.adapters.telegram_alerts import TelegramAlerts, TelegramChats
from facegate.adapters.webhook_alerts import WebhookAlerts
from facegate.domain.alerts.channels import ChannelKind
from facegate.ports.alerts.alert_sender import AlertSender, TelegramChatFinder
from facegate.ports.alerts.alert_store import AlertStore
from facegate.settings.camera_groups import AlertSettings


def make_senders(chosen: AlertSettings, store: AlertStore) -> Mapping[ChannelKind, AlertSender]:
    """One sender of each kind; the store knows where something may be kept from earlier."""
    senders: list[AlertSender] = [
        TelegramAlerts(str(chosen.telegram_api_url), chosen.timeout_s),
        WebhookAlerts(chosen.timeout_s, chosen.allowed_places),
        MqttAlerts(chosen.timeout_s, chosen.allowed_places, store.list_channels),
        AppriseAlerts(chosen.timeout_s, chosen.allowed_places),
    ]
    return {sender.kind: sender for sender in senders}


def make_chat_finder(chosen: AlertSettings) -> TelegramChatFinder:
    """Which chats a bot has heard of."""
    return TelegramChats(str(chosen.telegram_api_url), chosen.timeout_s)
