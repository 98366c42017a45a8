"""Settings of the server around the engine. Units are in the names; every field says what it is for."""

import re
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, field_validator, model_validator

from facegate.domain.access import Door
from facegate.settings.group import Group, refuse_other_doors
from facegate.settings.value_forms import Doors, HomePath, NetworksByDoor, Ports, Texts

OPENABLE_DOORS = frozenset({Door.ATTENDANCE, Door.VERIFICATION, Door.PRESENCE, Door.TERMINALS})
"""Doors whose contracts know no token; all others always ask for one."""


class ServerSettings(Group):
    """Where the server listens."""

    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address to listen on. Loopback by default; `0.0.0.0` listens on every address, where "
        "the doors without tokens stay closed until FACEGATE_ACCESS__OPEN_DOORS or "
        "FACEGATE_ACCESS__ALLOWED_NETWORKS opens them.",
    )
    port: int = Field(8000, ge=0, le=65535, description="Main port. 0 takes a free one.")
    extra_ports: Ports = Field(
        (),
        description="Further ports that serve the same, such as `5000, 3345` for clients of the old servers.",
    )
    tls_certificate_file: HomePath | None = Field(
        None, description="PEM file of the certificate chain; with the key it makes every port https and wss."
    )
    tls_key_file: HomePath | None = Field(None, description="PEM file of the certificate's private key.")
    cors_origins: Texts = Field(
        (),
        description="Web origins, such as `https://hr.example.com`, whose pages may call the doors. "
        "Pages from loopback addresses always may. `*` is refused.",
    )
    trusted_proxies: Texts = Field(
        (),
        description="Addresses of reverse proxies whose X-Forwarded-For is believed. Nobody's by default.",
    )
    max_request_bytes: int = Field(
        32 * 2**20, ge=1024, description="Largest request body; beyond it the answer is 413."
    )
    body_timeout_s: float = Field(
        30.0,
        gt=0,
        description="How long a request body may pause. All in all it may take this long and a second for "
        "each 16 KiB; beyond it the answer is 408.",
    )
    keep_alive_s: int = Field(15, ge=1, description="How long an idle connection is kept open.")
    max_connections: int = Field(
        1000,
        ge=1,
        description="Connections at once over all ports. One more takes the place of the one "
        "that has been silent for longest, or is answered 503. Another machine gets a quarter of them.",
    )
    shutdown_timeout_s: int = Field(
        15, ge=1, description="How long requests that are under way may take to finish when the server stops."
    )

    @field_validator("extra_ports")
    @classmethod
    def _are_ports(cls, ports: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 1 <= port <= 65535 for port in ports):
            raise ValueError("a port is a number from 1 to 65535")
        return tuple(dict.fromkeys(ports))

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"https?://[^/\s*]+", origin):
                raise ValueError(
                    f"an origin looks like https://hr.example.com, without a path; got {origin!r}"
                )
        return origins

    @model_validator(mode="after")
    def _has_both_tls_files(self) -> "ServerSettings":
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError(
                "TLS needs both FACEGATE_SERVER__TLS_CERTIFICATE_FILE and FACEGATE_SERVER__TLS_KEY_FILE"
            )
        return self


class AccessSettings(Group):
    """Who gets in."""

    token: SecretStr | None = Field(
        None,
        description="The token that opens every door. Without one a token is generated at first start, "
        "kept in the data folder (mode 0600) and shown once. `facegate token` makes narrower ones.",
    )
    admin_push_key: SecretStr | None = Field(
        None, description="A token for `POST /admin/push` alone, by which scripts send commands to terminals."
    )
    open_doors: Doors = Field(
        frozenset(),
        description="Doors without tokens in their contract that anybody may use from any address: "
        "`attendance`, `verification`, `presence`, `terminals`. "
        "On loopback they are open while FACEGATE_ACCESS__TRUST_LOOPBACK is on.",
    )
    allowed_networks: NetworksByDoor = Field(
        default_factory=dict,
        description="Networks from which such a door is open, for example "
        "`attendance=192.168.1.0/24; verification=10.0.0.0/8, fd00::/8`.",
    )
    trust_loopback: bool = Field(
        True,
        description="Whether callers on this machine use the doors without tokens, and /docs, as they are. "
        "Switch it off behind a reverse proxy on the same machine.",
    )
    requests_per_minute_per_address: int = Field(
        1200, ge=0, description="Rate limit per client address; 0 switches it off. Loopback has none."
    )
    requests_per_minute_per_token: int = Field(
        12000, ge=0, description="Rate limit per token; 0 switches it off. Loopback has none."
    )

    @field_validator("token", "admin_push_key")
    @classmethod
    def _is_a_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is None:
            return None
        text = secret.get_secret_value()
        if len(text) < 8 or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("a token has at least 8 printable ASCII characters without blanks")
        return secret

    @field_validator("open_doors")
    @classmethod
    def _are_openable(cls, doors: frozenset[Door]) -> frozenset[Door]:
        refuse_other_doors(doors, OPENABLE_DOORS, "can be opened without a token")
        return doors

    @field_validator("allowed_networks")
    @classmethod
    def _are_openable_tables(cls, networks: NetworksByDoor) -> NetworksByDoor:
        refuse_other_doors(frozenset(networks), OPENABLE_DOORS, "can be opened without a token")
        return networks


class StorageSettings(Group):
    """Where things are kept."""

    data_folder: HomePath = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("facegate", appauthor=False)),
        description="Folder of the gallery, the generated token and the lock. One server per folder.",
        json_schema_extra={"default_text": "the user's data folder, on Linux `~/.local/share/facegate`"},
    )
    database_url: SecretStr | None = Field(
        None,
        description="SQLAlchemy URL of another database for the gallery, such as "
        "`postgresql+psycopg://facegate:password@db/facegate` (install the driver too). Still one server "
        "per database.",
        json_schema_extra={"default_text": "SQLite in the data folder"},
    )
    keep_cutouts: bool = Field(
        False,
        description="Keep a small piece of each enrolled photo around the face, so that a later model can "
        "make new templates without new photos. Photos themselves are never kept.",
    )


class LoggingSettings(Group):
    """What is logged and where."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "INFO", description="Least severity: `DEBUG`, `INFO`, `WARNING`, `ERROR`, `CRITICAL`."
    )
    format: Literal["text", "json"] = Field(
        "text", description="`text` for people, `json` one object per line."
    )
    file: HomePath | None = Field(None, description="Log into this file instead of the terminal.")
    max_bytes: int = Field(10 * 2**20, ge=10_000, description="Size at which the log file is rotated.")
    backup_count: int = Field(5, ge=0, le=1000, description="Rotated files that are kept.")

    @field_validator("level", mode="before")
    @classmethod
    def _in_capitals(cls, level: object) -> object:
        if not isinstance(level, str):
            return level
        capital = level.strip().upper()
        return {"WARN": "WARNING", "FATAL": "CRITICAL"}.get(capital, capital)


class NightlySettings(Group):
    """The work at night."""

    enabled: bool = Field(
        True, description="Re-embed from kept cutouts, rebuild the index and report outliers every night."
    )
    at: str = Field("01:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Local time of day, as HH:MM.")
