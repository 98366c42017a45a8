"""Settings of cameras, of alerts, of the history of events and of the web page."""

from pydantic import Field, HttpUrl, SecretStr, model_validator

from facegate.domain.alerts.phrases import Language
from facegate.domain.events.event import EventDoor
from facegate.settings.group import Group
from facegate.settings.value_forms import EventDoors, InsidePlaces


class CameraSettings(Group):
    """Cameras: RTSP, HTTP, files and webcams, analysed as long as the server runs."""

    enabled: bool = Field(True, description="Run the cameras that are scheduled.")
    max_cameras: int = Field(64, ge=1, le=1000, description="Cameras that may be scheduled.")
    analysis_threads: int = Field(
        0,
        ge=0,
        le=64,
        description="Threads that look at pictures of all cameras.",
        json_schema_extra={"default_text": "0: as many as cores"},
    )
    allowed_places: InsidePlaces = Field(
        frozenset(),
        description="Sources inside that may be used: `files`, `webcams`, `loopback`, `link_local`.",
    )
    verify_certificates: bool = Field(
        True,
        description="Whether rtsps:// and https:// cameras need a certificate that is trusted; many have "
        "one of their own making, for which SSL_CERT_FILE is the better way.",
    )
    open_timeout_s: float = Field(8.0, ge=1, le=120, description="How long connecting may take.")
    read_timeout_s: float = Field(6.0, ge=1, le=60, description="How long a connected camera may be silent.")
    frozen_after_s: float = Field(
        8.0, ge=5, description="A picture in which not one pixel changes for so long is told as frozen."
    )
    down_after_s: float = Field(
        60.0, ge=0, description="A camera that gives no picture for so long raises an alert."
    )
    reconnect_min_s: float = Field(1.0, ge=0.1, le=60, description="First pause before reconnecting.")
    reconnect_max_s: float = Field(
        10.0,
        ge=1,
        le=3600,
        description="Longest pause; they double, with jitter. After a wrong password at least two minutes.",
    )

    @model_validator(mode="after")
    def _grows(self) -> "CameraSettings":
        if self.reconnect_max_s < self.reconnect_min_s:
            raise ValueError("reconnect_max_s is less than reconnect_min_s")
        return self


class AlertSettings(Group):
    """Alerts over Telegram, webhooks, MQTT and Apprise."""

    telegram_api_url: HttpUrl = Field(
        HttpUrl("https://api.telegram.org"),
        description="Where the Bot API is; a local Bot API server may take its place.",
    )
    allowed_places: InsidePlaces = Field(
        frozenset(),
        description="Inside addresses that webhooks, MQTT and Apprise may lead to: `loopback`, `link_local`.",
    )
    timeout_s: float = Field(15.0, ge=1, le=120, description="How long a channel may take for one message.")
    expire_after_s: float = Field(
        6 * 3600.0, ge=60, description="A message that could not be sent for so long is dropped."
    )
    keep_finished_days: float = Field(
        30.0, gt=0, description="How long the outbox remembers what was sent, without pictures."
    )
    language: Language = Field(Language.ENGLISH, description="In which alerts are written: `en` or `id`.")
    max_picture_side_px: int = Field(1280, ge=160, le=4096, description="Longer side of pictures in alerts.")
    secret_key: SecretStr | None = Field(
        None,
        description="Key under which secrets of cameras and channels are stored (44 characters, see "
        "`facegate secrets new-key`).",
        json_schema_extra={"default_text": "generated at first start, kept in the data folder, mode 0600"},
    )


class EventSettings(Group):
    """The history of who was seen where, over all doors."""

    doors: EventDoors = Field(
        frozenset(EventDoor),
        description="Doors whose events are kept.",
    )
    repeat_after_s: float = Field(
        30.0,
        ge=0,
        le=3600,
        description="At doors that recognise faces: how long the same person, or a stranger, is no other "
        "event; 0 keeps one per picture. Cameras keep visits.",
    )
    retention_days: float = Field(90.0, gt=0, description="How long events are kept.")
    max_events: int = Field(
        2_000_000,
        ge=1000,
        description="Beyond it the oldest events go first (half a gigabyte per million, without pictures).",
    )
    keep_shots: bool = Field(True, description="Keep the best picture of each visit at a camera.")
    shot_retention_days: float = Field(14.0, gt=0, description="How long those pictures are kept.")
    shot_max_bytes: int = Field(2 * 2**30, ge=2**20, description="Beyond it the oldest pictures go first.")


class UiSettings(Group):
    """The web page (`facegate ui`), a client of /v1."""

    host: str = Field("127.0.0.1", min_length=1, description="Address on which the page is served.")
    port: int = Field(8501, ge=1, le=65535, description="Its port.")
    server_url: HttpUrl = Field(
        HttpUrl("http://127.0.0.1:8000"), description="Where the page finds the server."
    )
    public_url: HttpUrl | None = Field(
        None,
        description="What visitors see behind a reverse proxy, such as `https://faces.example.org`. The page "
        "answers to this name, and asks everybody for a token.",
    )

    @property
    def server_root(self) -> str:
        """The address without the paths that the old page's two names end with, and without a last slash."""
        text = str(self.server_url).rstrip("/")
        for old_path in ("/person", "/cameras/schedule"):
            text = text.removesuffix(old_path)
        return text
