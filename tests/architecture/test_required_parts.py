"""With FACEGATE_REQUIRE_ALL=1 a missing part is a failure, by whichever way a test was skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BY_EVERY_WAY = """
import pytest

@pytest.fixture
def curl():
    pytest.skip("curl is not installed")

def test_by_fixture(curl): ...

def test_by_call():
    pytest.importorskip("no_such_module")

@pytest.mark.skipif(True, reason="npm is not installed")
def test_by_mark(): ...

def test_of_dlib():
    pytest.skip("dlib is not installed (optional group `dlib`)")

def test_of_postgresql():
    pytest.skip("PostgreSQL: no server answers")

def test_of_the_driver():
    pytest.skip("PostgreSQL: its driver psycopg is not installed")

@pytest.mark.xfail(reason="a known fault")
def test_expected_to_fail():
    raise AssertionError
"""


WHOLE_FILE = 'import pytest\npytest.importorskip("no_such_module")\n'


@pytest.mark.parametrize(
    ("environ", "outcome"),
    [
        ({}, "7 skipped, 1 xfailed"),
        # A skip before the test begins counts as an error: by a fixture, a mark or the whole file.
        ({"FACEGATE_REQUIRE_ALL": "1"}, "3 failed, 1 skipped, 1 xfailed, 3 errors"),
        (
            {
                "FACEGATE_REQUIRE_ALL": "1",
                "FACEGATE_ALLOW_SKIP_DLIB": "1",
                "FACEGATE_TEST_POSTGRES": "postgresql://nowhere/test",
            },
            "3 failed, 1 skipped, 1 xfailed, 3 errors",
        ),
        (
            {"FACEGATE_REQUIRE_ALL": "1", "FACEGATE_ALLOW_SKIP_DLIB": "1"},
            "2 failed, 2 skipped, 1 xfailed, 3 errors",
        ),
    ],
)
def test_a_skip_for_a_missing_part_fails(tmp_path: Path, environ: dict[str, str], outcome: str) -> None:
    (tmp_path / "test_parts.py").write_text(BY_EVERY_WAY, encoding="utf-8")
    (tmp_path / "test_whole.py").write_text(WHOLE_FILE, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FACEGATE_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.required_parts", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [*command, "--continue-on-collection-errors", "-c", os.devnull, str(tmp_path)],
        cwd=ROOT,
        env={**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.stdout.splitlines()[-1].startswith(outcome), finished.stdout
