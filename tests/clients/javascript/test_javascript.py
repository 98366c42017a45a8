"""The JavaScript agent by itself, in Node.js: `agent.test.mjs` beside this file."""

import json
import re
import subprocess
from pathlib import Path

from tests.clients.nodejs import JAVASCRIPT, node_command


def test_the_agent_on_sockets_that_the_tests_play() -> None:
    script = Path(__file__).with_name("agent.test.mjs")
    ran = subprocess.run(
        [*node_command(), "--test", str(script)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_package_names_files_that_are_there() -> None:
    package = json.loads((JAVASCRIPT / "package.json").read_text())
    assert package["type"] == "module"
    assert "dependencies" not in package
    for name in [*package["files"], package["types"], package["exports"]["."]["default"]]:
        assert (JAVASCRIPT / name).is_file(), name


def test_everything_exported_is_declared() -> None:
    ran = subprocess.run(
        [*node_command(), "-e", "import('./facegate-workstation.js').then(m => console.log(Object.keys(m)))"],
        cwd=JAVASCRIPT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    exported = set(re.findall(r"'(\w+)'", ran.stdout))
    declared = (JAVASCRIPT / "index.d.ts").read_text()
    assert exported == set(re.findall(r"^export (?:class|function) (\w+)", declared, re.MULTILINE))
