"""One JSON object a line on stderr; readable text where a person looks on. No line is worth a request."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
import structlog
from aiohttp.http import HttpProcessingError
from attrs import define, field
from prometheus_client import Counter
from structlog.typing import Processor

LINES_DROPPED = Counter("log_lines_dropped", "Lines of the log that could not be written", registry=None)
"""Of this process, as the log is: every application's registry shows it."""


@define(eq=False)
class SparingStream:
    """A stream whose full disk, or reader that has gone, breaks nobody who writes to it."""

    stream: TextIO
    _may_be_torn: bool = field(default=False, init=False)
    """Whether the stream may end in a piece of a line that found no more room."""

    def write(self, text: str) -> int:
        try:
            self.stream.write(f"\n{text}" if self._may_be_torn else text)
            self.stream.flush()
        except (OSError, ValueError):  # a ValueError: closed, or of letters that its encoding lacks
            LINES_DROPPED.inc()
            self._may_be_torn = True
        else:
            self._may_be_torn = False
        return len(text)

    def flush(self) -> None:
        """Every line was flushed as it was written."""

    def isatty(self) -> bool:
        return self.stream.isatty()


def configure_logging(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Set up structlog and the standard library's logging (aiohttp, alembic) for the process."""
    out: Any = SparingStream(sys.stderr if stream is None else stream)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _for_people() if out.isatty() else _for_programs()
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("aiohttp.server").addFilter(_without_bytes_of_requests)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)  # its lines hold whole addresses


def _without_bytes_of_requests(record: logging.LogRecord) -> bool:
    """What aiohttp says of a request that it cannot read quotes it, a cookie's secret as well."""
    if record.exc_info is not None and isinstance(record.exc_info[1], HttpProcessingError):
        record.msg, record.args = f"{record.getMessage()}: {type(record.exc_info[1]).__name__}", ()
        record.exc_info = record.exc_text = None
    return True


def _for_programs() -> list[Processor]:
    """Tracebacks as text without local variables: those hold what people wrote."""
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]


def _for_people() -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def access_line() -> Callable[[dict[str, Any]], None]:
    """How to write the line each request leaves: structlog's chain costs a third of a small request.

    Call it after `configure_logging`. The line looks like all others.
    """
    config = structlog.get_config()
    if not isinstance(config["processors"][-1], structlog.processors.JSONRenderer):
        log = structlog.get_logger("http").bind()
        return lambda told: log.info("request", **told)
    write = config["logger_factory"]().info
    return lambda told: write(_json({**told, **_OF_ACCESS, "timestamp": datetime.now(UTC)}))


_OF_ACCESS = {"event": "request", "level": "info"}


def _json(event: dict[str, Any], **_: object) -> str:
    """UTF-8 as it is (no \\u escapes). `default` is what structlog offers for foreign objects: repr."""
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_UTC_Z).decode()
    except orjson.JSONEncodeError:  # halves of surrogate pairs, huge numbers: what a defect had in its hands
        return json.dumps(event, default=repr, skipkeys=True)
