"""The import contracts of pyproject.toml hold."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_import_contracts_are_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-1000:]


def test_serving_imports_neither_onnx_nor_migrations_nor_plots() -> None:
    """They cost time and memory, and only fetching, the first start and reports need them."""
    unwanted = {"onnx", "alembic", "matplotlib", "openvino", "streamlit", "apprise"}
    program = f"import sys, facegate.composition.start; print(sorted({unwanted!r} & set(sys.modules)))"
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stdout.strip() == "[]"
