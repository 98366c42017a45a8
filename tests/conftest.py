"""Fixtures for real models and photos. Without them tests are skipped, or fail where all are required."""

import pytest
from hypothesis import settings
from tests.real_pictures import PICTURES, PicturesMissing, RealPictures, default_picture_folder
from tests.required_parts import (
    is_everything_required,
    pytest_make_collect_report,
    pytest_runtest_makereport,
)

from facegate.adapters.model_files import CachedModelFiles, default_cache_folder
from facegate.domain.errors import CapabilityMissing

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

# No example is timed: a busy machine would fail what is right.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile("thorough" if is_everything_required() else "quick")


@pytest.fixture(scope="session")
def model_files() -> CachedModelFiles:
    """The user's model cache with every default model ready."""
    files = CachedModelFiles(default_cache_folder())
    _make_ready(files, [state.model_id for state in files.states() if not state.is_optional])
    # Optional, but out of a file that the default nets brought.
    _make_ready(files, ["sface-2021dec-int8"])
    return files


@pytest.fixture(scope="session")
def dlib_model_files(model_files: CachedModelFiles) -> CachedModelFiles:
    """The same cache with the optional dlib nets ready too (a download of 100 MB the first time)."""
    _make_ready(model_files, ["dlib-resnet-v1", "dlib-resnet-v1-int8"])
    return model_files


@pytest.fixture(scope="session")
def real_pictures() -> RealPictures:
    """Real photos by name, see `tests/real_pictures.py`; all of them are there."""
    pictures = RealPictures(default_picture_folder())
    try:
        for name in PICTURES:
            pictures.path(name)
    except PicturesMissing as error:
        pytest.skip(str(error))
    return pictures


def _make_ready(files: CachedModelFiles, model_ids: list[str]) -> None:
    try:
        for model_id in model_ids:
            files.locate(model_id)
    except CapabilityMissing as error:
        pytest.skip(error.message)
