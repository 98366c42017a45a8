"""Cameras, alerts and the history of events, put together."""
