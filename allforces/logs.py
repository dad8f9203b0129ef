import logging


class OneLineFormatter(logging.Formatter):
    """One event is one line, tracebacks included, so that no request can write a second line into the log."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")
