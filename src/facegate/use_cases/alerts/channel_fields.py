"""Names, options and secrets of channels: what may be shown is an option, all else a secret."""

from collections.abc import Mapping

from facegate.domain.alerts.channels import AlertChannel, ChannelKind
from facegate.domain.alerts.destinations import masked_url
from facegate.domain.errors import InvalidInput

LOST_SECRETS = (
    "the stored secrets of this channel cannot be read (another key of secrets, or damage): enter them again"
)

MAX_NAME_CHARS = 100
MAX_FIELDS = 20
MAX_FIELD_CHARS = 4096

SECRET_NAMES: Mapping[ChannelKind, frozenset[str]] = {
    ChannelKind.TELEGRAM: frozenset({"token"}),
    ChannelKind.WEBHOOK: frozenset({"url", "signing_key"}),
    ChannelKind.MQTT: frozenset({"password"}),
    ChannelKind.APPRISE: frozenset({"url"}),
}

_PLACE_OPTIONS = ("host", "port", "tls")


def checked_name(text: str) -> str:
    """Trimmed, one line. Raises InvalidInput."""
    name = text.strip()
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise InvalidInput(f"name must be 1 to {MAX_NAME_CHARS} printable characters", field="name")
    return name


def sorted_fields(
    kind: ChannelKind, options: Mapping[str, str], secrets: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Options and secrets, each where it belongs: a secret given as an option must not be shown.

    Raises:
        InvalidInput: too many or too long, or a secret that this kind does not have.
    """
    _check_sizes("options", options)
    _check_sizes("secrets", secrets)
    names = SECRET_NAMES[kind]
    for name in secrets:
        if name not in names:
            raise InvalidInput(f"secrets of {kind.value} are: {', '.join(sorted(names))}", field="secrets")
    moved = {name: value for name, value in options.items() if name in names}
    kept_secrets = {name: value for name, value in (moved | dict(secrets)).items() if value}
    shown = {name: value for name, value in options.items() if name not in names}
    if kind is ChannelKind.WEBHOOK and "url" in kept_secrets:
        shown["url"] = masked_url(kept_secrets["url"])
    return shown, kept_secrets


def changed_fields(
    known: AlertChannel, options: Mapping[str, str] | None, secrets: Mapping[str, str] | None
) -> tuple[dict[str, str], dict[str, str]]:
    """What a channel has after a change: options are replaced as a whole, secrets one by one.

    Raises:
        InvalidInput: see `sorted_fields`; or a stored password would be sent to another broker than the one
            it was given for.
    """
    given = dict(known.options if options is None else options)
    # What was shown and comes back as it was is no new secret.
    for name in SECRET_NAMES[known.kind]:
        if name in given and given[name] == known.options.get(name):
            del given[name]
    new_secrets = dict(secrets or {})
    changed = sorted_fields(known.kind, given, {**known.secrets, **_moved(known.kind, given), **new_secrets})
    is_moved = any(changed[0].get(name) != known.options.get(name) for name in _PLACE_OPTIONS)
    keeps_password = "password" in changed[1] and not {"password"} & {*new_secrets, *given}
    if known.kind is ChannelKind.MQTT and is_moved and keeps_password:
        raise InvalidInput("give the password again: it is for another broker now", field="password")
    return changed


def _moved(kind: ChannelKind, options: Mapping[str, str]) -> dict[str, str]:
    return {name: options[name] for name in SECRET_NAMES[kind] if name in options}


def _check_sizes(what: str, fields: Mapping[str, str]) -> None:
    if len(fields) > MAX_FIELDS:
        raise InvalidInput(f"{what}: at most {MAX_FIELDS}", field=what)
    for name, value in fields.items():
        if len(name) > 100 or len(value) > MAX_FIELD_CHARS:
            raise InvalidInput(f"{what}: each at most {MAX_FIELD_CHARS} characters", field=what)
