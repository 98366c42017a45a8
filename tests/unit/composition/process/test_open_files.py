import subprocess
import sys

import pytest

SCRIPT = """
import resource
from facegate.composition.process.open_files import allow_open_files
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
print(allow_open_files({count}), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="another system's limit is available here")
@pytest.mark.parametrize(("count", "expected"), [(1000, "1000 1000"), (100, "256 256")])
def test_the_limit_is_raised_and_never_lowered(count: int, expected: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(count=count)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == expected
