"""What an administrator changes about a terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from facegate.domain.errors import InvalidInput
from facegate.domain.subjects import parse_display_name
from facegate.domain.terminals.device_clock import parse_zone
from facegate.domain.terminals.devices import AccessEncoding, Terminal

_MAX_LABEL_CHARS = 100


@dataclass(frozen=True, slots=True)
class TerminalChange:
    """What an administrator changes; None leaves it. An empty `zone_name` is the default zone.

    With `is_default_encoding` the server's default encoding holds again, and follows its setting.
    """

    name: str | None = None
    zone_name: str | None = None
    access_encoding: AccessEncoding | None = None
    is_default_encoding: bool = False
    mode_labels: Mapping[int, str] | None = None


def changer(change: TerminalChange) -> Callable[[Terminal], Terminal]:
    """What this change makes of a terminal.

    Raises:
        InvalidInput: at once, not when it is applied.
    """
    name = None if change.name is None else parse_display_name(change.name)
    if change.zone_name:
        parse_zone(change.zone_name)
    labels = None if change.mode_labels is None else _parse_labels(change.mode_labels)

    def changed(terminal: Terminal) -> Terminal:
        return replace(
            terminal,
            name=terminal.name if name is None else name,
            zone_name=terminal.zone_name if change.zone_name is None else change.zone_name or None,
            access_encoding=None
            if change.is_default_encoding
            else change.access_encoding or terminal.access_encoding,
            mode_labels=terminal.mode_labels if labels is None else labels,
        )

    return changed


def _parse_labels(labels: Mapping[int, str]) -> dict[int, str]:
    for code, label in labels.items():
        if not -(2**31) <= code < 2**31 or not 0 < len(label) <= _MAX_LABEL_CHARS or not label.isprintable():
            raise InvalidInput(
                f"a mode label has 1 to {_MAX_LABEL_CHARS} printable characters for a code",
                field="mode_labels",
            )
    return dict(labels)
