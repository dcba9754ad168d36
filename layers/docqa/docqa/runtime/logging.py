"""One structured logger. It carries ids, counts and error names; never text of documents, questions or answers."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from docqa.errors import ParserFaultError

# Service and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL.
logger = Logger(utc=True)


def log_failure(error: BaseException) -> None:
    """Log an unexpected error by its class and the code lines it passed.

    Neither the message nor the values of variables are logged: both may quote a document.
    """
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    cause = type(error.__cause__).__name__ if error.__cause__ else None
    fields: dict[str, object] = {"error": type(error).__name__, "cause": cause, "frames": frames[-8:]}
    if isinstance(error, ParserFaultError):
        fields["parser_frames"] = list(error.frames)
    logger.error("failed", extra=fields)
