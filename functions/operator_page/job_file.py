"""A job's items as a CSV file."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from functions.operator_page.csv_files import csv_text
from functions.operator_page.formats import file_time
from functions.operator_page.ids import id_of
from functions.operator_page.items import recipient_of, shown_status, words_of_items
from functions.operator_page.jobs import asked_filter
from functions.operator_page.language import _, said_of
from functions.operator_page.routing import routes
from functions.operator_page.visit import READ, ctx, here, need
from functions.operator_page.web_answers import file
from shared import domain
from shared.http.domain_api import data_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from aws_lambda_powertools.event_handler import Response

#: Characters of the robot's words: 10,000 items with them fit into what a Lambda may answer (6 MB).
_MOST_WORDS = 200


@routes.get("/app/jobs/<job_id>/file")
def download_job(job_id: str) -> Response[str]:
    """Give the items of a job, all or those of a filter, as a CSV file."""
    need(READ)
    pages = _pages(id_of(job_id))
    first = next(pages)
    is_lookup = first.job.kind == "guide_lookup"
    header = [
        *(_("Order"), _("Recipient"), _("City"), _("Status"), _("Number in the portal"), _("Guide")),
        *(_("Other numbers"), _("What happened"), _("Words"), _("Item")),
    ]
    rows = (
        (
            item.order_name,
            recipient_of(item),
            item.validated_city or (item.value_sent or {}).get("ciudad"),
            said_of(words_of_items(found.job.kind), shown_status(item)),
            item.pedido_number if is_lookup else item.tracking_number,
            item.guide_number,
            " ".join(item.other_numbers),
            said_of("error", item.error_type),
            (item.error_message or "")[:_MOST_WORDS],
            item.id,
        )
        for found in chain([first], pages)
        for item in found.items
    )
    kind = "guias" if is_lookup else "lote"
    return file(f"{kind}-{file_time(first.job.created_at)}.csv", csv_text(header, rows))


def _pages(job_id: UUID) -> Iterator[domain.JobItemsPage]:
    status = asked_filter(here().query.get("status"))
    cursor = None
    while True:
        params = domain.GetJobPageParams(job_id, status, limit=500, cursor=cursor)
        found = data_of(domain.get_job_page(ctx(), params))
        yield found
        cursor = found.next_cursor
        if cursor is None:
            return
