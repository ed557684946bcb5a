"""The log: one JSON object a line on standard error, from structlog, the standard library's logging, and warnings.

A line names things, and never says what they hold: of an error only what ``error_descriptions`` lets through, of
another library's message no value. Knows neither requests nor Flask.
"""

import json
import logging
import sys
import threading
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger

from webapp.error_descriptions import traceback_of
from webapp.settings import Settings

#: Loggers of other libraries whose first lines say what the server or a migration does, and quote nothing.
PLAIN_LOGGERS = ("uvicorn", "alembic")
LEFT_OUT = "(not logged)"
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z

log: FilteringBoundLogger = structlog.get_logger("customer_desk")


class Lines:
    """Standard error as structlog's logger: each line in one write, so that processes do not mix theirs up.

    A line that cannot be written, on a full disk or into a closed pipe, is lost; the request that it tells of is not.

    Attributes:
        lost: lines of this process that could not be written.
    """

    def __init__(self) -> None:
        """It looks for standard error anew with each line: whoever captures it gets it."""
        self.lost = 0
        self._torn = False

    def write(self, line: bytes) -> None:
        """Write one line, its end included."""
        try:
            stream = sys.stderr.buffer
            write = getattr(stream, "raw", stream).write
            if self._torn:
                line = b"\n" + line
            written = write(line) or 0
            while written < len(line):
                self._torn = True
                line = line[written:]
                written = write(line)
            self._torn = False
        except (OSError, ValueError, AttributeError, TypeError):  # full, gone, closed, none at all, would have to wait
            self.lost += 1

    debug = info = warning = error = critical = exception = write


LINES = Lines()


def _own_lines(*_name: object) -> Lines:
    return LINES


def configure_logging(settings: Settings) -> None:
    """Have everything of LOG_LEVEL and above written as JSON lines; of other libraries, warnings and worse."""
    level = getattr(logging, settings.log_level)
    structlog.configure(
        processors=[_line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_own_lines,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, StandardLines)]:
        root.removeHandler(handler)
    root.addHandler(StandardLines())
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("alembic").setLevel(max(level, logging.INFO))
    # Werkzeug would set itself to INFO, and say each request's address, query and all.
    logging.getLogger("werkzeug").setLevel(max(level, logging.WARNING))
    warnings.showwarning = _show_warning  # type: ignore[assignment] # it takes more, and says less


def own_logger() -> FilteringBoundLogger:
    """The logger as it is configured now: making one ready costs more than writing a line does."""
    ready: FilteringBoundLogger = log.bind()
    return ready


def log_uncaught_errors() -> None:
    """In a process of the server: an error that ends a process or a thread is a line, too."""
    sys.excepthook = lambda _kind, error, _trace: _log_uncaught(error)
    threading.excepthook = lambda told: _log_uncaught(told.exc_value)


def _line(_logger: object, level: str, entry: EventDict) -> bytes:
    """An entry as its line; the only processor of structlog."""
    entry["level"] = "error" if level == "exception" else level
    entry["timestamp"] = datetime.now(UTC)
    if "exc_info" in entry:
        error = _error_of(entry.pop("exc_info"))
        if error is not None:
            entry["exception"] = traceback_of(error)
    try:
        return orjson.dumps(entry, default=_name_of, option=_OPTIONS)
    except TypeError:  # half of a surrogate pair
        entry["timestamp"] = entry["timestamp"].isoformat()
        return json.dumps(entry, default=_name_of).encode() + b"\n"


def _error_of(told: Any) -> BaseException | None:
    if isinstance(told, BaseException):
        return told
    return told[1] if isinstance(told, tuple) else sys.exc_info()[1] if told else None


def _name_of(value: object) -> str:
    """What is no plain value is named, not shown: its ``repr`` may say anything."""
    return f"<{type(value).__name__}>"


class StandardLines(logging.Handler):
    """What other libraries log through the standard library, without the values that they put into their messages."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as a line."""
        with suppress(Exception):  # logging would print the record, values and all
            entry: EventDict = {
                "event": _words_of(record),
                "logger": record.name,
                "where": f"{record.module}:{record.lineno}",
            }
            if record.exc_info:
                entry["exc_info"] = record.exc_info
            LINES.write(_line(None, record.levelname.lower(), entry))


#: For a server that configures the standard library's logging by itself: its own loggers, as lines like all others.
SERVER_LOGGERS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"lines": {"()": StandardLines}},
    # Its warnings tell of single clients, who can cause as many as they like.
    "loggers": {"uvicorn": {"handlers": ["lines"], "level": "ERROR", "propagate": False}},
}


def _words_of(record: logging.LogRecord) -> str:
    """The message before values are put in; one that was put together beforehand may hold some already."""
    if record.name.partition(".")[0] in PLAIN_LOGGERS:
        return record.getMessage().partition("\n")[0]
    return record.msg if record.args and isinstance(record.msg, str) else LEFT_OUT


def _show_warning(_message: object, category: type[Warning], filename: str, lineno: int, *_more: object) -> None:
    """As ``warnings.showwarning``: which kind of warning, and whose; its text may quote a value."""
    entry: EventDict = {"event": "warning", "category": category.__name__, "where": f"{filename}:{lineno}"}
    LINES.write(_line(None, "warning", entry))


def _log_uncaught(error: BaseException | None) -> None:
    if isinstance(error, SystemExit):  # how a thread ends of its own will
        return
    LINES.write(_line(None, "critical", {"event": "uncaught error", "exc_info": error}))
