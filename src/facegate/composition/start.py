"""From settings to a running server, step by step; what goes wrong on the way is one sentence."""

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI

import facegate
from facegate.composition.application import Application
from facegate.composition.embedded import build_application
from facegate.composition.listening import serving
from facegate.composition.listening.announcing_server import AnnouncingServer, FurtherPort
from facegate.composition.logging_setup import LogOptions, configure_logging
from facegate.composition.process.heap_limits import give_free_memory_back, limit_heap_growth
from facegate.composition.process.open_files import allow_open_files
from facegate.composition.process.thread_limits import limit_library_threads
from facegate.composition.server import make_app, say_goodbye, terminal_port_app
from facegate.composition.server_record import ServerRecord, remove_record, write_record
from facegate.ports.model_files import FetchProgress
from facegate.settings.fields import effective_values, setting_fields
from facegate.settings.loading import LoadedSettings, load_settings
from facegate.settings.model import Settings

logger = logging.getLogger(__name__)

_SPARE_FILES = 500

_LEAST_SPARE_CONNECTIONS = 256
"""On the terminals' port, for those that have not registered yet and for plain HTTP, which is turned away."""


def set_up_process(loaded: LoadedSettings) -> None:
    """Logging, threads and memory of this process; logs the settings in force.

    Raises:
        CannotListen: the log file cannot be written.
    """
    settings = loaded.settings
    try:
        configure_logging(log_options(settings))
    except OSError as error:
        raise serving.CannotListen(
            f"The log file of FACEGATE_LOGGING__FILE cannot be written: {error.strerror or error}."
        ) from error
    limit_library_threads()
    limit_heap_growth()
    _allow_connections(settings)
    for notice in loaded.notices:
        logger.warning(notice)
    defaults = {field.env_name: field.default_text for field in setting_fields()}
    changed = {
        name: value for name, value in effective_values(settings).items() if value and value != defaults[name]
    }
    texts = [f"{name}={value}" for name, value in changed.items()]
    logger.info("settings that differ from the defaults: %s", "; ".join(texts) or "none")


def _allow_connections(settings: Settings) -> None:
    """Every connection is an open file, and many systems allow a program a thousand unasked."""
    wanted = _open_files(settings)
    allowed = allow_open_files(wanted)
    if allowed is not None and allowed < wanted:
        logger.warning(
            "this system allows %d open files, and as many connections as the settings allow need %d: "
            "raise the limit (ulimit -Hn, LimitNOFILE), or lower FACEGATE_SERVER__MAX_CONNECTIONS and "
            "FACEGATE_TERMINALS__MAX_CONNECTIONS",
            allowed,
            wanted,
        )


def _open_files(settings: Settings) -> int:
    connections = listen_options(settings).max_connections
    if settings.terminals.enabled:
        connections += terminal_listen_options(settings).max_connections
    return connections + _SPARE_FILES


def log_options(settings: Settings) -> LogOptions:
    """What the settings say of logging, with the secrets that must not appear."""
    secrets = (
        settings.access.token,
        settings.access.admin_push_key,
        settings.storage.database_url,
        settings.redis.password,
        settings.sink.url,
        settings.sink.mssql_password,
    )
    return LogOptions(
        level=settings.logging.level,
        is_json=settings.logging.format == "json",
        file=settings.logging.file,
        max_bytes=settings.logging.max_bytes,
        backup_count=settings.logging.backup_count,
        secrets=tuple(secret.get_secret_value() for secret in secrets if secret is not None),
    )


def listen_options(settings: Settings) -> serving.ListenOptions:
    """What the settings say of ports and TLS."""
    server = settings.server
    return serving.ListenOptions(
        host=server.host,
        port=server.port,
        extra_ports=server.extra_ports,
        tls_certificate_file=server.tls_certificate_file,
        tls_key_file=server.tls_key_file,
        trusted_proxies=server.trusted_proxies,
        keep_alive_s=server.keep_alive_s,
        max_connections=server.max_connections,
        shutdown_timeout_s=server.shutdown_timeout_s,
        max_message_bytes=settings.presence.max_message_bytes,
        ping_interval_s=settings.presence.ping_interval_s,
    )


