"""Ports through which people are told."""
