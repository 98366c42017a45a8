"""Ports of the history of events."""
