"""Plays a transcript against the protocol: what the terminal says, what the server has to say, who calls.

A transcript has one JSON object per line, with one of these keys:

- `about`: a remark.
- `terminal`: an object that the terminal sends; `raw`: the same as a text, which may be no JSON.
- `server`: what the server sends next; `"*"` as a value stands for anything.
- `call`: a command that somebody wants; `reply`: what the oldest open call gets; `error`: the error it gets.
- `note`: the name of a `NoteKind` that the log gets next.
- `wait_s`: time passes.
- `store_fails`: true from now on until it is false.
- `closed`: the close code.

All that is expected has to come, and nothing else may come.
"""

import json
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.protocols.terminals.moments import at, facts_of

from facegate.domain.errors import FacegateError, StoreFailed
from facegate.domain.terminals.access_policy import AccessDecision
from facegate.domain.terminals.commands import DeviceCommand
from facegate.frontends.terminals.effects import (
    Admit,
    Attach,
    Close,
    Detach,
    Effect,
    Enrol,
    Finish,
    Judge,
    Note,
    Send,
    Store,
)
from facegate.frontends.terminals.protocol import TerminalProtocol
from facegate.frontends.terminals.states import ConnectionLimits
from facegate.frontends.terminals.translate import read_message, wire_text

FOLDER = Path(__file__).with_name("transcripts")


class Player:
    """A server whose work is done at once. It is noon of 2 May 2024 in UTC, and 14:00 at the terminal."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.protocol = TerminalProtocol(ConnectionLimits(), at(0.0))
        self.said: deque[tuple[str, object]] = deque()
        self.call_count = 0
        self.store_fails = False
        self.stored: list[Store] = []
        self.enrolled: list[Enrol] = []

    def play(self, path: Path) -> None:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                try:
                    self.step(json.loads(line))
                except AssertionError as error:
                    raise AssertionError(f"{path.name}, line {number}: {error}") from error
        assert not self.said, f"nobody expected {list(self.said)}"

    def step(self, line: dict[str, Any]) -> None:
        ((key, value),) = line.items()
        match key:
            case "about":
                return
            case "store_fails":
                self.store_fails = value
                return
            case "terminal" | "raw" | "call" | "wait_s":
                assert not self.said, f"nobody expected {list(self.said)}"
                self.act(key, value)
            case _:
                assert self.said, f"{key} {value} did not come"
                what, said = self.said.popleft()
                assert what == key, f"expected {key} {value}, but there was {what} {said}"
                _assert_same(value, said)

    def act(self, key: str, value: Any) -> None:
        match key:
            case "terminal":
                self.hear(self.protocol.received(read_message(json.dumps(value)), at(self.now_s)))
            case "raw":
                self.hear(self.protocol.received(read_message(value), at(self.now_s)))
            case "call":
                self.call_count += 1
                fields = {name: field for name, field in value.items() if name != "cmd"}
                command = DeviceCommand(value["cmd"], fields, 10.0)
                self.hear(self.protocol.call(self.call_count, command, at(self.now_s)))
            case "wait_s":
                self.pass_time(value)

    def pass_time(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while (deadline_s := self.protocol.next_deadline_s) is not None and deadline_s <= end_s:
            self.now_s = max(self.now_s, deadline_s)
            self.hear(self.protocol.tick(at(self.now_s)))
        self.now_s = end_s

    def hear(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send():
                    self.said.append(("server", json.loads(wire_text(effect.message))))
                    if effect.call_id is not None:
                        self.hear(self.protocol.written(effect.call_id, at(self.now_s)))
                case Finish(outcome=outcome):
                    if isinstance(outcome, FacegateError):
                        self.said.append(("error", str(outcome.kind)))
                    else:
                        self.said.append(("reply", outcome))
                case Note():
                    self.said.append(("note", effect.kind.name))
                case Close():
                    self.said.append(("closed", int(effect.code)))
                case Attach() | Detach():
                    pass
                case _:
                    self.hear(self.work(effect))

    def work(self, effect: Admit | Store | Enrol | Judge) -> list[Effect]:
        now = at(self.now_s)
        if self.store_fails and not isinstance(effect, Admit | Judge):
            return self.protocol.failed(effect.request_id, StoreFailed("the disk is full"), now)
        match effect:
            case Admit() if effect.serial_number.startswith("UNKNOWN"):
                return self.protocol.turned_away(effect.request_id, "unknown device", now)
            case Admit():
                return self.protocol.admitted(effect.request_id, facts_of(effect.serial_number), now)
            case Store():
                self.stored.append(effect)
                access = None if effect.decide is None else AccessDecision(is_granted=True)
                return self.protocol.stored(effect.request_id, access, now)
            case Enrol():
                self.enrolled.append(effect)
                return self.protocol.enrolled(effect.request_id, now)
            case Judge():
                is_known = effect.scan.code == "6"
                decision = AccessDecision(is_known, "" if is_known else "not enrolled")
                return self.protocol.judged(effect.request_id, decision, now)


def _assert_same(expected: Any, said: object) -> None:
    if isinstance(expected, dict) and isinstance(said, dict):
        wanted = {name: said.get(name) if value == "*" else value for name, value in expected.items()}
        assert wanted == said, f"expected {expected}, but there was {said}"
        assert all(name in said for name in expected), f"expected {expected}, but there was {said}"
    else:
        assert expected == said, f"expected {expected}, but there was {said}"