def terminal_listen_options(settings: Settings) -> serving.ListenOptions:
    """What the settings say of the terminals' own port."""
    chosen = settings.terminals
    return replace(
        listen_options(settings),
        host=chosen.host or settings.server.host,
        port=chosen.port,
        extra_ports=(),
        max_connections=chosen.max_connections + max(_LEAST_SPARE_CONNECTIONS, chosen.max_connections // 4),
        may_share_address=True,
        max_message_bytes=chosen.max_message_bytes,
        ping_interval_s=chosen.ping_interval_s,
        ping_timeout_s=chosen.ping_timeout_s,
        port_setting="FACEGATE_TERMINALS__PORT",
        host_setting="FACEGATE_TERMINALS__HOST",
    )


@dataclass(frozen=True, slots=True, eq=False)
class OpenPorts:
    """The bound sockets of the main port and of the terminals'; the latter may be none."""

    main: list[socket.socket]
    terminals: list[socket.socket]

    def close(self) -> None:
        """Both; twice does no harm."""
        serving.close_all([*self.main, *self.terminals])


@dataclass(frozen=True, slots=True, eq=False)
class PreparedServer:
    """Ports are open and the application is built: nothing that the operator did can go wrong any more."""

    application: Application
    app: FastAPI
    options: serving.ListenOptions
    ports: OpenPorts

    def run(self, announce: Callable[[list[str]], None]) -> None:
        """Serves until it is told to stop; `announce` gets the lines to show once it is ready."""
        folder = self.application.settings.storage.data_folder
        urls = serving.urls_of(self.ports.main, self.options.scheme)
        terminal_urls = serving.urls_of(self.ports.terminals, self.options.web_socket_scheme)

        def on_started() -> None:
            terminal_url = terminal_urls[0] if terminal_urls else None
            write_record(folder, ServerRecord(urls[0], os.getpid(), facegate.__version__, terminal_url))
            announce(_greeting(self.application, urls, terminal_urls))

        config = serving.server_config(self.app, self.options)
        server = AnnouncingServer(
            config,
            on_started,
            lambda: remove_record(folder),
            lambda: say_goodbye(self.app),
            further_ports=self._further_ports(),
        )
        try:
            serving.run_server(server, self.ports.main)
        finally:
            self.ports.close()

    def _further_ports(self) -> list[FurtherPort]:
        app = terminal_port_app(self.app)
        if app is None:
            return []
        options = terminal_listen_options(self.application.settings)
        config = serving.server_config(app, options, has_lifespan=False)
        return [FurtherPort(config, self.ports.terminals)]


def prepare(settings: Settings, progress: FetchProgress | None = None) -> PreparedServer:
    """Opens the ports, then the gallery and the nets.

    Raises:
        CannotListen: a port or the certificate cannot be used.
        FacegateError: the data folder is in use, a needed model cannot be had, the store is damaged.
    """
    options = listen_options(settings)
    serving.check_tls_files(options)
    ports = _open_ports(settings, options)
    try:
        application = build_application(settings, progress=progress, is_serving=True)
    except BaseException:
        ports.close()
        raise
    app = make_app(application)
    give_free_memory_back()
    return PreparedServer(application, app, options, ports)


def _open_ports(settings: Settings, options: serving.ListenOptions) -> OpenPorts:
    main = serving.open_sockets(options)
    if not settings.terminals.enabled:
        return OpenPorts(main, [])
    try:
        return OpenPorts(main, serving.open_sockets(terminal_listen_options(settings)))
    except serving.CannotListen:
        serving.close_all(main)
        raise


def run_reloading(settings: Settings) -> None:
    """Serves for development: a child process builds everything anew when our sources change."""
    options = listen_options(settings)
    serving.check_tls_files(options)
    sockets = serving.open_sockets(options)
    logger.info("serving on %s, reloading on change", ", ".join(serving.urls_of(sockets, options.scheme)))
    serving.run_reloading(f"{__name__}:development_app", options, sockets, Path(facegate.__file__).parent)


def development_app() -> FastAPI:
    """What the child process of a reloading server serves."""
    loaded = load_settings()
    set_up_process(loaded)
    return make_app(build_application(loaded.settings, is_serving=True))


def _greeting(application: Application, urls: list[str], terminal_urls: list[str]) -> list[str]:
    token = application.token
    counts = application.gallery.counts()
    where = f"in the file {token.file}" if token.file else "the one from FACEGATE_ACCESS__TOKEN"
    if token.is_new:
        where = f"{token.secret}\n{'':16}(new; shown this once, kept in {token.file})"
    missing = ", ".join(application.engine.missing_models)
    return [
        f"facegate {facegate.__version__} serves on {urls[0]}",
        *(f"  also on       {url}" for url in urls[1:]),
        *(f"  terminals     {url}" for url in terminal_urls),
        f"  documentation {urls[0]}/docs",
        f"  token         {where}",
        f"  gallery       {counts.subject_count} people, {counts.template_count} templates "
        f"({application.gallery.model_id})",
        *([f"  NOT LOADED    {missing}: checks that need it are refused"] if missing else []),
        "  stop          Ctrl+C",
    ]
