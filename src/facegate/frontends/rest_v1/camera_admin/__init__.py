"""Cameras in /v1."""
