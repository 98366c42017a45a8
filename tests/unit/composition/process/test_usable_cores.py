"""A container's quota in whole cores."""

from pathlib import Path

import pytest

from facegate.composition.process.usable_cores import quota_cores, usable_core_count


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("max 100000\n", None),
        ("150000 100000\n", 2),
        ("50000 100000\n", 1),
        ("", None),
        ("1 0\n", None),
        ("x y\n", None),
    ],
)
def test_quota(tmp_path: Path, content: str, expected: int | None) -> None:
    (tmp_path / "cpu.max").write_text(content, encoding="ascii")
    assert quota_cores(tmp_path / "cpu.max") == expected


def test_without_the_file_there_is_no_quota(tmp_path: Path) -> None:
    assert quota_cores(tmp_path / "cpu.max") is None


def test_there_is_always_one() -> None:
    assert usable_core_count() >= 1
