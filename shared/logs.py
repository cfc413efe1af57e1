"""The one logger: JSON lines with the request's ids, and without tokens."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from shared.redaction import without_tokens


class _Redacting(LambdaPowertoolsFormatter):
    def serialize(self, log: Any) -> str:  # noqa: ANN401 - as Powertools has it
        return without_tokens(super().serialize(log))


logger = Logger(logger_formatter=_Redacting())
