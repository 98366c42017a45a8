"""The history of events in /v1."""
