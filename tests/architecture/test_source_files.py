"""House rules that can be seen in the files themselves: names, sizes, the opening lines."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "facegate"

MAX_FILE_LINES = 310
"""The house looks again at 250 lines; a quarter more is where a test says no."""

MAX_FUNCTION_LINES = 60

MAX_FOLDER_FILES = 20
"""Beyond that nobody finds a file by looking; `__init__.py` does not count."""

LARGER_FOLDERS = {
    # One small protocol per file.
    "ports": 24,
}
"""The most files of the folders that are larger for a reason."""

FORBIDDEN_WORDS = frozenset(
    "utils util helpers helper common misc core base manager processor handler service".split()  # noqa: SIM905
)

SETTINGS_READERS = {"settings/loading.py"}

OTHER_ENVIRONMENT_USERS = {
    "__main__.py": "sets thread counts before numpy is loaded",
    "adapters/model_files/package_clients.py": "hands the environment on to pip and npm",
    "commands/output/outcomes.py": "FACEGATE_DEBUG, which has to work when settings are broken",
    "commands/serve.py": "hands options on to the child of a reloading server",
    "commands/ui.py": "hands the environment on to the page's process",
    "page/launch.py": "what the page's own process was told by `facegate ui`",
    "commands/output/terminal.py": "COLUMNS, as every terminal program",
}

FOLDERS = sorted(path for path in SOURCE.rglob("*") if path.is_dir() and list(path.glob("*.py")))

MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations/versions" not in path.as_posix())


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_there_is_something_to_check() -> None:
    assert len(MODULES) > 100


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) <= MAX_FILE_LINES, "split it by idea"
    assert not FORBIDDEN_WORDS & set(re.split(r"[_.]", path.stem)), "name the thing, not the pattern"
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "say what lives here and what does not"
    long_functions = [
        function.name for function in functions_of(path) if _line_count(function) > MAX_FUNCTION_LINES
    ]
    assert long_functions == []


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_folder(folder: Path) -> None:
    file_count = len([path for path in folder.glob("*.py") if path.name != "__init__.py"])
    assert file_count <= LARGER_FOLDERS.get(name_of(folder), MAX_FOLDER_FILES), "group them by idea"


def _line_count(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without the docstring and without those of functions inside, such as a router's routes."""
    inner = sum(
        (node.end_lineno or 0) - node.lineno + 1
        for node in function.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )
    docstring = ast.get_docstring(function, clean=False) or ""
    return (function.end_lineno or 0) - function.lineno + 1 - inner - docstring.count("\n")


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        name_of(path)
        for path in MODULES
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    }
    assert readers == SETTINGS_READERS | set(OTHER_ENVIRONMENT_USERS)


def test_nobody_prints() -> None:
    printing = [
        name_of(path) for path in MODULES if re.search(r"^\s*print\(", path.read_text(encoding="utf-8"), re.M)
    ]
    assert printing == []
