"""Workstations in /v1: their clients, sessions and evidence."""
