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
    HonouredName("FLASK_IP", SERVER_HOST, "As FLASK_HOST, in the document of the terminals' server."),
    HonouredName("WEBSOCKET_IP", "FACEGATE_TERMINALS__HOST"),
    HonouredName("WEBSOCKET_PORT", "FACEGATE_TERMINALS__PORT"),
    HonouredName(
        "TIMEOUT_WS_MAX_WAIT", "FACEGATE_TERMINALS__IDLE_TIMEOUT_S", "Seconds, not turns of a loop."
    ),
    HonouredName("TIMEOUT_HTTP_WAIT_RESPONSE", "FACEGATE_TERMINALS__PUSH_TIMEOUT_S"),
    HonouredName("REDIS_IP", "FACEGATE_REDIS__HOST"),
    HonouredName("REDIS_PORT", "FACEGATE_REDIS__PORT"),
    HonouredName("REDIS_DB_PREFIX", "FACEGATE_REDIS__LIST_PREFIX"),
    HonouredName("REDIS_OUT_KEY", "FACEGATE_REDIS__LIST_OUT_WORD"),
    HonouredName("REDIS_IN_KEY", "FACEGATE_REDIS__LIST_IN_WORD"),
    HonouredName("MSSQL_HOST", "FACEGATE_SINK__MSSQL_HOST"),
    HonouredName("MSSQL_USER", "FACEGATE_SINK__MSSQL_USER"),
    HonouredName("MSSQL_PASS", "FACEGATE_SINK__MSSQL_PASSWORD"),
    HonouredName("MSSQL_DATA", "FACEGATE_SINK__MSSQL_DATABASE"),
    HonouredName("MSSQL_TABL", "FACEGATE_SINK__TABLE"),
    HonouredName("FACE_DATA_DIR", "FACEGATE_STORAGE__DATA_FOLDER"),
    HonouredName(
        "RECOGNITION_TOLERANCE",
        "FACEGATE_RECOGNITION__TOLERANCE",
        "The labels stay (0.4 strict, 0.6 balanced, 0.8 permissive), the number is no distance any more "
        "unless FACEGATE_MATCHING=distance.",
    ),
    HonouredName("FACE_QUALITY_THRESHOLD", "FACEGATE_ATTENDANCE__MIN_QUALITY"),
    HonouredName("MAX_FACES_PER_USER", "FACEGATE_ATTENDANCE__MAX_TEMPLATES"),
    HonouredName(
        "UTILITIES_URL", "FACEGATE_UI__SERVER_URL", "For the web page; `/person` at its end is left away."
    ),
    HonouredName(
        "CAMERA_SCHEDULER_URL",
        "FACEGATE_UI__SERVER_URL",
        "As UTILITIES_URL, which wins; `/cameras/schedule` at its end is left away.",
    ),
    HonouredName("LOG_LEVEL", "FACEGATE_LOGGING__LEVEL"),
    HonouredName("FACEGATE_PRESENCE_ALLOW_MISSING", "FACEGATE_PRESENCE__ALLOW_MISSING"),
)

IGNORED = (
    IgnoredName("FLASK_DEBUG", "for development start with `facegate serve --reload`"),
    IgnoredName("MYSQL_*", "FACEGATE_SINK__URL takes MySQL and MariaDB too"),
    IgnoredName("TIMEOUT_WS_NEW_MESSAGE", "commands go out at once, there is no loop that waits for frames"),
    IgnoredName("TIMEOUT_HTTP_LOCK", "calls for different terminals do not wait for each other"),
    IgnoredName("LOG_SERVER_PREFIX", "the log names its parts itself"),
    IgnoredName("LOG_CLIENT_PREFIX", "the log names its parts itself"),
    IgnoredName("PATH_WS_RESPONSES", "answers are not written to files; photos and passwords are among them"),
    IgnoredName("PATH_WS_LOG", "activity is under /v1/terminals/activity, and FACEGATE_SINK__URL copies it"),
    IgnoredName("DEBUG_DEVICE_SN", "`facegate terminal simulate --serial` plays any terminal"),
)

NO_SETTINGS = frozenset(
    {
        "FACEGATE_DEBUG",
        "FACEGATE_REQUIRE_ALL",
        "FACEGATE_ALLOW_SKIP_DLIB",
        "FACEGATE_TEST_CHROMIUM",
        "FACEGATE_TEST_MARIADB",
        "FACEGATE_TEST_MQTT",
        "FACEGATE_TEST_POSTGRES",
        "FACEGATE_TEST_REDIS",
        "FACEGATE_TEST_RTSP",
    }
)
"""Names with our prefix that speak to the command line or the test runner, not to the server."""
