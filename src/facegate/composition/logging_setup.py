"""Where log lines go and what they look like. What is logged is decided where it happens."""

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

import orjson
from typing_extensions import override

from facegate.frontends.wire.request_log import current_request_id

_MASK = "********"

_STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# Their INFO tells what our own lines say already, or what only their authors want to know.
_QUIET_LOGGERS = (
    "alembic",
    "asyncio",
    "multipart",
    "python_multipart",
    "PIL",
    "watchfiles",
)

# Below WARNING they write whole addresses and headers, of cameras and webhooks (httpx, httpcore) and of
# WebSockets (uvicorn, which adds the start of every message, somebody's picture): passwords and tokens.
_ALWAYS_QUIET_LOGGERS = ("httpcore", "httpx", "uvicorn")


@dataclass(frozen=True, slots=True)
class LogOptions:
    """`file` None means the terminal (standard error); `secrets` never appear in a line."""

    level: str = "INFO"
    is_json: bool = False
    file: Path | None = None
    max_bytes: int = 10 * 2**20
    backup_count: int = 5
    secrets: Sequence[str] = ()


class _LineFormatter(logging.Formatter):
    """Adds the request's id and masks secrets, whatever form the line has."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = self.line(record)
        for secret in self._secrets:
            line = line.replace(secret, _MASK)
        return line

    def line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

    def trace(self, record: logging.LogRecord) -> str | None:
        return self.formatException(record.exc_info) if record.exc_info else None


class TextFormatter(_LineFormatter):
    """One line for people: local time, level, logger, request id, message."""

    @override
    def line(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).astimezone().isoformat(" ", "milliseconds")
        request_id = _request_id_of(record)
        shown_id = f" [{request_id}]" if request_id else ""
        # A line break in a message could forge a second line.
        message = record.getMessage().replace("\n", "\\n").replace("\r", "\\r")
        trace = self.trace(record)
        text = f"{moment} {record.levelname:<7} {record.name}{shown_id} {message}"
        return f"{text}\n{trace}" if trace else text


class JsonFormatter(_LineFormatter):
    """One JSON object per line, with the facts that the caller gave as fields of their own."""

    @override
    def line(self, record: logging.LogRecord) -> str:
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := _request_id_of(record):
            fields["request_id"] = request_id
        fields.update(
            (name, value)
            for name, value in vars(record).items()
            if name not in _STANDARD_ATTRIBUTES and name != "request_id"
        )
        if trace := self.trace(record):
            fields["trace"] = trace
        return orjson.dumps(fields, default=str).decode()


def configure_logging(options: LogOptions) -> None:
    """Sends everything from `logging` to one place, replacing what was set up before.

    Raises:
        OSError: the log file cannot be written.
    """
    formatter = (JsonFormatter if options.is_json else TextFormatter)(options.secrets)
    handler = _handler(options)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(options.level)
    is_debugging = options.level == "DEBUG"
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.NOTSET if is_debugging else logging.WARNING)
    for name in _ALWAYS_QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def _handler(options: LogOptions) -> logging.Handler:
    if options.file is None:
        return logging.StreamHandler(sys.stderr)
    options.file.parent.mkdir(parents=True, exist_ok=True)
    return RotatingFileHandler(
        options.file, maxBytes=options.max_bytes, backupCount=options.backup_count, encoding="utf-8"
    )


def _request_id_of(record: logging.LogRecord) -> str | None:
    request_id = str(getattr(record, "request_id", None) or current_request_id())
    return None if request_id == "-" else request_id
