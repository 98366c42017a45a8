"""What goes to the process that runs Apprise, and what comes back: one JSON object each way."""

import base64
import json
from dataclasses import dataclass, field
from enum import StrEnum

from facegate.domain.cameras.sources import InsidePlace


class Outcome(StrEnum):
    """What became of it."""

    DONE = "done"
    NOT_UNDERSTOOD = "not_understood"
    """Apprise makes no service of this URL."""

    NOT_PERMITTED = "not_permitted"
    FAILED = "failed"
    MISSING = "missing"
    """Apprise is not installed."""


@dataclass(frozen=True, slots=True)
class Order:
    """A message to send, or with no `body` a URL to look at. `ends_at_unix_s` is when it has to be over."""

    url: str = field(repr=False)
    ends_at_unix_s: float
    allowed: frozenset[InsidePlace]
    title: str = ""
    body: str | None = None
    is_trouble: bool = False
    picture: bytes | None = field(default=None, repr=False)

    def to_json(self) -> bytes:
        """For the other process."""
        return json.dumps(
            {
                "url": self.url,
                "ends_at": self.ends_at_unix_s,
                "allowed": sorted(self.allowed),
                "title": self.title,
                "body": self.body,
                "is_trouble": self.is_trouble,
                "picture": None if self.picture is None else base64.b64encode(self.picture).decode("ascii"),
            }
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Order":
        """In the other process; what was written above."""
        content = json.loads(text)
        return cls(
            content["url"],
            content["ends_at"],
            frozenset(map(InsidePlace, content["allowed"])),
            content["title"],
            content["body"],
            content["is_trouble"],
            None if content["picture"] is None else base64.b64decode(content["picture"]),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What came of an order. The sentence is ours: what Apprise says may hold secrets, and is dropped."""

    outcome: Outcome
    sentence: str = ""
    is_permanent: bool = False
    may_have_arrived: bool = False
    retry_after_s: float | None = None

    def to_json(self) -> bytes:
        """For the server."""
        return json.dumps(
            {
                "outcome": self.outcome.value,
                "sentence": self.sentence,
                "is_permanent": self.is_permanent,
                "may_have_arrived": self.may_have_arrived,
                "retry_after_s": self.retry_after_s,
            }
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Report | None":
        """None where the other process died before it could report."""
        try:
            content = json.loads(text)
        except ValueError:
            return None
        return cls(
            Outcome(content["outcome"]),
            content["sentence"],
            content["is_permanent"],
            content["may_have_arrived"],
            content["retry_after_s"],
        )
