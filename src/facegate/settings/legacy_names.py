"""The environment names of the old servers' documents: what each stands for now, or why it does nothing."""

from dataclasses import dataclass

SERVER_HOST = "FACEGATE_SERVER__HOST"
EXTRA_PORTS = "FACEGATE_SERVER__EXTRA_PORTS"


@dataclass(frozen=True, slots=True)
class HonouredName:
    """An old name that is an alias of ours. `note` says what differs, for the settings page."""

    name: str
    stands_for: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class IgnoredName:
    """An old name that has no effect; `notice` is logged at start. A trailing `*` stands for a family."""

    name: str
    notice: str

    def covers(self, name: str) -> bool:
        """Whether this entry is about that name."""
        if self.name.endswith("*"):
            return name.startswith(self.name[:-1])
        return name == self.name


HONOURED = (
    HonouredName("AUTH_TOKEN", "FACEGATE_ACCESS__TOKEN"),
    HonouredName(
        "FLASK_HOST",
        SERVER_HOST,
        "`0.0.0.0` is honoured, but away from loopback the doors without tokens stay closed until "
        "FACEGATE_ACCESS__OPEN_DOORS or FACEGATE_ACCESS__ALLOWED_NETWORKS opens them.",
    ),
    HonouredName(
        "FLASK_PORT", EXTRA_PORTS, "Opened beside the main port, in addition to the ports listed there."
    ),
    HonouredName("FLASK_AUTHORIZATION_KEY", "FACEGATE_ACCESS__ADMIN_PUSH_KEY", "Opens /admin/push alone."),
    HonouredName("FACE_DATA_DIR", "FACEGATE_STORAGE__DATA_FOLDER"),
    HonouredName(
        "RECOGNITION_TOLERANCE",
        "FACEGATE_RECOGNITION__TOLERANCE",
        "The labels stay (0.4 strict, 0.6 balanced, 0.8 permissive), the number is no distance any more "
        "unless FACEGATE_MATCHING=distance.",
    ),
    HonouredName("FACE_QUALITY_THRESHOLD", "FACEGATE_ATTENDANCE__MIN_QUALITY"),
    HonouredName("MAX_FACES_PER_USER", "FACEGATE_ATTENDANCE__MAX_TEMPLATES"),
    HonouredName("LOG_LEVEL", "FACEGATE_LOGGING__LEVEL"),
    HonouredName("FACEGATE_PRESENCE_ALLOW_MISSING", "FACEGATE_PRESENCE__ALLOW_MISSING"),
)

IGNORED = (
    IgnoredName("FLASK_DEBUG", "for development start with `facegate serve --reload`"),
    IgnoredName("UTILITIES_URL", "it told the old web page where /person is; this server is that place"),
    IgnoredName("CAMERA_SCHEDULER_URL", "it told the old web page where the cameras are; not used yet"),
    IgnoredName("WEBSOCKET_PORT", "terminals are not served yet"),
    IgnoredName("REDIS_*", "messages stay inside the process; Redis is not used yet"),
    IgnoredName("MSSQL_*", "activity is not copied to Microsoft SQL Server yet"),
)

NO_SETTINGS = frozenset({"FACEGATE_DEBUG", "FACEGATE_REQUIRE_ALL"})
"""Names with our prefix that speak to the command line or the test runner, not to the server."""
