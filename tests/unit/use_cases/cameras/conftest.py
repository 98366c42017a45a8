"""What holds for all tests of cameras at work."""

import pytest
from tests.unit.use_cases.cameras.waiting import pass_over_running_threads


@pytest.fixture(autouse=True)
def _only_own_threads() -> None:
    pass_over_running_threads()
