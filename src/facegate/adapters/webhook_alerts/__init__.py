"""Alerts as signed JSON to an address of the operator's."""

from facegate.adapters.webhook_alerts.sender import WebhookAlerts
from facegate.adapters.webhook_alerts.signature import signature_of

__all__ = ["WebhookAlerts", "signature_of"]
