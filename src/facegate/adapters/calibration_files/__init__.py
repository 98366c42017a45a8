"""Calibration curves that come with facegate, one JSON per model, written by `benchmarks calibrations`."""
