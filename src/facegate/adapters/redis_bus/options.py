"""Where Redis is, how our keys are called, and how long things may take."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RedisOptions:
    """Servers with the same Redis, database and namespace work together.

    With `list_prefix` the lists `{list_prefix}_{sn}_{list_out_word}` and `..._{list_in_word}` are served;
    None serves none.
    """

    host: str
    port: int = 6379
    database: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    namespace: str = "facegate"
    list_prefix: str | None = None
    list_out_word: str = "OUT"
    list_in_word: str = "IN"

    def key(self, *words: str) -> str:
        """A key of ours: everything but the old lists begins with the namespace and expires."""
        return ":".join((self.namespace, *words))


@dataclass(frozen=True, slots=True)
class RedisTimings:
    """Seconds. `answer_s` is how long Redis may take for one answer before it counts as away.

    A terminal belongs to its process for `lease_s` after the last renewal, so a process that dies is
    forgotten after that; `renewal_s` has to be well below. How many commands wait there is told every
    `counting_s`. Reads that wait for news ask again every `block_s`, by which a dead connection is found.
    While Redis is away it is tried again after pauses that double from `first_pause_s` to `longest_pause_s`.
    """

    answer_s: float = 2.0
    block_s: float = 2.0
    lease_s: float = 15.0
    renewal_s: float = 5.0
    counting_s: float = 1.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 5.0
