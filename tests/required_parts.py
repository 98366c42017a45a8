"""What FACEGATE_REQUIRE_ALL=1 means, as the build server sets it: skips fail, and examples are many.

The hooks are pytest's; `tests/conftest.py` takes them over.
"""

import os
from collections.abc import Generator, Mapping

import pytest

REQUIRE_ALL = "FACEGATE_REQUIRE_ALL"

_SERVERS = {
    "PostgreSQL": "FACEGATE_TEST_POSTGRES",
    "MariaDB": "FACEGATE_TEST_MARIADB",
    "Redis": "FACEGATE_TEST_REDIS",
    "MQTT": "FACEGATE_TEST_MQTT",
    "RTSP": "FACEGATE_TEST_RTSP",
    "Chromium": "FACEGATE_TEST_CHROMIUM",
}


def is_everything_required() -> bool:
    """Whether this is the thorough run: nothing may be missing and time matters less."""
    return os.environ.get(REQUIRE_ALL) == "1"


def is_allowed(reason: str, environ: Mapping[str, str]) -> bool:
    """Whether a test may be skipped for this reason although everything is required."""
    for server, name in _SERVERS.items():
        if reason.startswith(f"{server}: no server answers"):
            # What is kept or said elsewhere is an option: its tests run where somebody names a server.
            return name not in environ
    if reason.startswith("dlib is not installed"):
        return environ.get("FACEGATE_ALLOW_SKIP_DLIB") == "1"
    # More is here than the test can use, CoreML on a Mac or a user who may do everything: nothing is missing.
    return reason.endswith("is available here") or reason.startswith("root ")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fails a test that was skipped."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fails a file that was skipped as a whole."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or not is_everything_required():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not is_allowed(reason, os.environ):
        report.outcome = "failed"
        report.longrepr = f"skipped although {REQUIRE_ALL}=1: {reason}"
