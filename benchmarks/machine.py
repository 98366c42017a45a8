"""What a figure must be read with: commit, machine, versions."""

import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.timing import available_cores, load_average

_PACKAGES = (
    "facegate",
    "numpy",
    "onnxruntime",
    "openvino",
    "opencv-python-headless",
    "pillow",
    "usearch",
    "fastapi",
    "uvicorn",
    "sqlalchemy",
)


def machine_facts() -> dict[str, Any]:
    """Plain data for the head of a result."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short=10", "HEAD") or "unknown",
        "has_uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "cpu": cpu_model(),
        "core_count": len(available_cores()),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "python": sys.version.split()[0],
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "load_average_at_start": load_average(),
    }


def cpu_model() -> str:
    """The processor's name as the system tells it, with the vector instructions that matter here."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return platform.processor() or platform.machine()
    fields = {
        key.strip(): value.strip()
        for line in cpuinfo.read_text(encoding="ascii", errors="replace").split("\n\n")[0].splitlines()
        for key, _, value in [line.partition(":")]
    }
    flags = set(fields.get("flags", "").split())
    vectors = [name for name in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if name in flags]
    family = f"family {fields.get('cpu family', '?')} model {fields.get('model', '?')}"
    mhz = float(fields.get("cpu MHz", 0) or 0)
    return f"{fields.get('model name', 'unknown')} ({family}, {mhz / 1000:.1f} GHz, {', '.join(vectors)})"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
