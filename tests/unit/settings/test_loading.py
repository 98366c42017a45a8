"""Environment, `.env`, old names, and the sentences for what is wrong."""

from pathlib import Path

import pytest

from facegate.domain.access import Door
from facegate.settings.loading import SettingsRefused, load_settings
from facegate.settings.model import Settings

TOKEN = "a-token-that-is-long-enough"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a setting, nothing is bound


def loaded(**environ: str) -> Settings:
    return load_settings(environ, env_file=None).settings


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsRefused) as refused:
        load_settings(environ, env_file=None)
    return refused.value.problems


def test_an_empty_environment_gives_the_defaults() -> None:
    assert loaded() == Settings()
    assert Settings().server.host == "127.0.0.1"


def test_settings_do_not_look_at_the_process_environment_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FACEGATE_SERVER__PORT", "9999")
    assert Settings().server.port == 8000
    assert load_settings(env_file=None).settings.server.port == 9999


def test_groups_and_single_settings_are_read() -> None:
    settings = loaded(
        FACEGATE_SERVER__PORT="9000",
        FACEGATE_SERVER__EXTRA_PORTS="5000, 3345,5000",
        FACEGATE_ENGINE__EMBEDDER="dlib",
        FACEGATE_MATCHING="distance",
        FACEGATE_STORAGE__KEEP_CUTOUTS="yes",
    )
    assert settings.server.port == 9000
    assert settings.server.extra_ports == (5000, 3345)
    assert settings.matching == "distance"
    assert settings.storage.keep_cutouts is True


def test_lists_may_be_json() -> None:
    assert loaded(FACEGATE_SERVER__EXTRA_PORTS="[5000, 3345]").server.extra_ports == (5000, 3345)


@pytest.mark.parametrize(
    "text",
    [
        "attendance=192.168.1.7/24, fd00::/8; verification=10.1.2.3",
        '{"attendance": ["192.168.1.0/24", "fd00::/8"], "verification": ["10.1.2.3"]}',
    ],
)
def test_networks_by_door(text: str) -> None:
    networks = loaded(FACEGATE_ACCESS__ALLOWED_NETWORKS=text).access.allowed_networks
    assert {door: [str(network) for network in listed] for door, listed in networks.items()} == {
        Door.ATTENDANCE: ["192.168.1.0/24", "fd00::/8"],
        Door.VERIFICATION: ["10.1.2.3/32"],
    }


def test_the_name_may_be_written_in_small_letters() -> None:
    assert loaded(facegate_server__port="9001").server.port == 9001


def test_empty_values_count_as_not_set() -> None:
    settings = loaded(AUTH_TOKEN="", FACEGATE_SERVER__PORT=" ", LOG_LEVEL="")
    assert settings == Settings()


def test_old_names_stand_for_ours() -> None:
    settings = loaded(
        AUTH_TOKEN=TOKEN,
        FLASK_HOST=EVERYWHERE,
        FLASK_AUTHORIZATION_KEY="push-key-push-key",
        FACE_DATA_DIR="./face_data",
        RECOGNITION_TOLERANCE="0.4",
        FACE_QUALITY_THRESHOLD="0.6",
        MAX_FACES_PER_USER="3",
        LOG_LEVEL="warn",
    )
    assert settings.access.token is not None
    assert settings.access.token.get_secret_value() == TOKEN
    assert settings.access.admin_push_key is not None
    assert settings.server.host == EVERYWHERE
    assert settings.storage.data_folder == Path("face_data")
    assert settings.recognition.tolerance == 0.4
    assert (settings.attendance.min_quality, settings.attendance.max_templates) == (0.6, 3)
    assert settings.logging.level == "WARNING"


def test_flask_port_joins_the_extra_ports_and_leaves_the_main_one() -> None:
    settings = loaded(FLASK_PORT="5000", FACEGATE_SERVER__EXTRA_PORTS="[3345]")
    assert settings.server.port == 8000
    assert settings.server.extra_ports == (3345, 5000)


