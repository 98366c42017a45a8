"""Judging frames of workstations, and keeping their clients, sessions and evidence."""
