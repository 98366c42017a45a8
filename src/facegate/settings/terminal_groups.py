"""Settings of the terminals' door and of what stands behind it: Redis and a copy of the activity in SQL."""

from pydantic import Field, SecretStr, field_validator, model_validator

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals.access_policy import AccessRule
from facegate.domain.terminals.device_clock import parse_zone
from facegate.domain.terminals.devices import AccessEncoding
from facegate.settings.group import Group

_SHORTEST_COLLECTION_S = 10.0


class TerminalSettings(Group):
    """Face terminals: their WebSocket on a port of its own, and `POST /admin/push`."""

    enabled: bool = Field(True, description="Serve terminals.")
    host: str | None = Field(
        None,
        min_length=1,
        description="Address of the terminals' port.",
        json_schema_extra={"default_text": "FACEGATE_SERVER__HOST"},
    )
    port: int = Field(
        7788,
        ge=0,
        le=65535,
        description="Port on which terminals are taken at any path. 0 takes a free one. The main port takes "
        "them at `/pub/chat`.",
    )
    accept_unknown: bool = Field(
        True,
        description="Whether a serial number that nobody has listed is let in. Otherwise it waits under "
        "`/v1/terminals` until an administrator allows it.",
    )
    zone: str | None = Field(
        None,
        description="IANA zone of the terminals' clocks, such as `Europe/Berlin`; each can have its own.",
        json_schema_extra={"default_text": "the server's own"},
    )
    max_connections: int = Field(2000, ge=1, le=100_000, description="Terminals at once.")
    max_message_bytes: int = Field(
        8 * 2**20, ge=2**16, description="Largest message; a larger one ends the connection (1009)."
    )
    registration_timeout_s: float = Field(
        30.0, gt=0, description="How soon after connecting a terminal has to register."
    )
    idle_timeout_s: float = Field(
        0.0, ge=0, description="Connections that are silent for so long are closed; 0 never closes one."
    )
    ping_interval_s: float = Field(
        25.0, ge=0, description="WebSocket pings find dead connections; 0 sends none."
    )
    ping_timeout_s: float = Field(
        70.0, gt=0, description="A terminal that answers no ping for so long is dropped."
    )
    ask_for_users: bool = Field(
        False, description="Whether terminals are to send the people that were enrolled on them."
    )
    collect_log_every_s: float = Field(
        0.0,
        ge=0,
        description="Ask each terminal for scans that it has not sent, on connecting and this often, "
        "at least 10; 0 leaves it to the terminals.",
    )
    command_delay_s: float = Field(
        0.5, ge=0, le=10, description="How long after its registration a terminal gets its first command."
    )
    command_retries: int = Field(
        1,
        ge=0,
        le=5,
        description="How often a command that does no harm twice is sent again after a time-out.",
    )
    max_waiting_commands: int = Field(
        100, ge=1, le=10_000, description="Commands that may wait for one terminal; more are refused."
    )
    add_serial_number: bool = Field(False, description="Whether commands carry the terminal's `sn`.")
    push_timeout_s: float = Field(
        10.0, gt=0, le=300, description="How long `POST /admin/push` waits for the terminal's answer."
    )
    push_fails_at_once: bool = Field(
        False,
        description="Whether `POST /admin/push` to a terminal that is not connected is answered at once. "
        "Otherwise after the time-out, as the old server did, which a terminal may use to come back.",
    )
    access_rule: AccessRule = Field(
        AccessRule.EVERYBODY,
        description="What terminals are told that let the server decide: `everybody` gets in, `enrolled` "
        "people of the gallery, or those whose picture our engine `confirmed`.",
    )
    access_time_limit_s: float = Field(1.0, gt=0, le=10, description="How long that decision may take.")
    access_when_late: bool | None = Field(
        None,
        description="Whether the door opens when it took longer, or when the engine or the store fails.",
        json_schema_extra={"default_text": "only under the rule `everybody`"},
    )
    accept_codes: bool = Field(
        False,
        description="Whether QR codes and PINs open the door: any of them, and only under the rule "
        "`everybody`, since nothing here knows whose they are.",
    )
    access_encoding: AccessEncoding = Field(
        AccessEncoding.INTEGER,
        description="`access` as `integer` 0 and 1 or as `boolean`; each terminal can have its own.",
    )
    check_snapshots: bool = Field(
        False,
        description="Whether the picture of each scan is looked at by our engine, for identity and liveness. "
        "Pictures are never kept.",
    )

    @field_validator("collect_log_every_s")
    @classmethod
    def _is_bearable(cls, every_s: float) -> float:
        if 0 < every_s < _SHORTEST_COLLECTION_S:
            raise ValueError("0, or at least 10 seconds: terminals answer one question at a time")
        return every_s

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str | None) -> str | None:
        if zone is not None:
            try:
                parse_zone(zone)
            except InvalidInput as error:
                raise ValueError(error.message) from error
        return zone


class RedisSettings(Group):
    """Redis between several servers, and the two lists of older scripts. Without a host nothing is used."""

    host: str | None = Field(
        None,
        min_length=1,
        description="Redis server, which makes terminals of all servers on it reachable from each.",
        json_schema_extra={"default_text": "none: messages stay in the process"},
    )
    port: int = Field(6379, ge=1, le=65535, description="Its port.")
    database: int = Field(0, ge=0, description="Its database number.")
    user: str | None = Field(None, description="User name, where Redis has users.")
    password: SecretStr | None = Field(None, description="Password.")
    tls: bool = Field(False, description="Speak TLS.")
    namespace: str = Field(
        "facegate",
        pattern=r"^[A-Za-z0-9_.-]{1,64}$",
        description="Servers with the same name work together; every key of ours begins with it.",
    )
    list_prefix: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Serves the lists `{prefix}_{sn}_OUT` and `{prefix}_{sn}_IN` for scripts that push "
        "commands and pop answers there.",
        json_schema_extra={"default_text": "no such lists"},
    )
    list_out_word: str = Field("OUT", min_length=1, max_length=50, description="Last word of the first list.")
    list_in_word: str = Field("IN", min_length=1, max_length=50, description="Last word of the second.")


class SinkSettings(Group):
    """A copy of all activity of terminals in another database."""

    url: SecretStr | None = Field(
        None,
        description="SQLAlchemy URL, such as `postgresql+psycopg://user:password@host/name`, "
        "`mysql+pymysql://...` or `mssql+pymssql://...` (install the driver too).",
        json_schema_extra={"default_text": "no copy"},
    )
    table: str = Field(
        "activity",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$",
        description="Its table, `schema.table` or `table`; made when it is not there.",
    )
    mssql_host: str | None = Field(
        None,
        min_length=1,
        description="Microsoft SQL Server, instead of a URL.",
        json_schema_extra={"default_text": "none"},
    )
    mssql_user: str | None = Field(None, description="Its user.", json_schema_extra={"default_text": "none"})
    mssql_password: SecretStr | None = Field(
        None, description="Its password.", json_schema_extra={"default_text": "none"}
    )
    mssql_database: str | None = Field(
        None, description="Its database.", json_schema_extra={"default_text": "none"}
    )

    @model_validator(mode="after")
    def _is_one(self) -> "SinkSettings":
        if self.url is not None and self.mssql_host is not None:
            raise ValueError(
                "FACEGATE_SINK__URL and FACEGATE_SINK__MSSQL_HOST name two databases: leave one away"
            )
        return self
