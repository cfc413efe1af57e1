"""What the page costs: bytes over the wire, and exchanges with the database."""

from psycopg import Connection

from shared.domain import DomainContext
from tests.factories import hand_over, make_carrier_config, make_job
from tests.functional.page_browser import Browser
from tests.wire import counted

#: A page as it goes over the wire is not compressed by API Gateway: it is as large as its text.
FIRST_PAGE_BYTES, POLL_BYTES = 60_000, 300


def test_a_large_job_s_first_page_and_its_polls_are_small(
    browser: Browser, owner: Connection, ctx: DomainContext
) -> None:
    """Naive: five hundred rows at once, and all of them again every two seconds."""
    make_carrier_config(owner, ctx.workspace_id)
    job = make_job(owner, ctx, items=500)
    hand_over(ctx, job)
    path = f"/app/jobs/{job.job_id}"
    browser.get(path)
    with counted() as traffic:
        page = browser.get(path)
    assert page.status == 200
    assert len(page.text.encode()) < FIRST_PAGE_BYTES
    assert traffic.round_trips <= 5
    first = browser.get(f"{path}/live?status=&cursor=")
    with counted() as traffic:
        poll = browser.ask("GET", first.path, headers={"if-none-match": first.headers["etag"]})
    assert poll.status == 304
    assert traffic.round_trips == 1
    assert sum(len(name) + len(value) + 4 for name, value in poll.headers.items()) < POLL_BYTES


def test_what_a_page_shows_first_has_the_etag_of_what_it_asks_for_next(
    browser: Browser, owner: Connection, ctx: DomainContext
) -> None:
    """Naive: the first poll sends the whole again."""
    job = make_job(owner, ctx)
    page = browser.get(f"/app/jobs/{job.job_id}")
    etag = page.text.partition('data-etag="')[2].partition('"')[0]
    poll = browser.ask("GET", f"/app/jobs/{job.job_id}/live?status=&cursor=", headers={"if-none-match": f'"{etag}"'})
    assert poll.status == 304


def test_today_asks_for_all_of_it_at_once(browser: Browser, owner: Connection, ctx: DomainContext) -> None:
    """Naive: queries for each open job, every two seconds."""
    make_carrier_config(owner, ctx.workspace_id)
    for _ in range(3):
        make_job(owner, ctx, items=1)
    first = browser.get("/app/today")
    with counted() as traffic:
        poll = browser.ask("GET", "/app/today", headers={"if-none-match": first.headers["etag"]})
    assert poll.status == 304
    assert traffic.round_trips == 1
