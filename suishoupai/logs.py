"""Logs: one JSON object a line on standard output, with service and correlation id."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from suishoupai.masking import mask

CLIENT_LEFT = ("BrokenPipeError", "ConnectionResetError", "TimeoutError: timed out")
"""How a traceback ends that says no more than that."""
IDENTIFIERS = ("correlation", "event_id")
"""Made by a program, to be found again: never a phone number, and never changed."""


def configure(service: str, level: str = "INFO") -> None:
    """Sends structlog and the standard library's logging through one JSON renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )

    def name_service(
        _logger: object, _method: str, line: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return {"service": service, **line}

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                name_service,
                mask_people,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("amqp", "pymongo", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    # A refusal is an answer, not an incident: the container would log each with a traceback.
    logging.getLogger("nameko.containers").setLevel(logging.CRITICAL)
    logging.getLogger("nameko.web.server").addFilter(is_incident)


def is_incident(record: logging.LogRecord) -> bool:
    """Whether a line of the web server tells more than that a client left in the middle of its
    answer, as every listener to a stream does in the end."""
    last = record.getMessage().rstrip().rpartition("\n")[2]
    return not last.startswith(CLIENT_LEFT)


def mask_people(
    _logger: object, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Masks phone numbers and e-mail addresses in a whole line, whoever wrote it."""
    return {name: value if name in IDENTIFIERS else _masked(value) for name, value in line.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {_masked(name): _masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(each) for each in value]
    if value is None or isinstance(value, bool | float):
        return value
    text = str(value)
    masked = mask(text)
    return value if masked == text and isinstance(value, int) else masked
