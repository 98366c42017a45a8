"""Cameras, alerts, events and groups of persons: their tables, rows and stores."""
