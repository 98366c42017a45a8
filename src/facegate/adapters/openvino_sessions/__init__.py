"""Nets run by OpenVINO, an optional extra."""