def test_our_own_name_wins_over_the_old_one_and_says_so() -> None:
    found = load_settings({"LOG_LEVEL": "ERROR", "FACEGATE_LOGGING__LEVEL": "DEBUG"}, env_file=None)
    assert found.settings.logging.level == "DEBUG"
    assert any("LOG_LEVEL has no effect" in notice for notice in found.notices)


def test_names_that_do_nothing_are_noticed() -> None:
    found = load_settings(
        {"FLASK_DEBUG": "1", "MYSQL_HOST": "db", "MYSQL_USER": "me", "DEBUG_DEVICE_SN": "1"},
        env_file=None,
    )
    text = "\n".join(found.notices)
    assert all(name in text for name in ("FLASK_DEBUG", "MYSQL_HOST, MYSQL_USER", "DEBUG_DEVICE_SN"))
    assert found.settings == Settings()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("UTILITIES_URL", "http://10.0.0.7:8000/person"),
        ("CAMERA_SCHEDULER_URL", "http://10.0.0.7:8000/cameras/schedule"),
    ],
)
def test_the_old_pages_names_say_where_the_server_is(name: str, address: str) -> None:
    assert loaded(**{name: address}).ui.server_root == "http://10.0.0.7:8000"


def test_the_names_of_the_terminals_server_are_honoured() -> None:
    settings = loaded(
        FLASK_IP="0.0.0.0",  # noqa: S104 - read, not bound
        WEBSOCKET_IP="10.0.0.2",
        WEBSOCKET_PORT="7792",
        REDIS_IP="redis",
        REDIS_PORT="6380",
        REDIS_DB_PREFIX="face",
        REDIS_OUT_KEY="TO",
        REDIS_IN_KEY="FROM",
        MSSQL_HOST="sql",
        MSSQL_USER="sa",
        MSSQL_PASS="secret word",
        MSSQL_DATA="attendance",
        MSSQL_TABL="G3TRANS",
        TIMEOUT_HTTP_WAIT_RESPONSE="12",
    )
    assert settings.server.host == "0.0.0.0"  # noqa: S104 - read, not bound
    assert (settings.terminals.host, settings.terminals.port) == ("10.0.0.2", 7792)
    assert (settings.redis.host, settings.redis.port, settings.redis.list_prefix) == ("redis", 6380, "face")
    assert (settings.redis.list_out_word, settings.redis.list_in_word) == ("TO", "FROM")
    assert (settings.sink.mssql_host, settings.sink.table) == ("sql", "G3TRANS")
    assert settings.sink.mssql_password is not None
    assert settings.sink.mssql_password.get_secret_value() == "secret word"
    assert settings.terminals.push_timeout_s == 12


def test_listening_everywhere_says_which_doors_stay_closed() -> None:
    assert any(
        "FACEGATE_ACCESS__OPEN_DOORS" in n
        for n in load_settings({"FLASK_HOST": EVERYWHERE}, env_file=None).notices
    )
    assert not load_settings({"FACEGATE_SERVER__HOST": "::1"}, env_file=None).notices


def test_unknown_names_are_refused_with_the_nearest_known_one() -> None:
    assert problems(FACEGATE_SERVER__PROT="1", FACEGATE_TOKEN="x") == (
        "FACEGATE_SERVER__PROT is no setting of facegate. Did you mean FACEGATE_SERVER__PORT?",
        "FACEGATE_TOKEN is no setting of facegate. Did you mean FACEGATE_ACCESS__TOKEN?",
    )


def test_a_whole_group_is_no_setting() -> None:
    assert "FACEGATE_SERVER is no setting" in problems(FACEGATE_SERVER='{"port": 1}')[0]


