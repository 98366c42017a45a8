"""Reads the environment and `./.env` into `Settings`, and says in plain sentences what is wrong."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from facegate.settings.fields import setting_fields
from facegate.settings.legacy_names import EXTRA_PORTS, HONOURED, IGNORED, NO_SETTINGS
from facegate.settings.model import ENV_PREFIX, Settings


class SettingsRefused(Exception):
    """The settings cannot be used; `problems` has one sentence for each wrong one, without secrets."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings and what the log should say about names that were found."""

    settings: Settings
    notices: tuple[str, ...]


@dataclass(slots=True)
class _Names:
    """Our names with their values; `written_as` keeps the name that the operator used."""

    values: dict[str, str] = field(default_factory=dict)
    written_as: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    env_file: Path | None = Path(".env"),
    overrides: Mapping[str, object] | None = None,
) -> LoadedSettings:
    """The settings in force: `overrides` before the environment before `env_file` before the defaults.

    Args:
        environ: instead of the process's environment.
        env_file: read if it exists; None reads no file.
        overrides: values by dotted path, such as `{"server.port": 9000}`, from the command line.

    Raises:
        SettingsRefused: a value or a name is wrong.
    """
    real = dict(os.environ if environ is None else environ)
    merged = {**_read_env_file(env_file), **real}
    names = _our_names({name: value for name, value in merged.items() if value.strip()})
    _refuse_unknown(names.values)
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in names.values.items()}
    data: dict[str, Any] = source()
    for path, value in (overrides or {}).items():
        _place(data, path.split("."), value)
    try:
        settings = Settings(**data)
    except ValidationError as error:
        raise SettingsRefused([_sentence(details, names) for details in error.errors()]) from None
    return LoadedSettings(settings, (*names.notices, *_advice(settings)))


def _read_env_file(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    values: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsRefused(
            [f"The file {path} cannot be read: is it a text file that you may read?"]
        ) from error
    for binding in bindings:
        if binding.error:
            line = binding.original.string.strip().split("=")[0][:40]
            raise SettingsRefused(
                [f"Line {binding.original.line} of {path} is no NAME=value: it begins with {line!r}."]
            )
        if binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    return values


def _our_names(merged: Mapping[str, str]) -> _Names:
    names = _Names()
    others = NO_SETTINGS | {honoured.name for honoured in HONOURED}
    for name, value in merged.items():
        if name.upper().startswith(ENV_PREFIX) and name not in others:
            names.values[name.upper()] = value
            names.written_as[name.upper()] = name
    for honoured in HONOURED:
        if honoured.name in merged:
            _take_over(names, honoured.name, honoured.stands_for, merged[honoured.name])
    for entry in IGNORED:
        found = sorted(name for name in merged if entry.covers(name))
        for name in found:
            names.values.pop(name, None)
        if found:
            names.notices.append(f"{', '.join(found)} has no effect: {entry.notice}.")
    return names


def _take_over(names: _Names, old_name: str, our_name: str, value: str) -> None:
    if our_name == EXTRA_PORTS:
        # FLASK_PORT joins the listed ports instead of competing with them.
        listed = names.values.get(our_name, "").strip().removeprefix("[").removesuffix("]")
        names.values[our_name] = f"{listed},{value}" if listed else value
        names.written_as.setdefault(our_name, old_name)
    elif our_name in names.values:
        names.notices.append(f"{old_name} has no effect: {our_name} is set too and wins.")
    else:
        names.values[our_name] = value
        names.written_as[our_name] = old_name


def _refuse_unknown(values: Mapping[str, str]) -> None:
    known = [known_field.env_name for known_field in setting_fields()]
    problems = []
    for name in sorted(set(values) - set(known)):
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        problems.append(f"{name} is no setting of facegate. Did you mean {nearest[0]}?")
    if problems:
        raise SettingsRefused(problems)


def _place(data: dict[str, Any], path: list[str], value: object) -> None:
    for name in path[:-1]:
        data = data.setdefault(name, {})
    data[path[-1]] = value


def _sentence(details: ErrorDetails, names: _Names) -> str:
    known = {known_field.path: known_field for known_field in setting_fields()}
    location = tuple(str(part) for part in details["loc"])
    found = next((known[location[:n]] for n in range(len(location), 0, -1) if location[:n] in known), None)
    reason = details["msg"].removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    if found is None:
        # A rule over several settings: its sentence names them.
        return f"{reason}."
    written = names.written_as.get(found.env_name, found.env_name)
    name = written if written.upper() == found.env_name else f"{written} (that is {found.env_name})"
    given = details["input"]
    shown = f"; it is {given!r}" if isinstance(given, str | int | float) and not found.is_secret else ""
    return f"{name} is wrong: {reason}{shown}."


def _advice(settings: Settings) -> list[str]:
    advice = []
    token = settings.access.token
    if token is not None and len(token.get_secret_value()) < 16:
        advice.append("FACEGATE_ACCESS__TOKEN is short: with 16 characters or more nobody can guess it.")
    is_opened = settings.access.open_doors or settings.access.allowed_networks
    if not is_loopback_name(settings.server.host) and not is_opened:
        advice.append(
            f"Listening on {settings.server.host}: from other machines every door asks for a token; "
            "FACEGATE_ACCESS__OPEN_DOORS or FACEGATE_ACCESS__ALLOWED_NETWORKS opens those that may be open."
        )
    return advice


def is_loopback_name(host: str) -> bool:
    """Whether this listening address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
