"""Alerts over the services that Apprise knows and we do not speak ourselves."""

from facegate.adapters.apprise_alerts.sender import AppriseAlerts

__all__ = ["AppriseAlerts"]
