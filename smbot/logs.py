"""One JSON object a line on standard error: what happened, never who wrote what, never a token."""

import logging
import re
import sys
import traceback
from collections.abc import Callable, MutableMapping
from datetime import timedelta
from typing import Any

import structlog

Line = MutableMapping[str, Any]
SECRET = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=://)[^/@\s]+(?=@)|(?<=[?&]ticket=)[\w-]+")
OURS = "smbot"
BOLT = "smbot.slack.bolt"
"""The logger that Bolt writes to: its lines may hold whole requests."""


def start(offset: Callable[[], timedelta], *, quiet: bool = False) -> None:
    """Send every log line, libraries' too, through one form. `offset`: how far the clock has been moved.

    `quiet`: warnings and errors alone.
    """
    handler = logging.StreamHandler(sys.stderr)
    shared: list[Any] = [structlog.stdlib.add_log_level, structlog.processors.TimeStamper("iso")]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_reticent, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_last(offset),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.WARNING if quiet else logging.INFO)
    logging.getLogger(BOLT).setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _last(offset: Callable[[], timedelta]) -> list[Any]:
    def moved(_logger: object, _name: str, line: Line) -> Line:
        seconds = offset().total_seconds()
        return {**line, "clock_moved_seconds": seconds} if seconds else line

    return [_reduced, moved, _masked, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _reticent(_logger: object, _name: str, line: Line) -> Line:
    """A library's own words may quote anybody: its logger and level say enough, with the place of an error."""
    record: logging.LogRecord = line["_record"]
    line["logger"] = record.name
    if record.name.partition(".")[0] != OURS or record.name == BOLT:
        line["event"], line["where"] = "library", f"{record.module}:{record.lineno}"
    return line


def _reduced(_logger: object, _name: str, line: Line) -> Line:
    """An exception as its kind and the places it came through: its message may hold what somebody wrote."""
    error = line.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line.update(kind_of(error))
    return line


def kind_of(error: BaseException) -> dict[str, object]:
    """What may be logged of an exception."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    cause = error.__cause__ or error.__context__
    told: dict[str, object] = {"error": type(error).__name__, "where": places[-12:]}
    if cause is not None:
        told["cause"] = type(cause).__name__
    return told | ({"inner": [kind_of(each) for each in inner]} if inner else {})


def _masked(_logger: object, _name: str, line: Line) -> Line:
    return {key: _without_secrets(value) for key, value in line.items()}


def _without_secrets(value: Any) -> Any:
    return SECRET.sub("…", value) if isinstance(value, str) else value
