"""How lists and address tables are written in an environment variable, and types made of that."""

import json
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from facegate.domain.access import Door
from facegate.domain.cameras.sources import InsidePlace
from facegate.domain.events.event import EventDoor
from facegate.domain.presence.policy import PresenceRule
from facegate.domain.presence.verdicts import Action, Check, Reason

Network = IPv4Network | IPv6Network


def listed(value: object) -> object:
    """`a, b` or a JSON list as a list; anything that is no text stays as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        return _from_json(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def networks_by_door(value: object) -> object:
    """`attendance=10.0.0.0/8, 192.168.1.7; verification=...` or a JSON object as a table."""
    if isinstance(value, str):
        text = value.strip()
        value = _from_json(text) if text.startswith("{") else dict(map(_door_entry, _entries(text)))
    if not isinstance(value, dict):
        raise ValueError("write it as door=address/bits, separated by commas; doors separated by semicolons")
    return {door: _networks(addresses) for door, addresses in value.items()}


def _entries(text: str) -> list[str]:
    return [entry for entry in text.split(";") if entry.strip()]


def _door_entry(entry: str) -> tuple[str, object]:
    door, equals, addresses = entry.partition("=")
    if not equals:
        raise ValueError("each entry is door=address/bits")
    return door.strip(), listed(addresses)


def _networks(addresses: object) -> object:
    if not isinstance(addresses, list | tuple):
        raise ValueError("the addresses of a door are a list")
    # `strict=False`: 192.168.1.7/24 is what people write for the network that this address is in.
    return tuple(ip_network(str(address).strip(), strict=False) for address in addresses)


def rules_by_reason(value: object) -> object:
    """`no_face=warning; phone_detection=lock_screen 2/3` as a table of rules."""
    if not isinstance(value, str):
        return value
    rules = {}
    for entry in _entries(value):
        name, equals, rule = entry.partition("=")
        if not equals:
            raise ValueError("each rule is reason=action or reason=action 2/3; semicolons go between")
        rules[_reason(name.strip())] = _rule(rule.split())
    return rules


def _reason(name: str) -> Reason:
    try:
        return Reason[name.upper()]
    except KeyError:
        raise ValueError(f"{name!r} is no reason such as no_face or phone_detection") from None


def _rule(words: list[str]) -> PresenceRule:
    action, agreeing = (*words, "1/1")[:2] if words else ("", "1/1")
    if len(words) > 2 or action.upper() not in Action.__members__:
        raise ValueError(f"{' '.join(words)!r} is no action such as lock_screen or sign_out 2/3")
    frames, slash, of_frames = agreeing.partition("/")
    if not slash or not (frames.isdecimal() and of_frames.isdecimal()):
        raise ValueError(f"{agreeing!r} does not say how many of how many frames, such as 2/3")
    return PresenceRule(Action[action.upper()], int(frames), int(of_frames))


def _from_json(text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except ValueError as error:
        raise ValueError("this looks like JSON but is not") from error
    return parsed


Port = int
Ports = Annotated[tuple[Port, ...], BeforeValidator(listed)]
Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
Doors = Annotated[frozenset[Door], BeforeValidator(listed)]
NetworksByDoor = Annotated[dict[Door, tuple[Network, ...]], BeforeValidator(networks_by_door)]
InsidePlaces = Annotated[frozenset[InsidePlace], BeforeValidator(listed)]
EventDoors = Annotated[frozenset[EventDoor], BeforeValidator(listed)]
Checks = Annotated[frozenset[Check], BeforeValidator(listed)]
PresenceRules = Annotated[dict[Reason, PresenceRule], BeforeValidator(rules_by_reason)]
HomePath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path in which `~` stands for the home folder."""
