"""Alerts in /v1."""
