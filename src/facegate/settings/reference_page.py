"""Writes docs/settings.md and sample.env from the model: `python -m facegate.settings.reference_page`."""

import sys
import textwrap
from itertools import groupby
from pathlib import Path

from facegate.settings.fields import SettingField, group_note, setting_fields
from facegate.settings.legacy_names import HONOURED, IGNORED

_INTRODUCTION = """\
# Settings

<!-- Written by `make docs` from src/facegate/settings; do not edit by hand. -->

Settings are environment variables. A file `.env` in the folder where the server starts is read too; where
both name a setting, the real environment wins, and options of `facegate serve` win over both. An empty value
counts as not set. Lists are separated by commas. A name that begins with `FACEGATE_` and is not in this list
stops the start, so that a misspelt setting never passes silently. `sample.env` has all of them to copy from.
"""

_SAMPLE_HEAD = """\
# Settings of facegate. Copy this file to `.env` and take away the `#` before what you change.
# Every line below shows the default. What each setting means at length: docs/settings.md.
# Written by `make docs` from src/facegate/settings.
"""


def settings_page() -> str:
    """The text of docs/settings.md."""
    parts = [_INTRODUCTION]
    for group, fields in groupby(setting_fields(), key=lambda field: field.group):
        parts.append(f"## {group or 'matching'}\n")
        if group:
            parts.append(f"{group_note(group)}\n")
        parts.append("| Name | Default | Meaning |\n|---|---|---|")
        parts.extend(_row(field) for field in fields)
        parts.append("")
    parts.append(_old_names())
    return "\n".join(parts)


def sample_file() -> str:
    """The text of sample.env."""
    lines = [_SAMPLE_HEAD]
    for group, fields in groupby(setting_fields(), key=lambda field: field.group):
        lines.append(f"# ---- {group or 'matching'}" + (f": {group_note(group)}" if group else "") + "\n")
        for field in fields:
            note = f" Default: {_plain(field.default_note)}." if field.default_note else ""
            lines.extend(f"# {line}" for line in textwrap.wrap(_plain(field.description) + note, 100))
            lines.append(f"#{field.env_name}={_quoted(field.default_text)}\n")
    return "\n".join(lines)


def _row(field: SettingField) -> str:
    default = field.default_note or (f"`{field.default_text}`" if field.default_text else "not set")
    return f"| `{field.env_name}` | {default} | {field.description} |"


def _old_names() -> str:
    lines = [
        "## Names of the old servers\n",
        "These names from the documents of the servers that facegate replaces are understood:\n",
        "| Name | Stands for | Note |\n|---|---|---|",
        *(f"| `{name.name}` | `{name.stands_for}` | {name.note} |" for name in HONOURED),
        "\nWhere our own name is set as well, it wins. These have no effect, and the log says so at start:\n",
        "| Name | Why |\n|---|---|",
        *(f"| `{name.name}` | {name.notice} |" for name in IGNORED),
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return text.replace("`", "")


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def main(page: Path = Path("docs/settings.md"), sample: Path = Path("sample.env")) -> None:
    """Writes both files anew."""
    page.write_text(settings_page(), encoding="utf-8")
    sample.write_text(sample_file(), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
