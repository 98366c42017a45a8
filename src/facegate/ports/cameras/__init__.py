"""Ports that only cameras need."""
