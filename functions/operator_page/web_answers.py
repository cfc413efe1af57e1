"""Answers that are no pages."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from functions.operator_page.visit import here


def see(path: str) -> Response[str]:
    """Send the browser on to one of the page's paths, by GET: a reload repeats nothing."""
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": here().url(path)}, body="")


def file(name: str, text: str) -> Response[str]:
    """Answer a CSV file to keep; table tools take it for UTF-8 by its first character."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    body = "\N{ZERO WIDTH NO-BREAK SPACE}" + text
    return Response(status_code=HTTPStatus.OK, content_type="text/csv; charset=utf-8", headers=headers, body=body)
