"""Fails when a test was skipped that should have run: reads pytest's JUnit files.

usage: refuse_skips.py JUNIT_XML ...
"""

import os
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def skipped_tests(junit_file: Path) -> list[tuple[str, str]]:
    """Name and reason of every skipped test in one file."""
    root = ElementTree.fromstring(junit_file.read_text())  # noqa: S314 - written by our own pytest run
    skipped = []
    for case in root.iter("testcase"):
        for skip in case.findall("skipped"):
            name = f"{case.get('classname')}::{case.get('name')}"
            skipped.append((name, skip.get("message") or ""))
    return skipped


def is_allowed(reason: str) -> bool:
    """Only what this run found out it cannot have may be skipped."""
    if "PostgreSQL" in reason:
        # Scaled-out storage is an option: its tests run where a server and the driver are.
        return "FACEGATE_TEST_POSTGRES" not in os.environ
    return "dlib" in reason and os.environ.get("FACEGATE_ALLOW_SKIP_DLIB") == "1"


def main(arguments: list[str]) -> int:
    """Prints each refused skip; 1 when there is any."""
    refused = [
        (name, reason)
        for argument in arguments
        for name, reason in skipped_tests(Path(argument))
        if not is_allowed(reason)
    ]
    for name, reason in refused:
        sys.stderr.write(f"skipped, but should have run: {name}: {reason}\n")
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
