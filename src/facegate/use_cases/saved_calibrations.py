"""Curves that an operator measured, kept in the store, before those that facegate ships."""

import json
from collections.abc import Iterable, Mapping, Sequence

from facegate.domain.calibration import CalibrationCurve, curve_as_data, curve_from_data
from facegate.domain.errors import CapabilityMissing, StoreFailed
from facegate.ports.gallery_store import GalleryStore


def save_curve(store: GalleryStore, curve: CalibrationCurve) -> None:
    """Keeps the curve; it is used from the next start on."""
    store.save_report(_kind_of(curve.model_id), json.dumps(curve_as_data(curve)))


def kept_curves(store: GalleryStore, model_ids: Iterable[str]) -> dict[str, str]:
    """The operator's own curves of these models, as JSON by model id."""
    kept = {model_id: store.load_report(_kind_of(model_id)) for model_id in model_ids}
    return {model_id: curve for model_id, curve in kept.items() if curve is not None}


def keep_curves(store: GalleryStore, curves: Mapping[str, str]) -> None:
    """Keeps curves as `kept_curves` gave them."""
    for model_id, curve in curves.items():
        store.save_report(_kind_of(model_id), curve)


def curve_for(store: GalleryStore, model_id: str, shipped: Sequence[CalibrationCurve]) -> CalibrationCurve:
    """The operator's own curve for this model, or else the shipped one.

    Raises:
        CapabilityMissing: there is neither; without one no threshold would mean anything.
        StoreFailed: the kept one is damaged.
    """
    kept = store.load_report(_kind_of(model_id))
    if kept is not None:
        try:
            return curve_from_data(json.loads(kept))
        except ValueError as error:
            raise StoreFailed(
                f"the kept calibration of {model_id} is damaged: measure it anew with `facegate calibrate`"
            ) from error
    for curve in shipped:
        if curve.model_id == model_id:
            return curve
    raise CapabilityMissing(
        f"there is no calibration for the model {model_id}; "
        "measure one with `facegate calibrate FOLDER` (one sub-folder of photos per person)",
        capability="calibration",
    )


def _kind_of(model_id: str) -> str:
    return f"calibration:{model_id}"
