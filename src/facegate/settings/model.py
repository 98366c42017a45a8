"""All settings in one frozen object, and the rules that span groups. How they are read is `loading.py`."""

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from facegate.domain.matching import MatchingMode
from facegate.settings.camera_groups import AlertSettings, CameraSettings, EventSettings, UiSettings
from facegate.settings.engine_groups import (
    AttendanceSettings,
    EngineSettings,
    EnrolmentSettings,
    LivenessSettings,
    RecognitionSettings,
)
from facegate.settings.presence_groups import EvidenceSettings, PresenceSettings
from facegate.settings.server_groups import (
    AccessSettings,
    LoggingSettings,
    NightlySettings,
    ServerSettings,
    StorageSettings,
)
from facegate.settings.terminal_groups import RedisSettings, SinkSettings, TerminalSettings

ENV_PREFIX = "FACEGATE_"
NESTING = "__"


class Settings(BaseSettings):
    """Everything an operator can choose. Built in one place, never changed, read by composition alone."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=NESTING,
        env_ignore_empty=True,
        enable_decoding=False,
        frozen=True,
        extra="forbid",
    )

    matching: MatchingMode = Field(
        MatchingMode.CALIBRATED,
        description="How the tolerance is read: `calibrated` as a false-positive rate, `distance` as the "
        "literal Euclidean distance of dlib's encodings (only with the embedders `dlib` and `dlib-int8`).",
    )
    server: ServerSettings = ServerSettings()
    access: AccessSettings = AccessSettings()
    storage: StorageSettings = Field(default_factory=StorageSettings)
    engine: EngineSettings = EngineSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    enrolment: EnrolmentSettings = EnrolmentSettings()
    attendance: AttendanceSettings = AttendanceSettings()
    liveness: LivenessSettings = LivenessSettings()
    presence: PresenceSettings = Field(default_factory=PresenceSettings)
    evidence: EvidenceSettings = EvidenceSettings()
    terminals: TerminalSettings = TerminalSettings()
    redis: RedisSettings = RedisSettings()
    sink: SinkSettings = SinkSettings()
    cameras: CameraSettings = CameraSettings()
    alerts: AlertSettings = AlertSettings()
    events: EventSettings = EventSettings()
    ui: UiSettings = UiSettings()
    logging: LoggingSettings = LoggingSettings()
    nightly: NightlySettings = NightlySettings()

    @model_validator(mode="after")
    def _is_consistent(self) -> "Settings":
        if self.matching is MatchingMode.DISTANCE and not self.engine.embedder.is_dlib:
            raise ValueError(
                "FACEGATE_MATCHING=distance is the distance of dlib's encodings: "
                "it needs FACEGATE_ENGINE__EMBEDDER=dlib or dlib-int8"
            )
        if self.liveness.doors and not self.engine.liveness:
            raise ValueError(
                "FACEGATE_LIVENESS__DOORS asks for a check that needs FACEGATE_ENGINE__LIVENESS=true"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `Settings()` in a test is the defaults, whatever the environment holds."""
        return (init_settings,)
