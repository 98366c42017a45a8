"""Reads the curves that come with facegate. Curves that an operator measured are kept in the store."""

import json
from importlib import resources

from facegate.domain.calibration import CalibrationCurve, curve_from_data


def shipped_curves() -> list[CalibrationCurve]:
    """The curve of every model that facegate calibrates itself, in order of model id."""
    folder = resources.files("facegate.adapters.calibration_files")
    files = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".json")), key=lambda item: item.name
    )
    return [curve_from_data(json.loads(file.read_text(encoding="utf-8"))) for file in files]
