"""Nets run by ONNX Runtime."""
