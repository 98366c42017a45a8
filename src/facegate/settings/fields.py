"""Every single setting as a flat list: its environment name, where it stands, what it is by default."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from facegate.domain.presence.policy import PresenceRule
from facegate.domain.presence.verdicts import Reason
from facegate.settings.model import ENV_PREFIX, NESTING, Settings


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting. `path` is its place in `Settings`; `default_text` is written as in a `.env` file."""

    env_name: str
    path: tuple[str, ...]
    description: str
    default_text: str
    default_note: str | None
    is_secret: bool

    @property
    def group(self) -> str:
        """The group's name, empty for settings that stand alone."""
        return self.path[0] if len(self.path) > 1 else ""


def setting_fields() -> list[SettingField]:
    """All settings in the order of the model."""
    return list(_walk(Settings, ()))


def group_note(group: str) -> str:
    """The one-line description of a group."""
    annotation = Settings.model_fields[group].annotation
    return (annotation.__doc__ or "").strip() if annotation else ""


def value_text(value: object) -> str:
    """A value as it would be written in the environment; secrets as stars."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "********"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, PresenceRule | Reason):
        return _rule_text(value)
    if isinstance(value, dict):
        return "; ".join(f"{value_text(key)}={value_text(entry)}" for key, entry in sorted(value.items()))
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(value_text, value)))
    if isinstance(value, tuple | list):
        return ", ".join(map(value_text, value))
    return str(value)


def _rule_text(value: PresenceRule | Reason) -> str:
    if isinstance(value, Reason):
        return value.name.lower()
    return f"{value.action.name.lower()} {value.frames}/{value.of_frames}"


def effective_values(settings: Settings) -> dict[str, str]:
    """Every environment name with the value in force, secrets masked."""
    values: dict[str, str] = {}
    for field in setting_fields():
        value: object = settings
        for name in field.path:
            value = getattr(value, name)
        values[field.env_name] = value_text(value)
    return values


def _walk(model: type[BaseModel], parents: tuple[str, ...]) -> Iterator[SettingField]:
    for name, info in model.model_fields.items():
        path = (*parents, name)
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _walk(info.annotation, path)
        else:
            yield _leaf(path, info)


def _leaf(path: tuple[str, ...], info: FieldInfo) -> SettingField:
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    note = extra.get("default_text")
    default = "" if note else value_text(info.get_default(call_default_factory=True, validated_data={}))
    return SettingField(
        env_name=ENV_PREFIX + NESTING.join(path).upper(),
        path=path,
        description=info.description or "",
        default_text=default,
        default_note=note,
        is_secret="SecretStr" in str(info.annotation),
    )
