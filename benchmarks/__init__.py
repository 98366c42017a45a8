"""Measurements of speed, memory and accuracy: `python -m benchmarks --help`. Nothing here is shipped."""
