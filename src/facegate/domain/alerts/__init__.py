"""Alerts: who is told what, when, and what must not be told twice."""
