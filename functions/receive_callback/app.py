"""POST /robot-callbacks: pass the robot's report of one order on, whatever it looks like."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.receive_callback.events import item_completed
from functions.receive_callback.models import DESCRIBED_BODY, Received
from functions.receive_callback.passing import pass_on
from shared.http import refusal_page as page
from shared.http.resolver import Api
from shared.logs import logger
from shared.robot.callback_token import CallbackTokenError, verify_callback_token
from shared.robot.report import UnreadableReportError, cut, parse_report

app = Api(json_bodies=False)
SECURITY: list[dict[str, list[str]]] = [{"callbackSecret": []}]


@app.post("/robot-callbacks", status_code=202, security=SECURITY, tags=["Robot"], openapi_extensions=DESCRIBED_BODY)
def receive() -> Received:
    """Take the robot's report of one order."""
    event = app.current_event
    try:
        hand_over = verify_callback_token(event.headers.get("X-Callback-Secret", ""))
    except CallbackTokenError as error:
        raise page.invalid_callback_secret(str(error)) from error
    logger.append_keys(
        job_id=str(hand_over.job_id), workspace_id=str(hand_over.workspace_id), dispatch=hand_over.dispatch
    )
    try:
        report = parse_report(event.body, is_base64=bool(event.is_base64_encoded))
    except UnreadableReportError as error:
        # The log is the only place left where somebody can find it.
        logger.error("report without an item", reason=str(error), report=cut(event.body or ""))
        raise page.report_not_understood(str(error)) from error
    logger.append_keys(item_id=str(report.item_id), status=report.status, tracking_number=report.tracking_number)
    pass_on(item_completed(hand_over, report))
    for remark in report.remarks:
        logger.warning("part of a report left out", item_id=str(report.item_id), remark=remark)
    if not report.understood:
        logger.error("report not understood", item_id=str(report.item_id), report=report.error_message)
        raise page.status_not_understood()
    return Received(received=True)


@app.exception_handler(Exception)  # type: ignore[untyped-decorator] # Powertools left its types out
def unavailable(error: Exception) -> Response[str]:
    """Ask for the report again: it was good, and what failed is on this side."""
    logger.error("report not passed on", exc_info=error)  # with its number, which nobody else has now
    return page.report_not_passed_on().problem.response()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event."""
    return app.resolve(event, context)
