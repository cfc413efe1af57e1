"""Metrics of single moments, as lines of the embedded metric format in the log."""

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit


def count(name: str, value: int) -> None:
    """Count something; the metric's only dimension is the service, so that there are as many as there are names."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value):
        pass
