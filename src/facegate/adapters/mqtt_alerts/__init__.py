"""Alerts over MQTT, and how Home Assistant learns of the cameras by itself."""

from facegate.adapters.mqtt_alerts.sender import MqttAlerts

__all__ = ["MqttAlerts"]
