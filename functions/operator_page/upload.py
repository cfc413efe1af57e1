"""Uploading a file: see what is in it, say what its columns are, import it step by step."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from functions.operator_page import order_file
from functions.operator_page.csv_files import csv_text
from functions.operator_page.html import page
from functions.operator_page.ids import id_of
from functions.operator_page.language import N_, _, refusal_text, said_by_code
from functions.operator_page.named import called_by_name, orders_of
from functions.operator_page.refused import too_large
from functions.operator_page.routing import routes
from functions.operator_page.told import told_values
from functions.operator_page.visit import WRITE_ORDERS, ctx, here, need
from functions.operator_page.web_answers import file, see
from shared import domain, intake
from shared.domain.uploads import MAX_NAME, MAX_UPLOAD_BYTES
from shared.http.domain_api import data_of
from shared.http.problems import ProblemError
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response

    from shared.http.problems import Problem

#: Rows that a preview shows.
_SHOWN = 20
#: Orders that could not be shipped, and that a preview lists.
_MOST_LISTED = 50
#: What an import counts, from step to step.
_COUNTED = ("new", "changed", "unchanged", "left_out")
_PASSED_OVER = "-"
COLUMN_NAMES = {
    "id": N_("Id of the order"),
    "external_id": N_("Number of the order at the shop"),
    "name": N_("Name of the order"),
    "recipient": N_("Recipient"),
    "identification": N_("Identification"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "address": N_("Address"),
    "city": N_("City"),
    "department": N_("Department"),
    "total_value": N_("Value"),
    "prepaid": N_("Prepaid (yes or no)"),
    "units": N_("Pieces"),
    "carrier": N_("Carrier"),
}


@routes.get("/app/upload")
def ask_for_file() -> Response[str]:
    """Ask for a file."""
    need(WRITE_ORDERS)
    return page("upload.html", column_names=COLUMN_NAMES)


@routes.post("/app/upload")
def keep_file() -> Response[str]:
    """Keep a file for a day, and show what is in it."""
    need(WRITE_ORDERS)
    name, content = here().files.get("file", ("", b""))
    if not content:
        why = _("The file is empty. Export it again.") if name else _("Choose a file first.")
        return page("upload.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, why=why, column_names=COLUMN_NAMES)
    if len(content) > MAX_UPLOAD_BYTES:
        return too_large()
    shown = "".join(each for each in name if each.isprintable())[-MAX_NAME:] or "pedidos"
    kept = data_of(domain.keep_upload(ctx(), domain.KeepUploadParams(shown, content, _said_before(content))))
    return see(f"/app/uploads/{kept.upload_id}")


@routes.get("/app/uploads/<upload_id>")
def preview(upload_id: str) -> Response[str]:
    """Show what is in a file, and what an import would do."""
    need(WRITE_ORDERS)
    return _preview(data_of(domain.get_upload(ctx(), id_of(upload_id))))


@routes.post("/app/uploads/<upload_id>/columns")
def choose_columns(upload_id: str) -> Response[str]:
    """Take what a person says the columns are."""
    need(WRITE_ORDERS)
    visit = here()
    known = {column.name for column in intake.COLUMNS} | {_PASSED_OVER}
    headings, names = visit.fields("heading"), visit.fields("column")
    mapping = {heading: name for heading, name in zip(headings, names, strict=False) if name in known}
    data_of(domain.choose_upload(ctx(), domain.ChooseUploadParams(id_of(upload_id), mapping)))
    return see(f"/app/uploads/{id_of(upload_id)}")


@routes.post("/app/uploads/<upload_id>/import")
def import_file(upload_id: str) -> Response[str]:
    """Import the next step of a file; each may be repeated, and the last one leads to the orders."""
    need(WRITE_ORDERS)
    visit = here()
    upload = data_of(domain.get_upload(ctx(), id_of(upload_id)))
    found = order_file.read(upload)
    if isinstance(found, intake.RefusedFile):
        return _preview(upload)
    confirmed = upload.confirmed
    step = _step(visit.field("step"))
    if step == 0:
        confirmed = [id_of(each) for each in visit.fields("alike")]
        choice = domain.ChooseUploadParams(upload.id, upload.mapping, confirmed)
        data_of(domain.choose_upload(ctx(), choice))
    done = {name: 0 if step == 0 else _count(visit.field(name)) for name in _COUNTED}
    steps = list(order_file.steps(found.orders))
    if step < len(steps):
        try:
            imported = order_file.import_step(steps[step], confirmed)
        except ProblemError as error:
            return _preview(upload, _stopped(error, written=sum(map(len, steps[:step]))), error.problem)
        publish_committed(ctx().workspace_id)
        done = {name: count + getattr(imported, name) for name, count in done.items()}
    if step + 1 >= len(steps):
        return see(f"/app/uploads/{upload.id}/imported?{urlencode(done)}")
    at = sum(map(len, steps[: step + 1]))
    return page("importing.html", upload=upload, step=step + 1, at=at, total=len(found.orders), done=done)


@routes.get("/app/uploads/<upload_id>/imported")
def show_imported(upload_id: str) -> Response[str]:
    """Say what an import did, and offer to ship its orders."""
    need(WRITE_ORDERS)
    upload = data_of(domain.get_upload(ctx(), id_of(upload_id)))
    done = {name: _count(here().query.get(name, "")) for name in _COUNTED}
    checked = order_file.check_again(upload)
    waiting, refused = len(checked.waiting_ids), len(checked.unshippable)
    return page("imported.html", upload=upload, done=done, waiting=waiting, refused=refused)


@routes.get("/app/uploads/<upload_id>/bad")
def download_bad(upload_id: str) -> Response[str]:
    """Give the rows that are refused, each with its reason, as a CSV file."""
    need(WRITE_ORDERS)
    found = order_file.read(data_of(domain.get_upload(ctx(), id_of(upload_id))))
    notes = found.refusals if isinstance(found, intake.RefusedFile) else ()
    rows = (
        (
            note.line,
            note.heading or note.column,
            note.name,
            note.written,
            said_by_code(note.code, note.why),
            note.other_line,
        )
        for note in notes
    )
    headings = [_("Line"), _("Column"), _("Order"), _("Written there"), _("Why"), _("The other line")]
    return file(f"{upload_id}.csv", csv_text(headings, rows))


def _preview(upload: domain.Upload, why: str | None = None, problem: Problem | None = None) -> Response[str]:
    found = order_file.read(upload)
    checked = None
    if isinstance(found, intake.OrderFile):
        try:
            checked = order_file.check(found.orders)
        except ProblemError as error:
            problem = problem or error.problem
            why = why or refusal_text(called_by_name(problem))
    rows: tuple[intake.OrderRow, ...] = found.orders if isinstance(found, intake.OrderFile) else found.readable
    return page(
        "preview.html",
        status=HTTPStatus.OK if why is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        upload=upload,
        found=found,
        is_refused=isinstance(found, intake.RefusedFile),
        headings=intake.read_headings(upload.content),
        column_names=COLUMN_NAMES,
        passed_over=_PASSED_OVER,
        checked=checked,
        unshippable=checked.unshippable[:_MOST_LISTED] if checked else [],
        changes=checked.changes[:_MOST_LISTED] if checked else [],
        told_values=told_values,
        others=orders_of(problem) if problem else (),
        rows=rows[:_SHOWN],
        count=len(rows),
        why=why,
    )


def _stopped(error: ProblemError, written: int) -> str:
    said = _("The import stopped: {why} Before that, {count} rows were written; they may be imported again.")
    return said.format(why=refusal_text(called_by_name(error.problem)), count=written)


def _said_before(content: bytes) -> dict[str, str]:
    """Return what somebody said of the workspace's last file, of headings that this one has, too."""
    headings = {heading.text for heading in intake.read_headings(content)}
    last = data_of(domain.get_last_mapping(ctx())).mapping
    return {heading: column for heading, column in last.items() if heading in headings}


def _count(text: str) -> int:
    """Return a number of rows; what is none of the page's own is nothing."""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0


def _step(text: str) -> int:
    """Return the step that the page's own form names; what is none begins anew."""
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) else 0