def test_names_that_speak_to_others_are_left_alone() -> None:
    assert loaded(FACEGATE_REQUIRE_ALL="1", FACEGATE_DEBUG="1") == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FACEGATE_SERVER__PORT", "abc"),
        ("FACEGATE_SERVER__PORT", "70000"),
        ("FACEGATE_SERVER__EXTRA_PORTS", "0"),
        ("FACEGATE_SERVER__EXTRA_PORTS", "[1,"),
        ("FLASK_PORT", "none"),
        ("FACEGATE_SERVER__CORS_ORIGINS", "*"),
        ("FACEGATE_SERVER__CORS_ORIGINS", "https://hr.example.com/app"),
        ("FACEGATE_RECOGNITION__TOLERANCE", "nan"),
        ("FACEGATE_RECOGNITION__TOLERANCE", "1.5"),
        ("RECOGNITION_TOLERANCE", "-0.1"),
        ("FACEGATE_ENGINE__EMBEDDER", "arcface"),
        ("FACEGATE_ACCESS__OPEN_DOORS", "persons"),
        ("FACEGATE_ACCESS__OPEN_DOORS", "front"),
        ("FACEGATE_ACCESS__ALLOWED_NETWORKS", "attendance:10.0.0.0/8"),
        ("FACEGATE_ACCESS__ALLOWED_NETWORKS", "attendance=10.0.0.300"),
        ("FACEGATE_ACCESS__ALLOWED_NETWORKS", "rest_v1=10.0.0.0/8"),
        ("FACEGATE_NIGHTLY__AT", "25:00"),
        ("LOG_LEVEL", "loud"),
        ("FACEGATE_LIVENESS__DOORS", "presence"),
    ],
)
def test_a_wrong_value_is_one_sentence_with_its_name(name: str, value: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(name)
    assert problem.endswith(".")
    assert "\n" not in problem


def test_each_wrong_value_is_named() -> None:
    found = problems(FACEGATE_SERVER__PORT="a", FACEGATE_ENROLMENT__MAX_TEMPLATES="0", LOG_LEVEL="x")
    assert len(found) == 3


def test_a_secret_is_never_shown() -> None:
    (problem,) = problems(AUTH_TOKEN="s3cr t")
    assert "s3cr" not in problem
    assert problem.startswith("AUTH_TOKEN (that is FACEGATE_ACCESS__TOKEN)")


def test_rules_across_settings() -> None:
    assert "FACEGATE_ENGINE__EMBEDDER" in problems(FACEGATE_MATCHING="distance")[0]
    assert "FACEGATE_SERVER__TLS_KEY_FILE" in problems(FACEGATE_SERVER__TLS_CERTIFICATE_FILE="/x.pem")[0]
    assert "FACEGATE_ENGINE__LIVENESS" in problems(FACEGATE_LIVENESS__DOORS="persons")[0]


def test_the_command_line_wins() -> None:
    settings = load_settings(
        {"FACEGATE_SERVER__PORT": "1"}, env_file=None, overrides={"server.port": 2, "logging.level": "debug"}
    ).settings
    assert settings.server.port == 2
    assert settings.logging.level == "DEBUG"


def test_env_file_with_blanks_quotes_exports_and_comments(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        '# old servers\' names\nexport AUTH_TOKEN = "a token? no: $blank-free"\n'.replace("a token? no: ", "")
        + "FACEGATE_SERVER__PORT = 9000   # beside it\n"
        "\n"
        "LOG_LEVEL='error'\n"
        "UNRELATED=1\n",
        encoding="utf-8",
    )
    settings = load_settings({}, env_file=env_file).settings
    assert settings.access.token is not None
    assert settings.access.token.get_secret_value() == "$blank-free"
    assert settings.server.port == 9000
    assert settings.logging.level == "ERROR"


def test_the_real_environment_wins_over_the_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("FACEGATE_SERVER__PORT=9000\n", encoding="utf-8")
    assert load_settings({"FACEGATE_SERVER__PORT": "9001"}, env_file=env_file).settings.server.port == 9001


def test_a_misspelt_name_in_the_file_is_refused_too(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("FACEGATE_SERVER__PROT=9000\n", encoding="utf-8")
    with pytest.raises(SettingsRefused, match="FACEGATE_SERVER__PORT"):
        load_settings({}, env_file=env_file)


@pytest.mark.parametrize("content", [b"= 1\n", b'A="unclosed\n', b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(content)
    with pytest.raises(SettingsRefused) as refused:
        load_settings({}, env_file=env_file)
    assert len(refused.value.problems) == 1


def test_a_missing_file_is_no_error(tmp_path: Path) -> None:
    assert load_settings({}, env_file=tmp_path / ".env").settings == Settings()
