"""Log formatting: one line per event."""

import logging


class OneLineFormatter(logging.Formatter):
    """Log formatter that writes one line per event, tracebacks included, which prevents log injection by requests."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")
